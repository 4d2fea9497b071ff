"""The page /outbox (发件箱): the messages that would have been sent, for a trial on one's own machine."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from db import message
from db.message import Letter
from db.store.engine import Database
from notify.setup import shown_instead
from notify.texts import text_of
from rules.moment import SHANGHAI
from rules.verification import Channel
from web.settings import Settings

SHOWN: Final = 50
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")

STYLE: Final = (
    "body{font:16px sans-serif;margin:2em auto;max-width:46em}"
    "article{border-top:1px solid #999;padding:1em 0}pre{white-space:pre-wrap;font:inherit}"
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Refresh": "3",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def route(settings: Settings, db: Database) -> Route:
    """The route of the page; it does not exist with a gateway configured, or for any other machine."""
    open_here = shown_instead(settings.smtp_url, settings.sms_gateway, loopback=settings.loopback)

    async def page(request: Request) -> Response:
        if not open_here or not _from_here(request):
            raise HTTPException(404)
        async with db.read() as reader:
            letters = await message.newest(reader, SHOWN)
        return HTMLResponse(_html(letters), headers=HEADERS)

    return Route("/outbox", page)


def _from_here(request: Request) -> bool:
    """True if a browser asks this machine by its own name: no proxy hands it on, no foreign name leads here."""
    forwarded = any(name in request.headers for name in FORWARDED)
    return not forwarded and request.url.hostname in LOCAL


def _html(letters: Iterable[Letter]) -> str:
    shown = "".join(map(_article, letters)) or "<p>还没有消息。 Nothing yet.</p>"
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>发件箱 Outbox</title><style>{STYLE}</style>'
        "<h1>发件箱 Outbox</h1><p>未配置短信网关和邮件服务器：以下消息并未发出，仅在本机显示，最新的在最前。<br>"
        "No gateway is configured: these messages were not sent, only this machine shows them, the newest first.</p>"
        f"{shown}</html>"
    )


def _article(letter: Letter) -> str:
    text = text_of(letter.template, letter.values)
    at = f"{letter.created_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    sms = letter.channel is Channel.SMS
    title = "短信 SMS" if sms else f"邮件 Mail: {text.subject.zh} {text.subject.en}"
    body = text.sms if sms else text.mail
    return (
        f"<article><h2>{escape(title)}</h2><p>{escape(letter.to)}, {at}, {letter.template}</p>"
        f"<pre>{escape(body)}</pre></article>"
    )

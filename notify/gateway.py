"""The gateways by which messages are sent: their interface, and those for text messages (短信网关)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import orjson

from db.message import Letter
from notify.texts import text_of

CONSOLE: Final = "console"
FILE: Final = "file:"
CONNECT_SECONDS: Final = 10
REFUSING: Final = frozenset({400, 410, 422})
"""The answers of an SMS gateway about the message itself; any other answer may be different the next time."""


class Refused(Exception):
    """A message that will be refused however often it is tried; the text is a code, never a recipient or a content."""


class Later(Exception):
    """A message that may be sent another time; the text is a code, never a recipient or a content."""


class Gateway(Protocol):
    """Takes letters and sees that they arrive; where `keeps`, they are left to be looked at in the outbox."""

    keeps: bool

    async def send(self, letter: Letter) -> None:
        """Hand the letter on; returns once another system has taken charge of it.

        Raises Refused; any other error is tried again.
        """


class Console:
    """No gateway at all: the page /outbox shows what would have been sent (for one's own machine)."""

    keeps = True

    async def send(self, letter: Letter) -> None:
        """Leave it where it is."""


class Missing:
    """No gateway where one is needed: messages wait for one, and become dead letters after a day."""

    keeps = False

    async def send(self, letter: Letter) -> None:
        """Try later."""
        raise Later("NO_GATEWAY")


def sms_body(letter: Letter) -> dict[str, Any]:
    """A text message as gateways get it: the whole text, and its parts for those that have templates of their own."""
    text = text_of(letter.template, letter.values).sms
    return {
        "id": str(letter.id),
        "phone": letter.to,
        "template": letter.template,
        "values": dict(letter.values),
        "text": text,
    }


class FileGateway:
    """Appends each text message to a file, one JSON object a line, for whatever picks it up there."""

    keeps = False

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, letter: Letter) -> None:
        """Append it, readable by the owner only; on the disk when this returns."""
        await asyncio.to_thread(self._append, orjson.dumps(sms_body(letter), option=orjson.OPT_APPEND_NEWLINE))

    def _append(self, line: bytes) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)


class HttpGateway:
    """Posts each text message as JSON; the row's id is the Idempotency-Key, so that a second post is not a second SMS.

    2xx is taken charge of; 400, 410 and 422 refuse the message; anything else is tried again.
    """

    keeps = False

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, letter: Letter) -> None:
        """Post it; redirections are not followed and the environment's proxies not used."""
        # The worker bounds the whole; a gateway may take its time to answer.
        timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
            answer = await client.post(self._url, json=sms_body(letter), headers={"Idempotency-Key": str(letter.id)})
        if answer.status_code in REFUSING:
            raise Refused(f"HTTP_{answer.status_code}")
        if not answer.is_success:
            raise Later(f"HTTP_{answer.status_code}")


def sms_gateway(setting: str, without: Gateway) -> Gateway:
    """The gateway of HUSHI_SMS_GATEWAY: `file:/path`, `https://…`, or `console`, which is none."""
    if setting == CONSOLE:
        return without
    return FileGateway(Path(setting.removeprefix(FILE))) if setting.startswith(FILE) else HttpGateway(setting)

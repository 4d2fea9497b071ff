"""The page /verify (证书核验), for everybody: plain HTML without a script, and verified offline with one."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from db import signing_key as signing_keys
from graph.context import Services
from graph.schema.captcha import captcha_key
from graph.schema.node import global_id
from rules.captcha import CaptchaForm
from rules.errors import Invalid, Language, RateLimited, RegistryError
from rules.public_register import PublicCertificateState
from rules.receipt import SigningKey
from web import verify_page as page
from web.answer import unexpected
from web.negotiate import preferred_language
from web.request import address_of, body_of
from workflow.address import Budget
from workflow.receipt import PAGE
from workflow.session import CaptchaAnswer

FOLDER: Final = Path(__file__).parent / "static" / "verify"
VERIFY: Final = "/verify"
KEYS: Final = "/.well-known/hushi-signing-keys.json"
LONGEST: Final = 8192
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_OF_FILES: Final = {"Cache-Control": "no-cache", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_FOR_EVERYBODY: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
Handler = Callable[[Request, Language], Awaitable[Response]]


class _Files(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_OF_FILES)
        return response


def routes(shared: Services) -> list[BaseRoute]:
    """The page, its answers, the living page of each certificate, and the keys by which receipts are verified."""
    desk = _Desk(shared)
    return [
        Route(VERIFY, _guarded(desk.ask), methods=["GET"]),
        Route(VERIFY, _guarded(desk.answer), methods=["POST"]),
        Route(f"{VERIFY}/receipt", _guarded(desk.receipt), methods=["POST"]),
        Route(PAGE + "{token}", _guarded(desk.certificate), methods=["GET"]),
        Route(KEYS, desk.keys, methods=["GET"]),
        Mount("/static/verify", _Files(directory=FOLDER)),
    ]


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler, in the language asked for; what is refused is a page too."""

    async def answer(request: Request) -> Response:
        language = _language(request)
        try:
            return await handler(request, language)
        except RateLimited as refusal:
            wait = {"Retry-After": str(refusal.retry_after)}
            return _html(page.refused(refusal.words, language), 429, wait)
        except RegistryError as refusal:
            return _html(page.refused(refusal.words, language), 400)
        except Exception as bug:
            text = unexpected(bug, language)["errors"][0]["message"]
            return _html(page.message(text, language), 500)

    return answer


def _language(request: Request) -> Language:
    """The language that the address names, or else the one that the browser prefers."""
    named = request.query_params.get("lang", "")
    return Language(named) if named in {*Language} else preferred_language(request.headers.get("accept-language", ""))


class _Desk:
    """The pages of one process."""

    def __init__(self, shared: Services) -> None:
        self._shared = shared

    async def ask(self, request: Request, language: Language) -> Response:
        """The form, with a captcha; the spoken one for those who cannot see a picture."""
        return _html(await self._form(request, language))

    async def answer(self, request: Request, language: Language) -> Response:
        """The nurse, or that nobody is listed; a wrong captcha brings another one."""
        given = await _fields(request, self._shared)
        answer = CaptchaAnswer(captcha_key(given("captchaId")), given("captchaAnswer"), address_of(request))
        number, name = given("certificateNumber"), given("name")
        try:
            found = await self._shared.public.nurse(self._shared.db, number, name, answer, self._budget())
        except Invalid as wrong:
            text = await self._form(request, language, problem=wrong.problems[0].words.within(language), given=given)
            return _html(text, 400)
        return _html(page.unlisted(language), 404) if found is None else _html(page.nurse(found, language))

    async def certificate(self, request: Request, language: Language) -> Response:
        """The living page of a printed certificate; its script verifies what stands behind the #."""
        token = request.path_params["token"]
        shared, address = self._shared, address_of(request)
        found = await shared.public.certificate(shared.db, token, address, self._budget())
        if found is None:
            return _html(page.unlisted(language), 404)
        if found.state is PublicCertificateState.REPLACED or found.nurse is None:
            return _html(page.replaced(language), 410)
        return _html(page.nurse(found.nurse, language, keys=_published(await self._keys())))

    async def receipt(self, request: Request, language: Language) -> Response:
        """The worth of a receipt, where the browser cannot verify it."""
        given = await _fields(request, self._shared)
        shared, address = self._shared, address_of(request)
        found = await shared.public.receipt(shared.db, given("receipt"), address, self._budget())
        return _html(page.receipt(found.outcome, found.statement, language))

    async def keys(self, _: Request) -> Response:
        """The public keys with their dates, retired ones too."""
        return JSONResponse(_published(await self._keys()), headers=_FOR_EVERYBODY)

    async def _keys(self) -> list[SigningKey]:
        async with self._shared.db.read() as reader:
            return await signing_keys.every(reader)

    def _budget(self) -> Budget:
        return Budget(self._shared.limits.address_look_ups, self._shared.known_networks)

    async def _form(
        self,
        request: Request,
        language: Language,
        *,
        problem: str | None = None,
        given: Callable[[str], str] = lambda name: "",
    ) -> str:
        shared = self._shared
        in_words = request.query_params.get("captcha") == "words"
        form, address = CaptchaForm.WORDS if in_words else CaptchaForm.PICTURE, address_of(request)
        made = await shared.public.captcha(shared.db, form, language, address, self._budget())
        picture = None if made.picture is None else b64encode(made.picture).decode()
        captcha = page.Captcha(global_id("Captcha", made.id), picture, made.question)
        return page.form(captcha, _published(await self._keys()), language, problem=problem, given=given)


async def _fields(request: Request, shared: Services) -> Callable[[str], str]:
    body = await body_of(request, LONGEST, shared.limits.deadline_seconds)
    values: Mapping[str, list[str]] = parse_qs(body.decode("utf-8", "replace"))
    return lambda name: values.get(name, [""])[0].replace("\0", "")


def _published(keys: list[SigningKey]) -> dict[str, object]:
    """A JSON Web Key Set (RFC 7517, 8037), each key with its dates."""
    return {"keys": [_key(one) for one in keys]}


def _key(one: SigningKey) -> dict[str, str | None]:
    x = urlsafe_b64encode(one.public_key).decode().rstrip("=")
    until = None if one.retired_at is None else one.retired_at.isoformat()
    of = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig"}
    return {**of, "kid": one.id, "x": x, "activeFrom": one.active_from.isoformat(), "retiredAt": until}


def _html(text: str, status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(text, status, {**HEADERS, **(more or {})})

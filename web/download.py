"""POST /files: a ticket is turned into its file."""

from __future__ import annotations

from asyncio import timeout
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph.context import Services
from graph.limits import Limits
from graph.schema.ticket import FILES
from papers import paper
from papers.file import File, Maker, material
from rules.errors import NotFound, RegistryError
from rules.ticket import FileKind
from web.answer import HEADERS, refused, unexpected
from web.negotiate import preferred_language
from web.refusals import BadRequest, BodyTooLarge, TimedOut, UnsupportedMediaType
from web.request import body_of, decode, is_object
from workflow.ticket import redeem

LONGEST: Final = 1024
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_STATUS: Final[Mapping[str, int]] = {
    **{NotFound.code: 404, BadRequest.code: 400, BodyTooLarge.code: 413, UnsupportedMediaType.code: 415},
    **{"REQUEST_TIMEOUT": 408, TimedOut.code: 503},
}

MAKERS: Final[Mapping[FileKind, Maker]] = {
    FileKind.APPLICATION_FORM: paper.application_form,
    FileKind.ACCEPTANCE_NOTICE: paper.acceptance_notice,
    FileKind.CORRECTION_NOTICE: paper.correction_notice,
    FileKind.INTAKE_REFUSAL: paper.intake_refusal,
    FileKind.DECISION_LETTER: paper.decision_letter,
    FileKind.CERTIFICATE: paper.certificate_page,
    FileKind.MATERIAL: material,
}
"""The maker of each kind of file."""


def route(shared: Services) -> Route:
    """The route for downloads: a ticket gives its file, once."""

    async def download(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language", ""))
        try:
            file = await _file(shared, await _ticket(request, shared.limits))
        except RegistryError as refusal:
            return JSONResponse(refused(refusal, language), _STATUS.get(refusal.code, 400), HEADERS)
        except Exception as bug:
            return JSONResponse(unexpected(bug, language), 500, HEADERS)
        return Response(file.content, media_type=file.media_type, headers=headers_of(file))

    return Route(FILES, download, methods=["POST"])


def headers_of(file: File) -> dict[str, str]:
    """Headers under which a file is saved by its name (RFC 6266), never shown in our own origin, never kept."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in file.name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return {
        "Content-Disposition": disposition,
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


async def _file(shared: Services, ticket: str) -> File:
    try:
        async with timeout(shared.limits.deadline_seconds):
            found = await redeem(shared.db, ticket)
            return await MAKERS[found.file](shared.db, found.viewer, found.subject)
    except TimeoutError:
        raise TimedOut(shared.limits.deadline_seconds) from None


async def _ticket(request: Request, limits: Limits) -> str:
    """The ticket of a browser's form, or of a program's JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (FORM, JSON):
        raise UnsupportedMediaType
    body = await body_of(request, LONGEST, limits.deadline_seconds)
    found = _of_form(body) if kind == FORM else _of_json(body, limits)
    if not isinstance(found, str) or not found:
        raise BadRequest("须提交下载凭证ticket", "Send the `ticket`.")
    return found


def _of_form(body: bytes) -> Any:
    values = parse_qs(body.decode("utf-8", "replace")).get("ticket", [])
    return values[0] if len(values) == 1 else None


def _of_json(body: bytes, limits: Limits) -> Any:
    value = decode(body, limits)
    return value.get("ticket") if is_object(value) else None

"""POST /files: a ticket is turned into its file."""

from __future__ import annotations

import asyncio
import re
from asyncio import timeout
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graph.context import Services
from graph.limits import Limits
from graph.schema.ticket import FILES
from papers import own_record, paper
from papers.file import File, Maker, StampedMaker, information_proof, manual, material, photos, question_file
from papers.hand_out import hand_out_list
from papers.printer import TooLargeToPrint
from rules.errors import NotFound, RateLimited, RegistryError, Unavailable
from rules.ticket import Downloaded, FileKind, RecordFile, TicketSpent, is_long
from web.answer import HEADERS, refused, unexpected
from web.negotiate import preferred_language
from web.refusals import BadRequest, BodyTooLarge, NoSuchRange, TimedOut, UnsupportedMediaType
from web.request import body_of, decode, is_object
from workflow.receipt import Stamp
from workflow.ticket import redeem

LONGEST: Final = 1024
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_STATUS: Final[Mapping[str, int]] = {
    **{NotFound.code: 404, BadRequest.code: 400, BodyTooLarge.code: 413, UnsupportedMediaType.code: 415},
    **{"REQUEST_TIMEOUT": 408, TimedOut.code: 503, Unavailable.code: 503, RateLimited.code: 429},
    **{TooLargeToPrint.code: 413, NoSuchRange.code: 416},
}
_REST: Final = re.compile(r"bytes=(\d{1,18})-")

MAKERS: Final[Mapping[Downloaded, Maker]] = {
    FileKind.APPLICATION_FORM: paper.application_form,
    FileKind.ACCEPTANCE_NOTICE: paper.acceptance_notice,
    FileKind.CORRECTION_NOTICE: paper.correction_notice,
    FileKind.INTAKE_REFUSAL: paper.intake_refusal,
    FileKind.EXTENSION_NOTICE: paper.extension_notice,
    FileKind.PAUSE_NOTICE: paper.pause_notice,
    FileKind.DEREGISTRATION_LETTER: paper.deregistration_letter,
    FileKind.DECISION_LETTER: paper.decision_letter,
    FileKind.CERTIFICATE: paper.certificate_page,
    FileKind.HAND_OUT_LIST: hand_out_list,
    FileKind.EXPIRY_NOTICE: paper.expiry_notice,
    FileKind.MATERIAL: material,
    RecordFile.OWN_PDF: own_record.own_pdf,
    RecordFile.OWN_DATA: own_record.own_data,
    RecordFile.RELATIVE_PDF: own_record.relative_pdf,
    FileKind.INFORMATION_PROOF: information_proof,
    FileKind.PHOTO: photos,
    FileKind.QUESTION_FILE: question_file,
    FileKind.MANUAL: manual,
}
"""The maker of each kind of file."""
STAMPED: Final[Mapping[Downloaded, StampedMaker]] = {
    FileKind.APPLICATION_FORM: paper.application_form,
    FileKind.CERTIFICATE: paper.certificate_page,
}
"""The makers of those that bear a receipt."""


def route(shared: Services) -> Route:
    """The route for downloads: a ticket gives its file, once, though it may arrive in parts."""

    async def download(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language", ""))
        try:
            part = part_of(request.headers)
            file = await _file(shared, await _ticket(request, shared.limits), again=part is not None)
            return await _sent(file, part)
        except RegistryError as refusal:
            more = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, RateLimited) else {}
            return JSONResponse(refused(refusal, language), _STATUS.get(refusal.code, 400), {**HEADERS, **more})
        except Exception as bug:
            return JSONResponse(unexpected(bug, language), 500, HEADERS)

    return Route(FILES, download, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Part:
    """The rest of a file, from a byte to its end, that somebody asks for who has begun to read it."""

    start: int
    tag: str


def part_of(headers: Mapping[str, str]) -> Part | None:
    """The rest that is asked for; None for the whole, as for ranges that only those who have a part could name."""
    asked, tag = _REST.fullmatch(headers.get("range", "")), headers.get("if-range", "")
    return Part(int(asked[1]), tag) if asked and tag else None


async def _sent(file: File, part: Part | None) -> Response:
    """The file, or its rest where it is the same file still: whoever names its tag has seen its beginning."""
    content = file.content
    tag = f'"{(await asyncio.to_thread(sha256, content)).hexdigest()}"'
    headers = {**headers_of(file), "ETag": tag, "Accept-Ranges": "bytes"}
    if part is None:
        return Response(content, media_type=file.media_type, headers=headers)
    if part.tag != tag:
        raise TicketSpent
    if part.start >= len(content):
        raise NoSuchRange(len(content))
    headers["Content-Range"] = f"bytes {part.start}-{len(content) - 1}/{len(content)}"
    return Response(memoryview(content)[part.start :], 206, headers, file.media_type)


def _latin(file: File) -> str:
    """The name for programs that read no other: its own where it is ASCII, otherwise what kind of file it is."""
    stem, _, ending = file.name.rpartition(".")
    kept = re.sub(r"[^A-Za-z0-9.-]+", "_", stem).strip("_") if stem.isascii() else ""
    return f"{kept or file.latin}.{re.sub(r'[^A-Za-z0-9]+', '', ending)}"


def headers_of(file: File) -> dict[str, str]:
    """Headers under which a file is saved by its name (RFC 6266), never shown in our own origin, never kept."""
    disposition = f"attachment; filename=\"{_latin(file)}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return {
        "Content-Disposition": disposition,
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


async def _file(shared: Services, ticket: str, *, again: bool) -> File:
    seconds = shared.limits.deadline_seconds
    try:
        async with timeout(seconds):
            found = await redeem(shared.db, ticket, again=again)
        seconds = shared.limits.print_seconds if is_long(found.file, len(found.subjects)) else seconds
        async with timeout(seconds):
            about = (shared.db, found.viewer, found.subjects)
            if found.file in STAMPED:
                file = await STAMPED[found.file](*about, Stamp(shared.receipts, found.at))
            else:
                file = await MAKERS[found.file](*about)
            return replace(file, latin=found.file.lower().replace("_", "-"))
    except TimeoutError:
        raise TimedOut(seconds) from None


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

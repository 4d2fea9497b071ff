"""A GraphQL request with a file: the GraphQL multipart request specification, read strictly, one file at most."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from graph.limits import Limits
from rules.errors import Words
from rules.material import MATERIAL_BYTES, UploadedFile
from web.arrivals import Arrival
from web.refusals import BadRequest, BodyTooLarge, UnsupportedMediaType
from web.request import Ask, decode, from_object, is_object

MULTIPART: Final = "multipart/form-data"
PREFLIGHT: Final = ("apollo-require-preflight", "x-apollo-operation-name")
_AROUND: Final = 16 * 1024
"""The bytes that boundaries, headers and the map may take besides the operations and the file."""
_DEPTH: Final = 8


class PreflightRequired(UnsupportedMediaType):
    """The request lacks a header that makes a browser ask first; a form alone is sent to any site without asking."""

    words = Words(
        "multipart/form-data请求须带apollo-require-preflight请求头",
        "Send multipart/form-data with the header `apollo-require-preflight`, or send application/json in UTF-8.",
    )


def is_upload(request: Request) -> bool:
    """True if a request comes with a file; refuses one that a browser may have sent unasked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != MULTIPART:
        return False
    if not any(request.headers.get(name) for name in PREFLIGHT):
        raise PreflightRequired
    return True


async def from_multipart(request: Request, limits: Limits, arrival: Arrival) -> Ask:
    """Read `operations`, `map` and the one file, which takes the place of the null that the map points to."""
    stream = _limited(request, limits, arrival)
    parser = _Parser(request.headers, stream, max_files=1, max_fields=2, max_part_size=limits.body_bytes)
    try:
        return await _read(await parser.parse(), limits)
    except ClientDisconnect:
        raise BadRequest("请求体不完整", "The body ended too early.") from None
    except (MultiPartException, ValueError, LookupError):
        raise _bad("multipart内容无法读取", "This is no multipart body with one file and two fields.") from None
    finally:
        parser.close()


class _Parser(MultiPartParser):
    """Holds the one file in memory, and lets go of it also where the body ended in its middle."""

    spool_max_size = MATERIAL_BYTES + _AROUND

    def close(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


async def _read(form: FormData, limits: Limits) -> Ask:
    operations = decode(_text(form, "operations"), limits)
    ask, file = from_object(operations), await _file(form, limits)
    field, path = _target(decode(_text(form, "map"), limits))
    if file is None or not isinstance(form.get(field), UploadFile):
        raise _bad("map所指的文件不存在", "`map` must name the part that is the file.")
    _put(operations, path, file)
    return ask


async def _limited(request: Request, limits: Limits, arrival: Arrival) -> AsyncGenerator[bytes, None]:
    """The body as it comes, given up at the first byte too many, and where it comes too slowly."""
    length = request.headers.get("content-length", "")
    allowed = limits.material_bytes + limits.body_bytes + _AROUND
    if length.isdecimal() and int(length) > allowed:
        raise BodyTooLarge(limits.material_bytes, "material_bytes")
    async for chunk in arrival.pieces(request.stream(), limits.deadline_seconds, limits.body_speed):
        if arrival.read > allowed:
            raise BodyTooLarge(limits.material_bytes, "material_bytes")
        yield chunk


async def _file(form: FormData, limits: Limits) -> UploadedFile | None:
    """The one file; a second one the parser has refused."""
    for _, part in form.multi_items():
        if isinstance(part, UploadFile):
            content = await part.read(limits.material_bytes + 1)
            if len(content) > limits.material_bytes:
                raise BodyTooLarge(limits.material_bytes, "material_bytes")
            return UploadedFile(part.filename or "", content)
    return None


def _text(form: FormData, name: str) -> str:
    values = form.getlist(name)
    if len(values) != 1 or not isinstance(values[0], str):
        raise _bad(f"{name}须为一个文本字段", f"`{name}` must be one text field.")
    return values[0]


def _target(places: object) -> tuple[str, list[str]]:
    """The one part and the one place that a map names: `{"0": ["variables.input.file"]}`."""
    match list(places.items()) if is_object(places) else None:
        case [(str(field), [str(path)])] if path.startswith("variables.") and path.count(".") <= _DEPTH:
            return field, path.split(".")
    raise _bad("map须指明一个文件和一处变量", '`map` must be like {"0": ["variables.input.file"]}: one file, one place')


def _put(operations: Any, path: list[str], file: UploadedFile) -> None:
    """The file takes the place of a null; anything else is refused."""
    inside = operations
    for step in path[:-1]:
        inside = _step(inside, step)
    if not isinstance(inside, dict) or path[-1] not in inside or inside[path[-1]] is not None:
        raise _bad("map所指之处须为null", f"There must be a null at `{'.'.join(path)}`.")
    inside[path[-1]] = file


def _step(inside: object, step: str) -> object:
    if isinstance(inside, Mapping):
        return inside.get(step)
    if isinstance(inside, list) and step.isdecimal() and len(step) <= _DEPTH and int(step) < len(inside):
        return inside[int(step)]
    return None


def _bad(zh: str, en: str) -> BadRequest:
    return BadRequest(zh, en)

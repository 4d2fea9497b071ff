"""The question of a client, read from a body, a query string or a frame."""

from __future__ import annotations

from asyncio import timeout
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeGuard

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.websockets import WebSocket

from graph.limits import Limits, TooComplex
from web.refusals import (
    BadRequest,
    BodyTooLarge,
    EncodedBody,
    MethodNotAllowed,
    PersistedQueryNotSupported,
    SlowBody,
    UnsupportedMediaType,
)

# The registered name, and the one that many clients write.
_UTF8: Final = frozenset({"utf-8", "utf8"})


@dataclass(frozen=True, slots=True)
class Ask:
    """One GraphQL request: a document, which of its operations, and the variables."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


async def from_request(request: Request, limits: Limits) -> Ask:
    """Read an HTTP request: GET carries everything in the query string, POST a JSON body."""
    match request.method:
        case "GET":
            return _from_query(request.query_params, limits)
        case "POST":
            _require_plain(request.headers.get("content-encoding", ""))
            _require_json(request.headers.get("content-type", ""))
            return from_object(decode(await body_of(request, limits.body_bytes, limits.deadline_seconds), limits))
    raise MethodNotAllowed("GET", "POST")


def from_object(value: object) -> Ask:
    """Read what the GraphQL-over-HTTP specification calls the request parameters."""
    if not is_object(value):
        raise BadRequest("请求须为JSON对象", f"The request must be a JSON object, not {_kind(value)}.")
    query, name, extensions = value.get("query"), value.get("operationName"), value.get("extensions")
    if query is None and is_object(extensions) and "persistedQuery" in extensions:
        raise PersistedQueryNotSupported
    if not isinstance(query, str):
        raise BadRequest("query须为字符串", "`query` must be a string.")
    if not isinstance(name, str | None):
        raise BadRequest("operationName须为字符串或null", "`operationName` must be a string or null.")
    for key in ("variables", "extensions"):
        if not (value.get(key) is None or is_object(value[key])):
            raise BadRequest(f"{key}须为对象或null", f"`{key}` must be an object or null.")
    return Ask(query, name or None, value.get("variables"))


def decode(text: bytes | str, limits: Limits) -> object:
    """Read JSON strictly: no NaN, no lone surrogate, no bad UTF-8, no number beyond a double, no NUL, not too deep."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest("内容不是合法的JSON", f"This is not JSON: {error}.") from None
    if _may_offend(text, limits.json_depth):
        _require_shallow(value, limits.json_depth)
    return value


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """True if a decoded JSON value is an object."""
    return isinstance(value, dict)


def _from_query(parameters: Mapping[str, str], limits: Limits) -> Ask:
    value: dict[str, object] = dict(parameters)
    for key in ("variables", "extensions"):
        if key in value:
            value[key] = decode(parameters[key], limits) if parameters[key] else None
    return from_object(value)


def _require_plain(encoding: str) -> None:
    if encoding.strip().lower() not in {"", "identity"}:
        raise EncodedBody


def _require_json(content_type: str) -> None:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [parameter.removeprefix("charset=").strip('"') for parameter in parameters if parameter]
    if kind != "application/json" or not _UTF8.issuperset(charsets):
        raise UnsupportedMediaType


async def body_of(request: Request, allowed: int, seconds: float) -> bytes:
    """The body, given up at the first byte too many and never waited for longer than that."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > allowed:
        raise BodyTooLarge(allowed)
    body = bytearray()
    try:
        async with timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > allowed:
                    raise BodyTooLarge(allowed)
    except TimeoutError:
        raise SlowBody from None
    except ClientDisconnect:
        raise BadRequest("请求体不完整", "The body ended too early.") from None
    return bytes(body)


def _may_offend(text: bytes | str, allowed: int) -> bool:
    """False for nearly all, which need no walk: no NUL is written in it, and fewer objects and arrays than levels."""
    raw = text.encode() if isinstance(text, str) else text
    return b"\\u0000" in raw or raw.count(b"{") + raw.count(b"[") > allowed


def _require_shallow(value: object, allowed: int) -> None:
    """Walk the value level by level, so that its depth costs no stack; PostgreSQL's text cannot hold a NUL."""
    depth, level = 0, [value]
    while level:
        if any(isinstance(one, str) and "\0" in one for one in level):
            raise BadRequest("字符串不得含有NUL字符", "A string may not contain the character U+0000.")
        containers = [one for one in level if isinstance(one, dict | list)]
        depth += 1
        if containers and depth > allowed:
            raise TooComplex("json_depth", allowed, depth)
        level = [inner for one in containers for inner in _members(one)]


def _members(container: dict[str, Any] | list[Any]) -> Iterable[object]:
    return chain(container.keys(), container.values()) if isinstance(container, dict) else container


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "an array"
    return "a number"


def combined(request: Request, name: str) -> str:
    """A header that may come in several lines, which mean one list (RFC 9110, 5.3)."""
    return ", ".join(request.headers.getlist(name))


def address_of(request: Request | WebSocket) -> str:
    """The address of the client, as given by a trusted proxy if there is one."""
    return request.client.host if request.client else ""

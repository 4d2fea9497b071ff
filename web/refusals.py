"""Refusals of the web floor, before the register is asked, and the form in which a client gets any refusal."""

from __future__ import annotations

import traceback
from typing import Any
from uuid import uuid4

import structlog

from graph.errors import plain_fields
from graph.limits import TooComplex
from rules.errors import Invalid, Language, RateLimited, RegistryError, Unavailable, Words
from rules.measures import sized

logger = structlog.get_logger()


class BadRequest(RegistryError):
    """The request cannot be read as GraphQL; `words` give the error in it."""

    code = "BAD_REQUEST"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


class MethodNotAllowed(RegistryError):
    """The HTTP method does not do this; `allowed` are those that do."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, *allowed: str) -> None:
        super().__init__(*allowed)
        self.allowed = ", ".join(allowed)
        self.words = Words(f"此请求只能用{self.allowed}方法", f"Use {self.allowed} for this.")


class NotAcceptable(RegistryError):
    """The client accepts no format that we can answer in."""

    code = "NOT_ACCEPTABLE"
    words = Words(
        "Accept须包含application/graphql-response+json、application/json或text/event-stream",
        "Accept one of application/graphql-response+json, application/json, text/event-stream.",
    )


class UnsupportedMediaType(RegistryError):
    """The body is not JSON in UTF-8."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    words = Words("请求体须为UTF-8编码的application/json", "Send the body as application/json in UTF-8.")


class EncodedBody(UnsupportedMediaType):
    """The body is compressed."""

    words = Words("请求体不得压缩（Content-Encoding）", "Send the body as it is, without a Content-Encoding.")


class PersistedQueryNotSupported(RegistryError):
    """The request has only the hash of its document; Apollo's and urql's clients then send the document."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    words = Words("PersistedQueryNotSupported", "PersistedQueryNotSupported")


class BodyTooLarge(RegistryError):
    """The body, or the file in it, is longer than this door takes; `limit` names the limit."""

    code = "PAYLOAD_TOO_LARGE"

    def __init__(self, allowed: int, limit: str = "body_bytes") -> None:
        super().__init__(allowed)
        self.allowed, self.limit = allowed, limit
        zh, en = sized(allowed)
        self.words = Words(f"请求体不得超过{zh}", f"The body may have at most {en}.")


class HeadTooLarge(RegistryError):
    """The request line and the headers are longer than this door takes."""

    code = "HEADERS_TOO_LARGE"

    def __init__(self, allowed: int) -> None:
        super().__init__(allowed)
        zh, en = sized(allowed)
        self.words = Words(f"请求头不得超过{zh}", f"The headers may have at most {en}.")


class SlowHead(RegistryError):
    """The request line and the headers did not arrive in time."""

    code = "REQUEST_TIMEOUT"
    words = Words("请求头未在规定时间内送达", "The headers did not arrive in time.")


class SlowBody(RegistryError):
    """The body did not arrive in time."""

    code = "REQUEST_TIMEOUT"
    words = Words("请求体未在规定时间内送达", "The body did not arrive in time.")


class NoSuchRange(RegistryError):
    """The rest of a file that is asked for begins behind its end."""

    code = "RANGE_NOT_SATISFIABLE"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        zh, en = sized(size)
        self.words = Words(f"该文件共{zh}，没有所请求的部分", f"The file has {en}, not those asked for.")


class TimedOut(RegistryError):
    """The operation took too long and was stopped."""

    code = "DEADLINE"

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.words = Words(
            f"操作未在{seconds:g}秒内完成，已停止，请缩小范围后重试",
            f"The operation was stopped after {seconds:g} seconds. Ask for less, or try again.",
        )


def shown(refusal: RegistryError, language: Language) -> dict[str, Any]:
    """A refusal as an entry of GraphQL's `errors`."""
    facts: dict[str, Any] = {}
    match refusal:
        case TooComplex():
            facts = {"limit": refusal.limit, "allowed": refusal.allowed, "found": refusal.found}
        case BodyTooLarge():
            facts = {"limit": refusal.limit, "allowed": refusal.allowed}
        case Invalid():
            facts = {"fields": plain_fields(refusal, language)}
        case RateLimited() | Unavailable():
            facts = {"retryAfter": refusal.retry_after}
    return {"message": refusal.words.within(language), "extensions": {"code": refusal.code, **facts}}


def report(bug: BaseException) -> str:
    """Log an unforeseen error, and give the number to find it by.

    The place is logged, the message is not: messages of PostgreSQL, for one, quote the values of a row.
    """
    incident = uuid4().hex
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(bug.__traceback__)]
    logger.error("unexpected error", incident=incident, error=type(bug).__name__, where=where)
    return incident

"""The answer: the result of an operation as JSON, and the status it travels under."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from graphql import GraphQLError
from starlette.responses import Response
from strawberry.types import ExecutionResult

from db.store.outage import OUTAGES, is_away
from graph.documents import Rejected
from graph.rendering import Pushed
from rules.errors import Language, RegistryError, Unavailable, Words
from web.negotiate import Media
from web.refusals import TimedOut, report, shown

__all__ = [
    "HEADERS",
    "Answer",
    "Pushed",
    "answer",
    "codes",
    "never_begun",
    "refused",
    "respond",
    "status_of",
    "unexpected",
]

Answer = dict[str, Any]
"""GraphQL's response: `data`, `errors`, `extensions`."""
logger = structlog.get_logger()

STATUS = {
    "UNAUTHENTICATED": 401,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "REQUEST_TIMEOUT": 408,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMITED": 429,
    "BAD_REQUEST": 400,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    # As Apollo Server answers it.
    "PERSISTED_QUERY_NOT_SUPPORTED": 200,
}
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", "X-Content-Type-Options": "nosniff"}


def answer(result: ExecutionResult) -> Answer:
    """The result in GraphQL's form; without `data` when the operation was never begun."""
    body: Answer = {}
    if not never_begun(result):
        body["data"] = result.data
    if result.errors:
        body["errors"] = [_coded(error) for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def refused(refusal: RegistryError | Rejected, language: Language) -> Answer:
    """The answer to an operation that was not run, or not to its end."""
    if not isinstance(refusal, Unavailable):  # the outage has its line
        logger.info("refused", code=refusal.code)
    if isinstance(refusal, Rejected):
        return {"errors": [dict(error.formatted) for error in refusal.errors]}
    begun = {"data": None} if isinstance(refusal, TimedOut) else {}
    return {**begun, "errors": [shown(refusal, language)]}


def unexpected(bug: Exception, language: Language) -> Answer:
    """The answer when something is wrong with us: only the number under which the log has it.

    A database that is away is no bug, and fills no log.
    """
    if is_away(bug):
        OUTAGES.notice(bug)
        return refused(Unavailable(), language)
    incident = report(bug)
    words = Words(f"系统错误，编号{incident}", f"Something went wrong on our side; its number is {incident}.")
    error = {"message": words.within(language), "extensions": {"code": "INTERNAL", "incident": incident}}
    return {"errors": [error]}


def never_begun(result: ExecutionResult) -> bool:
    """True if the request itself was at fault, for example a variable of the wrong type."""
    return result.data is None and bool(result.errors) and all(error.path is None for error in result.errors or ())


def codes(body: Answer) -> set[str]:
    """The codes of the errors in an answer."""
    return {error["extensions"]["code"] for error in body.get("errors", ()) if "code" in error.get("extensions", {})}


def respond(body: Answer, media: Media, headers: dict[str, str] | None = None) -> Response:
    """The answer as an HTTP response; one that is not a stream goes as JSON to clients that prefer a stream."""
    media = Media.GRAPHQL if media is Media.EVENTS else media
    kind = {"Content-Type": f"{media}; charset=utf-8"}
    response = Response(orjson.dumps(body), status_of(body, media), {**HEADERS, **kind, **(headers or {})})
    match response.status_code:
        case HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Bearer realm="hushi"'
        case HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.TOO_MANY_REQUESTS:
            waits = [
                error["extensions"]["retryAfter"] for error in body["errors"] if "retryAfter" in error["extensions"]
            ]
            response.headers["Retry-After"] = str(max(waits, default=1))
    return response


def status_of(body: Answer, media: Media) -> int:
    """The status of HTTP.

    GraphQL over HTTP: the older media type hides a refused document behind 200, the newer one says 400.
    """
    if body.get("data") is not None:
        return 200
    for code in codes(body):
        if code in STATUS:
            return STATUS[code]
    return 200 if "data" in body or media is Media.JSON else 400


def _coded(error: GraphQLError) -> dict[str, Any]:
    """The error; one that graphql-core raised about the variables gets the code that it lacks."""
    shape: dict[str, Any] = dict(error.formatted)
    if error.path is None and isinstance(error.original_error, GraphQLError | None):
        shape["extensions"] = {"code": "BAD_USER_INPUT", **shape.get("extensions", {})}
    return shape

"""The one map from a refusal to what clients see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError, get_operation_ast
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from db.store.outage import OUTAGES, is_away
from graph.offered import offered
from graph.schema import problem
from graph.schema.node import global_id
from graph.variables import misfits
from rules import errors
from rules.application import State
from rules.errors import Language, RegistryError, Unavailable, Words
from rules.label import Labelled
from rules.registration import RegistrationStatus, Standing

log = structlog.get_logger(__name__)
INTERNAL = Words("系统错误，请稍后再试", "Something went wrong on our side; try again later.")
Extra = Callable[[Any, Language], dict[str, Any]]


def _handler(refusal: type[RegistryError], extra: Extra = lambda e, language: {}) -> Any:
    face = problem.FACES[refusal]

    class Handler(strawberry.ExceptionHandler):  # type: ignore[type-arg]
        exception_type = refusal
        error_type = face

        def handle(self, exception: Any, *, field: Any, info: Any) -> Any:
            language = info.context.language
            if isinstance(exception, errors.RateLimited):
                info.context.wait(exception.retry_after)
            code = getattr(exception, "reason", exception.code)
            return face(code=code, message=exception.words.within(language), **extra(exception, language))

    return Handler()


def _fields(error: errors.Invalid, language: Language) -> dict[str, Any]:
    shown = [problem.FieldProblem.of(one, language) for one in error.problems]
    return {"fields": shown}


def _where(stands: Labelled) -> dict[str, object]:
    """The state of an application or a registration; that of anything else the message says."""
    if isinstance(stands, State):
        return {"state": stands, "standing": None}
    registered = isinstance(stands, Standing | RegistrationStatus)
    return {"state": None, "standing": Standing(stands) if registered else None}


HANDLERS = [
    _handler(errors.NotFound),
    _handler(
        errors.NotAllowed,
        lambda e, _: {"blocked_by": e.application_id and global_id("Application", e.application_id)},
    ),
    _handler(
        errors.WrongState,
        lambda e, _: {**_where(e.state), "open_steps": offered(e.open_steps)},
    ),
    _handler(
        errors.Conflict,
        lambda e, _: {"situation": e.situation, "current_version": e.current_version, "by": e.by, "at": e.at},
    ),
    _handler(errors.Invalid, _fields),
    _handler(errors.RateLimited, lambda e, _: {"retry_after": e.retry_after}),
]


def coded(error: GraphQLError, language: Language) -> GraphQLError:
    """An error as clients see it: a refusal keeps its code, a bug becomes an incident number."""
    if error.extensions and "code" in error.extensions:
        return error
    cause = _cause(error)
    if isinstance(cause, RegistryError):
        return _answered(error, cause.words.within(language), _extensions(cause, language))
    if cause is None or isinstance(cause, GraphQLError):
        return _answered(error, error.message, {"code": "BAD_USER_INPUT"})
    if is_away(cause):
        OUTAGES.notice(cause)
        return _answered(error, Unavailable.words.within(language), _extensions(Unavailable(), language))
    incident = uuid4().hex
    log.error("a resolver failed", incident=incident, error=type(cause).__name__, exc_info=cause)
    return _answered(error, INTERNAL.within(language), {"code": "INTERNAL", "incident": incident})


def _cause(error: GraphQLError) -> Exception | None:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _extensions(cause: RegistryError, language: Language) -> dict[str, Any]:
    more: dict[str, Any] = {"code": getattr(cause, "reason", cause.code)}
    if isinstance(cause, errors.Invalid):
        more["fields"] = plain_fields(cause, language)
    if isinstance(cause, errors.RateLimited | Unavailable):
        more["retryAfter"] = cause.retry_after
    return more


def plain_fields(error: errors.Invalid, language: Language) -> list[dict[str, str]]:
    """The problems of an input as plain JSON, outside of a problem type."""
    return [{"path": p.path, "code": p.code, "message": p.words.within(language)} for p in error.problems]


def _answered(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, error.nodes, path=error.path, extensions=extensions)


class Coded(SchemaExtension):
    """Every error that leaves has a code and a text for people; no bug shows its inside."""

    def on_operation(self) -> Iterator[None]:
        """Reword the errors of the answer."""
        yield
        self._reword(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Reword the errors of a pushed event."""
        self._reword(result)
        yield

    def _reword(self, result: Any) -> None:
        if getattr(result, "errors", None):
            language = self.execution_context.context.language
            result.errors = self._misfits(result.errors, language) or [
                coded(error, language) for error in result.errors
            ]

    def _misfits(self, reported: list[GraphQLError], language: Language) -> list[GraphQLError]:
        """The variables at fault, where the operation was not begun because of them."""
        asked = self.execution_context
        operation = get_operation_ast(asked.graphql_document, asked.operation_name) if asked.graphql_document else None
        if operation is None or any(error.path or error.extensions for error in reported):
            return []
        found = misfits(asked.schema._schema, operation, asked.variables or {})
        return [GraphQLError(one.words.within(language), operation, extensions=one.extensions) for one in found]


def log_refusals(errors_seen: list[GraphQLError], context: ExecutionContext | None) -> None:
    """Refusals are everyday business: INFO, by their codes alone, never with source lines or values."""
    refused = [error for error in errors_seen if not is_away(_cause(error))]  # an outage has its own line
    codes = sorted(
        {str((error.extensions or {}).get("code") or type(error.original_error).__name__) for error in refused}
    )
    if not refused:
        return
    log.info("refused", codes=codes, operation=context.operation_name if context else None)

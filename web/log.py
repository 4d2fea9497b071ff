"""The log of the process, on standard error: static messages with ids, never a person's name or number."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, Final

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

# Below this level they say what clients sent: paths with their query, statements, frames.
QUIET: Final = logging.WARNING


def configure(choice: str) -> None:
    """Send our log and the libraries' to standard error: `json` for machines, else the lowest level for people."""
    level = logging.INFO if choice == "json" else logging.getLevelNamesMapping()[choice.upper()]
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _written(choice)],
            foreign_pre_chain=[_first_line, *_shared()],
        )
    )
    logging.basicConfig(handlers=[handler], level=QUIET, force=True)
    for ours in ("rules", "workflow", "db", "graph", "notify", "web"):
        logging.getLogger(ours).setLevel(level)
    # A connection that is lost with its database is told once, by us.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    logging.captureWarnings(True)


def without_values(exc_info: ExcInfo) -> str:
    """The place of an error and its kinds of exceptions, without their messages, which may quote a person's data."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        lines = [*traceback.format_tb(error.__traceback__), type(error).__qualname__, "\n", *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(lines).rstrip()


def _first_line(_: object, __: str, event: EventDict) -> EventDict:
    """Cut what a library says: asyncio's later lines show the exception with its message."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.ExceptionRenderer(without_values),
    ]


def _written(choice: str) -> Any:
    if choice == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())

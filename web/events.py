"""Answers as a stream of server-sent events, in graphql-sse's distinct connections mode."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable

import orjson
from strawberry.http.streaming import AsyncTextStream, merge_stream_with_heartbeat

from web.answer import Answer

HEARTBEAT_SECONDS = 15
_CURSOR = re.compile(r"[\w=-]{1,512}")


def event_stream(answers: AsyncIterable[Answer]) -> AsyncGenerator[str, None]:
    """Each answer as a `next` event, then `complete`; a comment when there is nothing to say."""

    async def events() -> AsyncGenerator[str, None]:
        async for answer in answers:
            yield _next(answer)
        yield "event: complete\ndata:\n\n"

    stream: AsyncTextStream = merge_stream_with_heartbeat(
        events, lambda: ":\n\n", HEARTBEAT_SECONDS, send_initial_heartbeat=False
    )
    return stream()


def _next(answer: Answer) -> str:
    cursor = _cursor(answer)
    name = f"id: {cursor}\n" if cursor else ""
    return f"{name}event: next\ndata: {orjson.dumps(answer).decode()}\n\n"


def _cursor(answer: Answer) -> str | None:
    """The feed cursor that the message carries, so that a browser sends it back as Last-Event-ID."""
    for message in (answer.get("data") or {}).values():
        cursor = message.get("cursor") if isinstance(message, dict) else None
        if isinstance(cursor, str) and _CURSOR.fullmatch(cursor):
            return cursor
    return None

"""Answers as a stream of server-sent events, in graphql-sse's distinct connections mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from web.answer import HEADERS, Pushed
from web.negotiate import Media

HEARTBEAT_SECONDS: Final = 15
COMPLETE: Final = "event: complete\ndata:\n\n"


class EventStream(StreamingResponse):
    """Each answer as a `next` event, then `complete`; a comment when there is nothing to say.

    `retry` is what the client should wait before it comes back; `hosted` surrounds the stream while it lasts.
    """

    def __init__(
        self,
        answers: AsyncGenerator[Pushed, None],
        retry: int,
        hosted: Callable[[EventStream], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._answers, self._retry, self._hosted = answers, retry, hosted
        self._last: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._lines = self._write()
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        super().__init__(self._lines, headers=headers, media_type=Media.EVENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until it is complete, ended, or the client goes."""
        with self._hosted(self):
            try:
                await super().__call__(scope, receive, send)
            finally:
                await self._lines.aclose()

    async def stop(self) -> None:
        """End after the last whole event, without `complete`: so the client comes back, with Last-Event-ID."""
        self._end("")

    async def answers(self) -> bool:
        """True: nobody can ask the client of a stream."""
        return True

    async def give_way(self) -> None:
        """End, so that the client comes back later."""
        await self.stop()

    def refuse(self, last: Pushed) -> None:
        """End with this answer, whatever else there was to say."""
        self._end(_next(last) + COMPLETE)

    def _end(self, last: str) -> None:
        if not self._last.done():
            self._last.set_result(last)

    async def _write(self) -> AsyncGenerator[str, None]:
        # Only a line, since some clients take a block without an event for an event without a name.
        yield f"retry: {self._retry}\n"
        step: asyncio.Task[str] | None = None
        try:
            while not self._last.done():
                step = step or asyncio.create_task(self._step())
                await asyncio.wait({step, self._last}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not step.done() and not self._last.done():
                    yield ":\n\n"
                elif not self._last.done():
                    frame, step = step.result(), None
                    yield frame
            yield self._last.result()
        finally:
            if step:
                step.cancel()
                await asyncio.wait({step})
            await self._answers.aclose()

    async def _step(self) -> str:
        pushed = await anext(self._answers, None)
        if pushed is None:
            self._end(COMPLETE)
            return ""
        if "data" not in pushed.answer:  # nothing comes after that, nor does anybody else say it again
            self._end(_next(pushed) + COMPLETE)
            return ""
        return _next(pushed)


def _next(pushed: Pushed) -> str:
    name = f"id: {pushed.cursor}\n" if pushed.cursor else ""
    return f"{name}event: next\ndata: {orjson.dumps(pushed.answer).decode()}\n\n"

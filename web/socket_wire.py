"""The sockets under the door: Uvicorn's, but nothing waits without end for a client that has stopped reading."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from web.wire import FLUSH_SECONDS, Wire, WireConfig

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent


class _Inbox(asyncio.Queue["ASGIReceiveEvent"]):
    """The few messages that wait to be read by the one reader; a whole queue would be 3 kB of each idle socket."""

    def __init__(self) -> None:
        self._messages: list[ASGIReceiveEvent] = []
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """True if no message waits."""
        return not self._messages

    def put_nowait(self, item: ASGIReceiveEvent) -> None:
        """One message more."""
        self._messages.append(item)
        if self._reader and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> ASGIReceiveEvent:
        """The next message, when there is one."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._messages.pop(0)


# There is room in nearly every socket at nearly every time: these share one, and only one that is full has its own.
_ROOM = asyncio.Event()
_ROOM.set()


class SocketWire(Wire, WebSocketsSansIOProtocol):
    """A WebSocket whose client must answer pings, or at least go on reading."""

    def __init__(self, config: WireConfig, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self.close_timeout = self.patience
        self.queue, self.writable = _Inbox(), _ROOM

    def start_keepalive(self) -> None:
        """Forget the handshake, which is over, and begin the pings."""
        self.request.headers.clear()  # the parser keeps the request itself
        del self.request, self.response
        super().start_keepalive()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        super().connection_lost(exc)
        self.door.leave(self.host)

    def pause_writing(self) -> None:
        """The client has more to read than it has room for."""
        self.writable = asyncio.Event()

    def send_keepalive_ping(self) -> None:
        """Ask the client for a sign of life."""
        self.reads_on()
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """The answer has not come: perhaps much lies before the ping, and the client is still at it."""
        self.pong_timer = None
        if self.reads_on():
            self.pong_timer = self.loop.call_later(self.patience, self.keepalive_timeout)
        else:
            self.give_up()

    async def send(self, message: ASGISendEvent) -> None:
        """Send when the client has room.

        A close does not wait, and messages that waited for room are not sent any more.
        """
        if message["type"] == "websocket.close":
            self.writable.set()
        while not self.writable.is_set():
            await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Close a socket whose task has ended: the client has this time to read the end and say goodbye."""
        super().on_task_complete(task)
        if not self.disconnected:
            if self.close_timer:
                self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self.cut)

    def shutdown(self) -> None:
        """Stop with the server: messages sent so far are still delivered to a client that reads."""
        super().shutdown()
        self.loop.call_later(FLUSH_SECONDS, self.cut)

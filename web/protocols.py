"""The connections under the door: Uvicorn's, but nothing waits without end for a client that has stopped reading."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent

    from graph.limits import Limits
    from web.application import Application

FLUSH_SECONDS = 1
"""The time for a socket to read its goodbye, once everything else is done."""

_INFO = struct.Struct("=120xQ16xI")
"""Of Linux' tcp_info: the bytes that the peer has acknowledged, and those that wait for room at the peer's."""
_AT_ONCE = struct.pack("ii", 1, 0)

logger = structlog.get_logger()


class WireConfig(uvicorn.Config):
    """Uvicorn's settings and ours, and the count of the open connections of each address.

    Through a trusted proxy many come from one address: it bounds them itself.
    """

    def __init__(self, app: Application, limits: Limits, trusted: Sequence[str] = (), **options: Any) -> None:
        super().__init__(app, **options)
        self.limits = limits
        self._trusted = [ip_network(network) for network in trusted]
        self._open: Counter[str] = Counter()

    def enter(self, host: str) -> bool:
        """Count a connection in, False if it is one too many."""
        if self._open[host] >= self.limits.address_connections and not self._is_trusted(host):
            return False
        self._open[host] += 1
        return True

    def leave(self, host: str) -> None:
        """Count a connection out."""
        self._open[host] -= 1
        if not self._open[host]:
            del self._open[host]

    def _is_trusted(self, host: str) -> bool:
        return bool(host) and any(ip_address(host) in network for network in self._trusted)


class Wire:
    """The client as a reader: one that takes what waits for it may be as slow as it likes."""

    transport: asyncio.Transport
    config: uvicorn.Config
    client: tuple[str, int] | None
    taken = 0

    @property
    def door(self) -> WireConfig:
        """The settings, and the count of the connections."""
        assert isinstance(self.config, WireConfig)
        return self.config

    @property
    def host(self) -> str:
        """The address at the other end, which may be a proxy's."""
        return self.client[0] if self.client else ""

    @property
    def patience(self) -> float:
        """Half of the limit `stalled_seconds`: so long until the next ping, and so long for its answer."""
        assert self.config.ws_ping_timeout is not None
        return self.config.ws_ping_timeout

    def reads_on(self) -> bool:
        """True if data waits for the client and it has taken some of it since the last look.

        If this cannot be seen (not Linux), only the client's answers count.
        """
        connection, before = self.transport.get_extra_info("socket"), self.taken
        try:
            self.taken, unsent = _INFO.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
        except (AttributeError, OSError, struct.error):
            return False
        return self.taken > before and bool(unsent or self.transport.get_write_buffer_size())

    def cut(self) -> None:
        """Let go of the client, and of everything that waits for it; to close would wait for it to read on."""
        with suppress(OSError):  # it has gone meanwhile
            # Otherwise the kernel would go on offering what it has, up to megabytes.
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def give_up(self) -> None:
        """Cut off a client that shows no sign of reading."""
        logger.info("a client that reads nothing was cut off")
        self.cut()


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

"""The parts of both protocols: the settings under the door, and what can be seen of a client's reading."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from graph.limits import Limits
from workflow.address import KNOWN_TIMES, is_within, place_of

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

FLUSH_SECONDS: Final = 1
"""The time for a socket to read its goodbye, once everything else is done."""

_INFO = struct.Struct("=120xQ16xI")
"""Of Linux' tcp_info: the bytes that the peer has acknowledged, and those that wait for room at the peer's."""
_AT_ONCE = struct.pack("ii", 1, 0)

logger = structlog.get_logger()


class WireConfig(uvicorn.Config):
    """Uvicorn's settings and ours, and the count of the open connections of each address.

    Through a trusted proxy many come from one address: it bounds them itself.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        trusted: Sequence[str] = (),
        known: Sequence[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(app, **options)
        self.limits, self._trusted, self._known = limits, trusted, known
        self._open: Counter[str] = Counter()

    def enter(self, host: str) -> bool:
        """Count a connection in, False if it is one too many."""
        place = place_of(host) or host
        if self._open[place] >= self.limits.address_connections and not self._has_more(host, self._open[place]):
            return False
        self._open[place] += 1
        return True

    def leave(self, host: str) -> None:
        """Count a connection out."""
        place = place_of(host) or host
        self._open[place] -= 1
        if not self._open[place]:
            del self._open[place]

    def _has_more(self, host: str, now: int) -> bool:
        most = KNOWN_TIMES * self.limits.address_connections
        return is_within(host, self._trusted) or (now < most and is_within(host, self._known))


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


class UnframedCycle(RequestResponseCycle):
    """A response to HTTP/1.0, which knows no chunks (RFC 9112, 6.1): it lasts until the connection ends."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send without a frame where no length is given."""
        if message["type"] == "http.response.start":
            lengths = [name for name, _ in message.get("headers", ()) if name.lower() == b"content-length"]
            self.chunked_encoding = None if lengths else False
        elif message["type"] == "http.response.body" and self.expected_content_length == 0:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)

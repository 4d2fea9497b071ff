"""The socket that clients reach, and the server on it."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn

from rules.command_error import CommandError
from web.application import Application
from web.request_wire import RequestWire
from web.settings import Settings, SettingsError
from web.socket_wire import SocketWire
from web.stopping import on_stop
from web.wire import WireConfig

GOODBYE_SECONDS: Final = 5
FRAMES: Final = 16
"""A message that is this many times too long still ends only itself."""


class ListenError(CommandError):
    """The address cannot be listened on; the text gives the reason and the remedy."""


def listen(settings: Settings) -> socket.socket:
    """Take the address before anything else is started, so that a taken one is reported at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise SettingsError(f"HUSHI_HOST is {settings.host!r}: {error.strerror}.") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(settings.limits.stalled_seconds * 1000))
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        reason = (
            "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        )
        raise ListenError(
            f"Port {settings.port} of {settings.host} {reason}: stop what uses it, or set HUSHI_PORT to another."
        ) from error
    return listener


class Server(uvicorn.Server):
    """Uvicorn that leaves the signals to us, since the database must stop after it, and says when it is ready.

    Before it closes what is open it lets the application see everyone off.
    """

    def __init__(self, app: Application, settings: Settings, ready: Callable[[], None]) -> None:
        super().__init__(_config(app, settings))
        self._app, self._deadline, self._ready = app, settings.limits.deadline_seconds, ready
        self._goodbye: asyncio.Future[None] | None = None

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals as they are."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def run_on(self, listener: socket.socket) -> None:
        """Serve until a signal; a second one does not wait for the clients."""
        # What was imported stays; looking through it again and again would cost every request a little.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        on_stop(lambda: self.handle_exit(signal.SIGINT, None))
        await self.serve([listener])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; the second time without a goodbye."""
        super().handle_exit(sig, frame)
        if self.force_exit and self._goodbye:
            self._goodbye.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no new connection, finish the open requests, and give every client the place to go on from.

        All of it is bounded.
        """
        for server in self.servers:
            server.close()
        clock = asyncio.get_running_loop().time
        ends = clock() + GOODBYE_SECONDS + self._deadline
        if not self.force_exit:
            self._goodbye = asyncio.ensure_future(self._app.stop())
            await asyncio.wait({self._goodbye}, timeout=self._deadline + GOODBYE_SECONDS / 2)
            self._goodbye.cancel()
        self.config.timeout_graceful_shutdown = max(1, round(ends - clock()))
        await super().shutdown(sockets)


def _config(app: Application, settings: Settings) -> WireConfig:
    patience = settings.limits.stalled_seconds / 2
    return WireConfig(
        app,
        settings.limits,
        settings.trusted_proxies,
        settings.known_networks,
        loop="asyncio",
        http=RequestWire,
        ws=SocketWire,
        ws_max_size=FRAMES * settings.limits.frame_bytes,
        timeout_keep_alive=settings.keep_alive,
        ws_ping_interval=patience,
        ws_ping_timeout=patience,
        ws_per_message_deflate=False,
        lifespan="on",
        # Both would write down paths, and a path may carry what nobody should read.
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )

"""The connections for HTTP requests: heads are bounded in bytes and time, and an unknown upgrade is ignored."""

from __future__ import annotations

import asyncio
from typing import Final

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from rules.errors import Language, RateLimited, RegistryError
from web.refusals import BadRequest, HeadTooLarge, MethodNotAllowed, SlowHead, shown
from web.wire import FLUSH_SECONDS, UnframedCycle, Wire

_AROUND: Final = 4
"""The bytes of a header line besides its name and value."""


class _Farewell(asyncio.Transport):
    """The transport of a request, which its answer may close before all of the request is there."""

    def __init__(self, wire: RequestWire) -> None:
        super().__init__()
        self._wire = wire

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a piece of the answer."""
        self._wire.transport.write(data)

    def close(self) -> None:
        """End the connection, once the client has had time to read the answer."""
        self._wire.let_go()


class RequestWire(Wire, HttpToolsProtocol):
    """A connection whose client must send its heads in time, and go on reading the response."""

    stalled: asyncio.TimerHandle | None = None
    patience_ends: asyncio.TimerHandle | None = None
    """The end of the time for a head, while one is awaited."""
    entered = refused = beginning = whole = False
    fed = 0
    """The bytes since a head was complete or a piece of a body came."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come; the one too many of an address is told so."""
        super().connection_made(transport)
        self.entered = self.door.enter(self.host)
        if self.entered:
            self._await_head()
        else:
            self.refuse(429, RateLimited(1))

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        super().connection_lost(exc)
        self._wait_no_more()
        self._head_is_there()
        if self.entered:
            self.door.leave(self.host)

    def data_received(self, data: bytes) -> None:
        """Read on; heads that are too long, too slow or none are refused."""
        if self.refused:
            return
        self._unset_keepalive_if_required()
        self.fed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            if not self.refused:
                self.refuse(400, BadRequest("请求不是合法的HTTP", "This is not HTTP."))
        else:
            self._look_at_head()

    def _look_at_head(self) -> None:
        if self.refused:
            return
        if self.fed > self.door.limits.head_bytes and not self.whole:
            self.refuse(431, HeadTooLarge(self.door.limits.head_bytes))
        elif self.patience_ends is None and (self.beginning or self._idle):
            self._await_head()

    def _upgrade(self, rest: bytes) -> None:
        if self._should_upgrade():
            self._head_is_there()
            self.handle_websocket_upgrade()
        elif not self.refused:
            # RFC 9110, 7.8: an upgrade to what we do not speak is ignored, and the request answered.
            kept = [(name, value) for name, value in self.headers if name not in {b"upgrade", b"http2-settings"}]
            head = [self.parser.get_method() + b" " + self.url + b" HTTP/1.1"]
            lines = [*head, *(name + b": " + value for name, value in kept), b"", b""]
            self.parser = httptools.HttpRequestParser(self)
            self.data_received(b"\r\n".join(lines) + rest)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.beginning, self.whole = True, False

    def on_headers_complete(self) -> None:
        """A head is complete: refuse it, or begin to answer."""
        self._head_is_there()
        self.beginning, self.fed = False, 0
        if fault := self._fault():
            self.refuse(*fault)
        elif not self.parser.should_upgrade() or self._should_upgrade():
            super().on_headers_complete()
            if not self.parser.should_upgrade():
                self._set_out()

    def _set_out(self) -> None:
        """Prepare the answer that has begun."""
        self.cycle.transport = _Farewell(self)
        if self.scope["http_version"] == "1.0":
            self.cycle.__class__ = UnframedCycle

    def _fault(self) -> tuple[int, RegistryError] | None:
        size = len(self.url) + sum(len(name) + len(value) + _AROUND for name, value in self.headers)
        hosts = [name for name, _ in self.headers if name == b"host"]
        version, allowed = self.parser.get_http_version(), self.door.limits.head_bytes
        if size > allowed:
            return 431, HeadTooLarge(allowed)
        if len(hosts) > 1 or (version == "1.1" and not hosts):
            return 400, BadRequest("HTTP/1.1请求须带一个Host请求头", "HTTP/1.1 needs one Host header.")
        if self.parser.get_method() == b"CONNECT":
            return 405, MethodNotAllowed("GET", "POST")
        return None

    def on_body(self, body: bytes) -> None:
        """A piece of the body; one that nobody asks for any more is dropped."""
        self.fed = 0
        if not self._is_passed_over():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is there."""
        self.whole = True
        if not self._is_passed_over():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is given; a body that is still coming is not waited for without end."""
        super().on_response_complete()
        if not self.whole:
            self.loop.call_later(self.door.limits.head_seconds, self._drop_rest, self.cycle)

    def let_go(self) -> None:
        """End the connection after its last answer; a body that is still coming is read on for a while and dropped.

        Closed at once it would be reset by the kernel, and who sends all before she reads would never see the answer.
        """
        if self.whole:
            self.transport.close()
            return
        self.refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _drop_rest(self, answered: RequestResponseCycle) -> None:
        if self.cycle is answered and not self.whole:
            self.transport.close()

    def refuse(self, status: int, refusal: RegistryError) -> None:
        """Answer what cannot be handed on, and let go of the client, who may be in the middle of sending."""
        self.refused = True
        self._head_is_there()
        if not self._idle:  # another answer is on the wire
            self.cut()
            return
        body = orjson.dumps({"errors": [shown(refusal, Language.CHINESE)]})
        lines = [b"content-type: application/json; charset=utf-8", b"connection: close"]
        lines += [b"cache-control: no-store", b"content-length: %d" % len(body)]
        if isinstance(refusal, RateLimited):
            lines.append(b"retry-after: %d" % refusal.retry_after)
        self.transport.write(STATUS_LINE[status] + b"\r\n".join([*lines, b"", body]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(FLUSH_SECONDS, self.transport.close)

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_passed_over(self) -> bool:
        """True if the head was refused, or is read again without its upgrade."""
        return self.refused or (self.parser.should_upgrade() and not self._should_upgrade())

    def _await_head(self) -> None:
        self.patience_ends = self.loop.call_later(self.door.limits.head_seconds, self._head_is_late)

    def _head_is_there(self) -> None:
        if self.patience_ends:
            self.patience_ends.cancel()
            self.patience_ends = None

    def _head_is_late(self) -> None:
        if self._idle:
            self.refuse(408, SlowHead())
        else:  # it came behind a request that is being answered
            self._await_head()

    def pause_writing(self) -> None:
        """The client has more to read than it has room for."""
        super().pause_writing()
        self.reads_on()
        self._wait()

    def resume_writing(self) -> None:
        """The client has read on."""
        super().resume_writing()
        self._wait_no_more()

    def handle_websocket_upgrade(self) -> None:
        """Hand over to a SocketWire; a parser that still knew this object would keep both alive for long."""
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]

    def _wait(self) -> None:
        self.stalled = self.loop.call_later(self.patience, self._look)

    def _wait_no_more(self) -> None:
        if self.stalled:
            self.stalled.cancel()
            self.stalled = None

    def _look(self) -> None:
        if self.reads_on():
            self._wait()
        else:
            self.give_up()

"""A very light front end, so that the server is what is measured: a WebSocket with no more than a live list needs."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import orjson

from bench.measure import Failed

PATIENCE: Final = 30
DASHBOARD: Final = """
subscription Dashboard($after: String) { pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor at } ... on FeedReset { reason }
  ... on PendingReviewChange { change applicationId application { kind state version nurseName submittedAt } } } }"""
UPGRADE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


@dataclass(eq=False)
class Tally:
    """Counts what all live lists have got."""

    count: int = 0
    _wanted: int = -1
    _reached: asyncio.Future[None] | None = None
    _why: str | None = None

    def add(self) -> None:
        """One more."""
        self.count += 1
        if self.count == self._wanted:
            self._tell()

    def fail(self, why: str) -> None:
        """Somebody will get no more."""
        self._why = self._why or why
        self._tell()

    def _tell(self) -> None:
        if self._reached and not self._reached.done():
            self._reached.set_result(None)

    async def reach(self, wanted: int) -> None:
        """Wait until so many have come, however slowly; Failed where no more come."""
        while self.count < wanted:
            if self._why:
                raise Failed(self._why)
            before, self._wanted = self.count, wanted
            self._reached = asyncio.get_running_loop().create_future()
            if not (await asyncio.wait([self._reached], timeout=PATIENCE))[0] and self.count == before:
                raise Failed(f"{before} of {wanted} deliveries had come, and no more within {PATIENCE} seconds.")


@dataclass(frozen=True)
class Seat:
    """A place before a screen: its token, and the moments of the commits that its watcher is to hear of."""

    token: str
    commits: array[float]


class Watcher(asyncio.Protocol):
    """One live list: signs in, subscribes, answers pings, and notes when each change came."""

    __slots__ = ("_after", "_rest", "_seat", "_tally", "_transport", "_upgraded", "begun", "cursor", "last", "times")

    def __init__(self, seat: Seat, tally: Tally, after: str | None) -> None:
        self._seat, self._tally, self._after = seat, tally, after
        self._rest, self._upgraded = b"", False
        self._transport: asyncio.Transport
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.cursor, self.last, self.times = "", b"", array("d")

    def waits(self) -> Iterator[float]:
        """Milliseconds from each commit until it was known here; a feed has no gap, so the nth is the nth."""
        for came, committed in zip(self.times, self._seat.commits, strict=True):
            yield 1000 * (came - committed)

    def forget(self) -> None:
        """Begin to note anew, also what was committed."""
        del self.times[:], self._seat.commits[:]

    def check(self) -> None:
        """Refuse to count what is no whole answer: an error, or a row that this watcher may not see."""
        payload = orjson.loads(self.last)["payload"]
        if "errors" in payload or not payload["data"]["pendingReviewFeed"]["application"]:
            raise Failed(f"The server delivered {self.last[:300]!r}.")

    def stall(self) -> None:
        """Read nothing any more."""
        self._transport.pause_reading()

    def leave(self) -> None:
        """Go without a word."""
        if hasattr(self, "_transport"):
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(UPGRADE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so to whoever waits for the beginning."""
        self._fail(f"The server closed a socket: {exc}.")

    def data_received(self, data: bytes) -> None:
        """Take whole frames; what is left waits for the rest of it."""
        now, data, place = perf_counter(), self._rest + data, 0
        if not self._upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            self._upgrade(head)
        while place + 1 < len(data):
            length, start = data[place + 1], place + 2
            if length > 125:  # noqa: PLR2004  (the length stands in the next 2 or 8 bytes: RFC 6455, 5.2)
                start += 2 if length == 126 else 8  # noqa: PLR2004
                length = int.from_bytes(data[place + 2 : start])
            if start + length > len(data):
                break
            self._take(data[place] & 0xF, data[start : start + length], now)
            place = start + length
        self._rest = data[place:]

    def _upgrade(self, head: bytes) -> None:
        self._upgraded = True
        if b" 101 " not in head[:16]:
            self._fail(f"The server refused a socket: {head[:200]!r}.")
        self._say({"type": "connection_init", "payload": {"authorization": f"Bearer {self._seat.token}"}})

    def _take(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == TEXT and b'"change"' in payload:
            self.times.append(now)
            self.last = payload
            self._tally.add()
        elif opcode == PING:
            self._send(PONG, payload)
        elif opcode == TEXT and b'"connection_ack"' in payload:
            subscription = {"query": DASHBOARD, "variables": {"after": self._after}}
            self._say({"id": "1", "type": "subscribe", "payload": subscription})
        elif opcode == TEXT and b"FeedHeartbeat" in payload:
            self._begin(payload)
        elif opcode == CLOSE:
            self._fail(f"The server closed a socket: {int.from_bytes(payload[:2])} {payload[2:].decode()}")
        else:
            self._fail(f"The server sent a frame {opcode}: {payload[:300]!r}.")

    def _begin(self, heartbeat: bytes) -> None:
        if not self.begun.done():
            self.cursor = orjson.loads(heartbeat)["payload"]["data"]["pendingReviewFeed"]["cursor"]
            self.begun.set_result(None)

    def _fail(self, why: str) -> None:
        if self.begun.done():
            self._tally.fail(why)
        else:
            self.begun.set_exception(Failed(why))

    def _say(self, message: dict[str, Any]) -> None:
        self._send(TEXT, orjson.dumps(message))

    def _send(self, opcode: int, payload: bytes) -> None:
        """A client must mask what it sends; the mask of zeros leaves it as it is."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2)  # noqa: PLR2004
        self._transport.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

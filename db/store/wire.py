"""Several statements in one message to PostgreSQL, on a connection that asyncpg has opened.

asyncpg sends a statement, waits, and sends the next; the protocol itself allows any number of them before one Sync
(libpq calls it a pipeline). Everything that asyncpg does not promise stands in this file, and `WireUnknown` says in one
sentence what has changed: then every step goes by ordinary trips (`docs/decisions/two-messages.md`).

The transport is lent for one message: before and after it asyncpg has it, and knows of nothing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final, TypeAlias

import asyncpg
import structlog
from asyncpg import connect_utils

from db.store.wire_codec import Made, decoder_of, row_of, written
from db.store.wire_message import Answer, Asked, Prepared, Row, Unsent, fields, put

STOP_SECONDS: Final = 5
KEPT: Final = 500
"""The statements that are kept prepared on a connection; the oldest gives way."""
_SYNC: Final = b"S\0\0\0\4"
_BACKGROUND: Final[set[asyncio.Task[None]]] = set()
_STANDBY: Final = "SyncRepWaitForLSN"
"""The place in PostgreSQL that waits no longer for a standby; its words are translated."""


class WireUnknown(Exception):
    """This asyncpg is not the one whose inside this file knows; the text says what is missing."""


log = structlog.get_logger(__name__)


watchers: list[Callable[[Sequence[Asked]], None]] = []
"""The callbacks that hear of every message before it is sent."""


def require_known() -> None:
    """Refuse an asyncpg without what this file uses of its inside."""
    slots = {name for one in asyncpg.Connection.__mro__ for name in getattr(one, "__slots__", ())}
    missing = sorted({"_transport", "_protocol", "_loop", "_addr", "_params"} - slots)
    missing += [] if hasattr(asyncpg.PostgresError, "new") else ["PostgresError.new"]
    missing += [] if hasattr(connect_utils, "_cancel") else ["connect_utils._cancel"]
    if missing:
        raise WireUnknown(
            f"asyncpg {asyncpg.__version__} has no {', '.join(missing)}: db/store/wire.py must be read against it"
            " before steps go in two messages again."
        )


@cache
def knows_wire() -> bool:
    """True if this asyncpg can be followed; said once in the log where not."""
    try:
        require_known()
    except WireUnknown as why:
        log.warning("steps go by ordinary trips", reason=str(why))
        return False
    return True


class Wire(asyncio.Protocol):
    """The messages on one connection."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        inside: Any = connection
        self._connection, self._loop, self._owner = inside, inside._loop, inside._protocol
        self.broken = False
        """True once a message was broken off: nobody may use the connection any more."""
        self._known: OrderedDict[str, Prepared] = OrderedDict()
        self._numbers = 0
        self._asked: list[tuple[Prepared, bool]] = []
        self._answer, self._rows, self._at = Answer(), list[Row](), 0
        self._buffer = b""
        self._waiter: asyncio.Future[None] | None = None

    async def send(self, asked: Sequence[Asked]) -> Answer:
        """One message, and its answer; ConnectionError where the connection is lost, which asyncpg then knows, too."""
        transport = self._connection._transport
        if transport is None or self.broken or self._connection.is_closed():
            raise Unsent("the connection to the database was closed")
        self._answer, self._rows, self._at, self._buffer = Answer(), [], 0, b""
        for watch in watchers:
            watch(asked)
        message = self._message(asked)
        self._waiter = self._loop.create_future()
        transport.set_protocol(self)
        try:
            transport.write(message)
            await self._waiter
        except asyncio.CancelledError:
            self._break_off()  # what still comes is for nobody: the transport is not given back
            raise
        finally:
            self._waiter = None
        transport.set_protocol(self._owner)
        self._forget_unparsed()
        return self._answer

    def _message(self, asked: Sequence[Asked]) -> bytes:
        parts: list[bytes] = []
        self._asked = [(self._prepared(one.sql, parts, one.values), one.raw) for one in asked]
        return b"".join((*parts, _SYNC))

    def _prepared(self, sql: str, parts: list[bytes], values: Sequence[object]) -> Prepared:
        found = self._known.get(sql)
        if found is None:
            self._numbers += 1
            found = self._known[sql] = Prepared(b"hushi_%d\0" % self._numbers)
            put(parts, b"P", found.name + sql.encode() + b"\0\0\0")
            put(parts, b"D", b"S" + found.name)
            if len(self._known) > KEPT:
                put(parts, b"C", b"S" + self._known.popitem(last=False)[1].name)
        put(parts, b"B", b"\0" + found.name + b"\0\0" + written(values) + b"\0\1\0\1")
        parts.append(b"E\0\0\0\x09\0\0\0\0\0")
        return found

    def _forget_unparsed(self) -> None:
        """The statements behind an error were never read by the server: forget them."""
        if self._answer.error is not None:
            for sql in [sql for sql, one in self._known.items() if not one.described]:
                del self._known[sql]

    def _break_off(self) -> None:
        """Nobody waits for the answer: ask the server to stop, and use the connection no more."""
        self.broken, inside = True, self._connection
        said = {"backend_pid": self._owner.backend_pid, "backend_secret": self._owner.backend_secret}
        task = self._loop.create_task(_stop(loop=self._loop, addr=inside._addr, params=inside._params, **said))
        _BACKGROUND.add(task)
        task.add_done_callback(_BACKGROUND.discard)
        inside.terminate()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection ended while its answer was waited for: asyncpg hears of it as if it had read itself."""
        self._owner.connection_lost(exc)
        if self._waiter is not None and not self._waiter.done():
            lost = self._answer.error or ConnectionResetError("the connection to the database was lost")
            self._waiter.set_exception(lost)

    def data_received(self, data: bytes) -> None:
        """A part of the answer."""
        buffer = self._buffer + data if self._buffer else data
        at, end = 0, len(buffer)
        while end - at >= 5:  # noqa: PLR2004 - a kind, and a length of four bytes
            following = at + 1 + int.from_bytes(buffer[at + 1 : at + 5], "big")
            if following > end:
                break
            heard = _HEARD.get(buffer[at])
            if heard is not None:
                heard(self, buffer, at + 5, following)
            at = following
        self._buffer = buffer[at:]

    def _row(self, buffer: bytes, at: int, _end: int) -> None:
        prepared, raw = self._asked[self._at]
        try:
            self._rows.append(row_of(prepared.cells, buffer, at + 2, raw=raw))
        except Exception as error:
            self._answer.error = self._answer.error or error

    def _complete(self, _buffer: bytes, _at: int, _end: int) -> None:
        self._answer.rows.append(self._rows)
        self._rows, self._at = [], self._at + 1

    def _no_rows(self, _buffer: bytes, _at: int, _end: int) -> None:
        self._asked[self._at][0].described = True

    def _described(self, buffer: bytes, at: int, _end: int) -> None:
        prepared, at = self._asked[self._at][0], at + 2
        for _ in range(int.from_bytes(buffer[at - 2 : at], "big")):
            stop = buffer.index(0, at)
            made: Made = decoder_of(int.from_bytes(buffer[stop + 7 : stop + 11], "big"))
            prepared.cells.append((buffer[at:stop].decode(), *made))
            at = stop + 19
        prepared.described = True

    def _error(self, buffer: bytes, at: int, end: int) -> None:
        self._answer.error = asyncpg.PostgresError.new(fields(buffer, at, end))

    def _notice(self, buffer: bytes, at: int, end: int) -> None:
        if fields(buffer, at, end).get("R") == _STANDBY:
            self._answer.unconfirmed = True

    def _ready(self, _buffer: bytes, _at: int, _end: int) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


_Heard: TypeAlias = Callable[[Wire, bytes, int, int], None]
_HEARD: Final[Mapping[int, _Heard]] = {
    ord(kind): heard
    for kind, heard in (
        *(("D", Wire._row), ("C", Wire._complete), ("I", Wire._complete)),
        *(("n", Wire._no_rows), ("T", Wire._described), ("E", Wire._error), ("N", Wire._notice), ("Z", Wire._ready)),
    )
}
"""The callback of each kind of the server's messages; a parameter's or a portal's needs none."""


async def _stop(**where: Any) -> None:
    inside: Any = connect_utils
    with suppress(OSError, TimeoutError, asyncpg.PostgresError):
        async with asyncio.timeout(STOP_SECONDS):
            await inside._cancel(**where)

"""A program between the server and its PostgreSQL: it may go away, drop start-up parameters, or refuse."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import make_url

_SSL = 80877103
_PROTOCOL = 196608


class Between:
    """It passes everything on, until it is told otherwise."""

    def __init__(self, owner_url: str) -> None:
        self._behind = make_url(owner_url)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.drops: frozenset[str] = frozenset()
        self.refuses: tuple[str, str] | None = None
        """A code of PostgreSQL's, and its words."""
        self.heard: list[bytes] | None = None
        """What clients say, once somebody wants to know."""
        self.cuts: bytes | None = None
        """Whoever says this is cut off before the server hears it."""

    @property
    def url(self) -> str:
        """The address of the same database through it."""
        return f"postgresql://{self._behind.username}@127.0.0.1:{self.port}/{self._behind.database}"

    async def come(self) -> None:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go(self) -> None:
        """Cut every connection and take no more."""
        if self._server:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(back)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._begin(client, back)
        finally:
            self._tasks.discard(task)
            self._open.discard(back)
            back.transport.abort()

    async def _begin(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        code, rest = await _startup(client)
        if code == _SSL:
            back.write(b"N")
            code, rest = await _startup(client)
        if code == _PROTOCOL and self.refuses:
            state, words = self.refuses
            fields = (
                b"".join(k + v.encode() + b"\0" for k, v in ((b"S", "FATAL"), (b"C", state), (b"M", words))) + b"\0"
            )
            back.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
            await back.drain()
            back.write_eof()
            return
        if code == _PROTOCOL:
            words = rest.split(b"\0")
            pairs = zip(words[::2], words[1::2], strict=False)
            kept = [pair for pair in pairs if pair[0] and pair[0].decode() not in self.drops]
            rest = b"".join(name + b"\0" + value + b"\0" for name, value in kept) + b"\0"
        host = self._behind.query["host"]
        server, forth = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{self._behind.query.get('port', '5432')}")
        forth.write(struct.pack("!ii", len(rest) + 8, code) + rest)
        ways = [asyncio.create_task(self._listen(client, forth)), asyncio.create_task(_pass_on(server, back))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        forth.transport.abort()

    async def _listen(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while said := await client.read(65536):
                if self.cuts is not None and self.cuts in said:
                    return
                if self.heard is not None:
                    self.heard.append(said)
                server.write(said)
                await server.drain()


def messages(heard: list[bytes]) -> int:
    """How often a client has waited for an answer: its Sync messages, and its simple queries."""
    said, at, found = b"".join(heard), 0, 0
    while at < len(said):
        found += said[at : at + 1] in (b"S", b"Q")
        at += 1 + int.from_bytes(said[at + 1 : at + 5], "big")
    return found


async def _startup(client: asyncio.StreamReader) -> tuple[int, bytes]:
    length, code = struct.unpack("!ii", await client.readexactly(8))
    return code, await client.readexactly(length - 8)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def between(owner_url: str) -> AsyncIterator[Between]:
    """One that takes connections."""
    found = Between(owner_url)
    await found.come()
    yield found
    await found.go()

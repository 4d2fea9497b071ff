"""One connection to a NATS server, for as long as it lasts.

The client tries once and never again by itself: `db.store.outage.run_forever` does that, for this connection as
for all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import unquote, urlsplit

from nats.aio.client import Client
from nats.errors import Error

PING_SECONDS: Final = 5
LEAVE_SECONDS: Final = 1
MOST_PENDING: Final = 1_000_000  # bytes; from twice as many on the client would make who publishes wait


class WakeupsAway(ConnectionError):
    """The server that carries the wake-ups is away; until it is back, every process looks each second."""


def is_nats(address: str) -> bool:
    """True if it is an address of NATS, or several with commas between them."""
    try:
        servers = [urlsplit(server) for server in address.split(",")]
        return all(server.scheme == "nats" and server.hostname and server.port != 0 for server in servers)
    except ValueError:
        return False


@asynccontextmanager
async def connected(address: str, lost: Callable[[], None]) -> AsyncIterator[Client]:
    """A connection, left when the block ends; `lost` is called when it breaks. Any failure is a WakeupsAway."""
    client = Client()
    try:
        await _whole(_connect(client, address, lost))
        yield client
    except Error as error:
        raise WakeupsAway from error
    finally:
        await _whole(_leave(client))


def is_lost(client: Client) -> bool:
    """True if nothing goes by this connection any more, or too much waits for a server that takes nothing."""
    return client.is_closed or client.pending_data_size > MOST_PENDING


async def _connect(client: Client, address: str, lost: Callable[[], None]) -> None:
    async def refuse(_: Exception) -> None:
        if client.is_connected:
            await _leave(client)

    async def closed() -> None:
        lost()

    servers = address.split(",")
    user, password = _credentials(servers[0])
    await client.connect(
        servers,
        user=user,
        password=password,
        token=user if password is None else None,
        name="hushi",
        no_echo=True,
        allow_reconnect=False,
        max_reconnect_attempts=1,
        reconnect_time_wait=0,
        ping_interval=PING_SECONDS,
        error_cb=refuse,
        closed_cb=closed,
    )


async def _leave(client: Client) -> None:
    """Close the connection; for a server that takes nothing more the client would wait without end."""
    with suppress(OSError, Error):
        async with asyncio.timeout(LEAVE_SECONDS):
            await client.close()


async def _whole(work: Coroutine[None, None, None]) -> None:
    """Carry it out whole, and be cancelled only then.

    Before Python 3.12 `wait_for`, by which the client waits, may lose a cancellation, or the socket just opened.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        await asyncio.wait([task])
        task.exception()  # nobody asks for it any more
        raise
    task.result()


def _credentials(server: str) -> list[str | None]:
    """User and password, or a token alone; the client would take them from the address with their percent signs."""
    address = urlsplit(server)
    return [None if part is None else unquote(part) for part in (address.username, address.password)]

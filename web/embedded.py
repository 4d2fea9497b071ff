"""The database that comes along, for as long as a command needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.embedded.server import Embedded
from web.settings import Settings
from web.stopping import on_stop


@asynccontextmanager
async def own_database(settings: Settings, *, beside: bool = False) -> AsyncIterator[str]:
    """The owner's address of a database of our own, which ends with us.

    With `beside`, it may be the one that `hushi run` has started; it then stays with that.
    """
    embedded = Embedded(settings.data)
    address = await (embedded.start_or_join() if beside else embedded.start())
    try:
        yield address
    finally:
        on_stop(lambda: None)
        await embedded.stop()

"""The common parts of the commands: their settings, their database, and an end in order after a signal."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.settings import Settings


def read_settings() -> Settings:
    """The settings of this process, by which it logs from now on."""
    from web import log
    from web.settings import load

    settings = load()
    log.configure(settings.log)
    return settings


def do(work: Coroutine[None, None, None]) -> None:
    """Do the work of a command; Ctrl-C and SIGTERM stop it in order."""
    from web.stopping import stoppable

    gc.enable()
    asyncio.run(stoppable(work))


def outside(settings: Settings, remedy: str) -> str:
    """The owner's address of the operator's database, which the command cannot do without."""
    if settings.owner_url is None:
        from web.settings import SettingsError

        raise SettingsError(f"DATABASE_URL is not set: {remedy}")
    return settings.owner_url


def database(settings: Settings, *, beside: bool = False) -> AbstractAsyncContextManager[str]:
    """The owner's address of the database: the operator's, or one of our own that ends with the command."""
    if settings.owner_url:
        return nullcontext(settings.owner_url)
    from web.embedded import own_database

    return own_database(settings, beside=beside)

"""The law that this release knows (法规设定), written into a database that has no value of that day."""

from __future__ import annotations

from typing import Final

import asyncpg

from rules.law import KNOWN

_FILL: Final = """insert into law_setting (subject, from_day, value) values ($1, $2, $3) on conflict do nothing"""


async def fill(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Put the values into the table; a value that the nation has set for that very day stays."""
    await connection.executemany(_FILL, [(one.subject, one.from_day, list(one.value)) for one in KNOWN])

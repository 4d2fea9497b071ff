"""The privacy notices that this release knows (隐私政策), written into a database that has not seen them."""

from __future__ import annotations

from typing import Final

import asyncpg

from rules.privacy_notice import KNOWN

_FILL: Final = (
    "insert into privacy_notice (version, from_day, text_zh, text_en) values ($1, $2, $3, $4) on conflict do nothing"
)


async def fill(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Put the versions into the table; one that is there stays as people have accepted it."""
    rows = [(one.version, one.from_day, one.text_zh, one.text_en) for one in KNOWN]
    await connection.executemany(_FILL, rows)

"""Tables in parts of a month each (按月分区): the months to come are made ahead, and whole months go.

A default partition takes what belongs to no month that was made, so that an insert never fails for want of one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import asyncpg
import structlog

AHEAD_MONTHS: Final = 12
LOCK_MILLISECONDS: Final = 50
TRIES: Final = 20
PAUSE_SECONDS: Final = 0.2

log = structlog.get_logger(__name__)
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_ENDS: Final = "substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz"
# From where the last one ends, whatever the time zone it was made in; its middle says which month it is.
_NEXT: Final = "date_trunc('month', starts + interval '15 days') + interval '1 month'"


@dataclass(frozen=True, slots=True)
class Months:
    """The months of one table that is partitioned by its column `at`; the session's time zone is China's."""

    table: str

    async def open_ahead(self, connection: Connection) -> int:
        """Make the partitions of this month and the coming ones, where there are none."""
        opened = 0
        for month in await connection.fetch(self._new, AHEAD_MONTHS):
            try:
                if not await at_once(connection, self._open.format(**month)):
                    break
                opened += 1
            except asyncpg.CheckViolationError:
                # Nobody ran this for a year, and the default partition has rows of the month. They are as good there,
                # and go row by row one day; to move them would lock everybody out meanwhile.
                log.info("a month has rows in the default partition and stays there", month=month["name"])
        return opened

    async def past(self, connection: Connection, line: datetime) -> list[asyncpg.Record]:
        """The months that end before a moment, by `name` and `ends`, the oldest first."""
        query = f"select name, ends from ({self._all}) m where ends <= $1 order by ends"
        found: list[asyncpg.Record] = await connection.fetch(query, line)
        return found

    @property
    def _all(self) -> str:
        return (
            f"select c.oid::regclass::text as name, {_ENDS} as ends from pg_inherits i"
            f" join pg_class c on c.oid = i.inhrelid where i.inhparent = '{self.table}'::regclass"
        )

    @property
    def _new(self) -> str:
        return f"""with recursive month(starts) as (
  select greatest(date_trunc('month', now()), (select max(ends) from ({self._all}) m))
  union all select {_NEXT} from month where starts < date_trunc('month', now()) + make_interval(months => $1)
)
select to_char(starts + interval '15 days', '"{self.table}_"YYYY_MM') as name, starts, {_NEXT} as ends
from month where starts < date_trunc('month', now()) + make_interval(months => $1 + 1) order by starts"""

    @property
    def _open(self) -> str:
        return (
            "create table if not exists {name} partition of "
            + self.table
            + " for values from ('{starts}') to ('{ends}')"
        )


async def at_once(connection: Connection, statements: str) -> bool:
    """Do the statements that need a full lock, all or nothing; False if others held their locks at every try.

    Later transactions wait as long as we do, so we wait for 50 ms only and let them pass. All goes in one message:
    after a stop between two, the lock would stay until it was noticed.
    """
    for _ in range(TRIES):
        try:
            await connection.execute(f"set local lock_timeout = {LOCK_MILLISECONDS}; {statements}")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return True
    return False

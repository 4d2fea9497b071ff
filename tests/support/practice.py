"""A register of its own, in which the clock is moved and the register says whose right to practise ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from db.store import known_law
from db.store.announced_days import fill
from db.store.engine import SHANGHAI, Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from tests.support.postgres import new_database
from tests.support.story import NOW, Clock
from tests.support.world import Cast, World
from workflow.practice_alert import Pace, run

AT_ONCE: Final = Pace(most=2, least=2, rest=0)
"""Two entries a chunk, without a rest: so that every test goes through several."""


@dataclass
class Watch:
    """The register, its clock, and one cast whose nurse is watched."""

    world: World
    db: Database
    clock: Clock
    cast: Cast

    async def until(self, day: date | None, **columns: Any) -> None:
        """Her registration is valid until this day."""
        await self.set(valid_until=day, **columns)

    async def set(self, **columns: Any) -> None:
        """Columns of her entry."""
        setting = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        sql = f"update registration set {setting} where nurse_id = $1"
        await self.world.owner.execute(sql, self.cast.nurse_id, *columns.values())

    async def tells(self, day: date, hour: int = 0, minute: int = 0) -> Counter[str]:
        """What is said at a moment, once the clock is there; a second run has nothing left to say."""
        self.clock.now = datetime.combine(day, time(hour, minute), SHANGHAI)
        done = await run(self.db, AT_ONCE)
        assert await run(self.db, AT_ONCE) == Counter()
        return done

    async def heard(self, scope: UUID) -> list[tuple[str, dict[str, Any]]]:
        """The events of a scope, in order."""
        rows = await self.world.owner.fetch("select type, body from event where scope = $1 order by seq", scope)
        return [(row["type"], orjson.loads(row["body"])) for row in rows]

    async def days(self, scope: UUID) -> list[tuple[str, Any]]:
        """The type of each event about an end, and the days that were left, or the day since when she may not."""
        found = await self.heard(scope)
        return [(kind.rpartition(".")[2], body.get("daysLeft", body.get("since"))) for kind, body in found]


@asynccontextmanager
async def watching(server: str, keyring: Keyring) -> AsyncIterator[tuple[World, Database, Clock]]:
    """A register that nothing else is in: what is due is looked for in all of it."""
    url, clock = await new_database(server), Clock(NOW)
    await migrate(url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    await known_law.fill(owner)
    db = Database(url, keyring, clock=clock)
    yield World(owner, keyring), db, clock
    await db.close()
    await owner.close()

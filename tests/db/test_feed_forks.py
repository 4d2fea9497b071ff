"""A thousand generated forks: two histories that begin alike, and what a cursor of the one is worth in the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from uuid import UUID

import asyncpg
import pytest_asyncio
from sqlalchemy import make_url
from uuid_utils.compat import uuid7

from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from graph.context import Services
from rules.events import Lost
from tests.support.feed_process import process
from tests.support.postgres import new_database
from tests.support.recorded_history import cursors_of, resumed, tell_each

FORKS = 1000


@dataclass(frozen=True)
class Fork:
    """A scope with `shared` events when it was copied, `theirs` more in the original, `ours` more in the copy,
    which keeps nothing of the first `cut`.
    """

    scope: UUID
    shared: int
    theirs: int
    ours: int
    cut: int

    @classmethod
    def drawn(cls, chance: Random) -> Fork:
        """A fork of small numbers, where every border is met often."""
        shared, theirs, ours = (chance.choice((0, 0, 1, 1, 2, 3, 5, 8)) for _ in range(3))
        return cls(uuid7(), shared, theirs, ours, chance.choice((0, 0, chance.randint(0, shared + ours))))

    def worth(self, seq: int) -> Lost | None:
        """Why a cursor of the original at this number is no good in the copy; None if it is."""
        last = self.shared + self.ours
        if seq < last and seq < self.cut:
            return Lost.RETENTION
        return Lost.EPOCH if seq > self.shared else None


@pytest_asyncio.fixture
async def two(server: str, keyring: Keyring) -> AsyncIterator[tuple[Services, Services, list[Fork]]]:
    """The original, its copy made by PostgreSQL itself, with the same identifier and timeline, and the forks in them."""
    chance = Random(15)
    forks = [Fork.drawn(chance) for _ in range(FORKS)]
    url = await new_database(server)
    await migrate(url)
    async with process(url, keyring) as original:
        await tell_each(original, {one.scope: one.shared for one in forks}, chance)
    other = await new_database(server, f"template {make_url(url).database}")
    async with AsyncExitStack() as stack:
        original = await stack.enter_async_context(process(url, keyring))
        copy = await stack.enter_async_context(process(other, keyring))
        await tell_each(original, {one.scope: one.theirs for one in forks}, chance)
        await tell_each(copy, {one.scope: one.ours for one in forks}, chance)
        owner = await asyncpg.connect(asyncpg_dsn(other))
        cut = "delete from event e using unnest($1::uuid[], $2::int[]) c(scope, seq) where e.scope = c.scope and e.seq <= c.seq"
        await owner.execute(cut, [one.scope for one in forks], [one.cut for one in forks])
        await owner.close()
        yield original, copy, forks


async def test_none_is_silent_and_none_is_reset_without_need(two: tuple[Services, Services, list[Fork]]) -> None:
    original, copy, forks = two
    cursors = await cursors_of(original, (one.scope for one in forks))
    met: Counter[Lost | None] = Counter()
    for fork in forks:
        rows = await copy.db.pool.fetch("select seq, id from event where scope = $1 order by seq", fork.scope)
        assert len(cursors[fork.scope]) == fork.shared + fork.theirs + 1
        for seq, cursor in enumerate(cursors[fork.scope]):
            worth = fork.worth(seq)
            expected = worth or [row["id"] for row in rows if row["seq"] > seq]
            assert await resumed(copy, fork.scope, cursor) == expected, (fork, seq)
            met[worth] += 1
    assert all(met[worth] > 100 for worth in (None, Lost.EPOCH, Lost.RETENTION)), met

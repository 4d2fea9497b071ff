"""The events of before a cursor knew its event: what the migration says of them, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from db.store.keys import Keyring
from db.store.migrate import alembic_config, migrate
from db.store.url import asyncpg_dsn, sqlalchemy_url
from tests.support.feed_process import process
from tests.support.recorded_history import cursors_of, resumed

EARLIER, THIS = "0044", "0047"
TOLD = """
insert into event (scope, seq, at, id, type, body)
select $1, n, now() - make_interval(days => 40 * ($3 - n)), uuidv7(), 'application.taken', '{}'
from generate_series($2::int, $3::int) n"""
CHAIN = "select id, previous_id from event where scope = $1 order by seq"


async def moved(url: str, how: Callable[[Config, str], None], revision: str) -> None:
    def move(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        how(config, revision)

    engine = create_async_engine(sqlalchemy_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(move)
    await engine.dispose()


async def test_the_events_of_before_are_chained_over_the_months_and_good_to_go_on_from(
    empty_url: str, keyring: Keyring
) -> None:
    whole, cut, gone, silent = (uuid7() for _ in range(4))
    await moved(empty_url, command.upgrade, EARLIER)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    for scope, first, last in ((whole, 1, 4), (cut, 3, 5)):
        await owner.execute(TOLD, scope, first, last)
    stands = [(whole, 4), (cut, 5), (gone, 7), (silent, 0)]
    await owner.executemany("insert into feed_scope (scope, seq) values ($1, $2)", stands)
    await migrate(empty_url)
    for scope, last in stands:
        rows = await owner.fetch(CHAIN, scope)
        ids = [row["id"] for row in rows]
        assert [row["previous_id"] for row in rows] == [None, *ids[:-1]][: len(ids)]
        stand = await owner.fetchrow("select seq, last_id from feed_scope where scope = $1", scope)
        assert tuple(stand or ()) == (last, ids[-1] if ids else None)
    async with process(empty_url, keyring) as services:
        for seq, cursor in enumerate((await cursors_of(services, [whole]))[whole]):
            assert len(await resumed(services, whole, cursor)) == 4 - seq
        for scope, kept in ((cut, 3), (gone, 0)):
            oldest = (await services.feed.history(scope, None, None, None, None, 0)).place
            assert len(await resumed(services, scope, oldest.cursor)) == kept
    await moved(empty_url, command.downgrade, EARLIER)
    assert await owner.fetchval("select count(*) from event") == 7
    await moved(empty_url, command.upgrade, THIS)
    assert await owner.fetchval("select count(previous_id) from event") == 5
    await owner.close()

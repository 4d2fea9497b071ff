"""The audit trail lies in months, takes every entry, and keeps each for its years (PIPL 56)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from db import audit
from db.own_record import SOURCES
from db.retention import BATCH, LEAST_AUDIT_MONTHS, Retained, retain
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import alembic_config, migrate
from db.store.months import AHEAD_MONTHS
from db.store.url import asyncpg_dsn, sqlalchemy_url
from rules.look_up import LookUpPurpose
from rules.own_record import PARTS
from tests.support.world import World

pytestmark = pytest.mark.feature("N11")
Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
KEPT = 24
LIES = "select tableoid::regclass::text as month, action from audit order by at"
BEFORE, HERE = "0032", "0033"


@pytest_asyncio.fixture
async def url(empty_url: str) -> str:
    """A migrated database of the test's own; the owner's address."""
    await migrate(empty_url)
    return empty_url


@pytest_asyncio.fixture
async def owner(url: str) -> AsyncIterator[Owner]:
    """The owner's hands in it."""
    connection = await asyncpg.connect(asyncpg_dsn(url), server_settings={"timezone": "Asia/Shanghai"})
    yield connection
    await connection.close()


async def put(owner: Owner, at: datetime, action: str = "x") -> None:
    await owner.execute("insert into audit (at, action) values ($1, $2)", at, action)


async def month(owner: Owner, ago: int) -> datetime:
    """When the month so many months ago began."""
    began: datetime = await owner.fetchval("select date_trunc('month', now()) - make_interval(months => $1)", ago)
    return began


async def opened(owner: Owner) -> list[str]:
    """The months that there are, in their order."""
    rows = await owner.fetch(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit'::regclass order by 1"
    )
    return [row["name"] for row in rows]


async def name_of(owner: Owner, began: datetime) -> str:
    name: str = await owner.fetchval("select to_char($1::timestamptz, '\"audit_\"YYYY_MM')", began)
    return name


async def test_this_month_and_a_year_of_months_are_there_from_the_beginning(url: str, owner: Owner) -> None:
    ahead = [await name_of(owner, await month(owner, -n)) for n in range(AHEAD_MONTHS + 1)]
    assert await opened(owner) == sorted([*ahead, "audit_other"])
    assert await retain(url, KEPT) == Retained()


async def test_months_that_are_lacking_are_made_by_the_daily_work(url: str, owner: Owner) -> None:
    last = await name_of(owner, await month(owner, -AHEAD_MONTHS))
    before = await opened(owner)
    await owner.execute(f"drop table {last}")
    assert await retain(url, KEPT) == Retained(opened=1)
    assert await opened(owner) == before


async def test_an_entry_of_a_month_that_nobody_made_is_kept_all_the_same(url: str, owner: Owner) -> None:
    """The rows of the default partition do not keep the months after it from being made."""
    far = await month(owner, -AHEAD_MONTHS - 5)
    await put(owner, await month(owner, 0))
    await put(owner, far, "far")
    assert [tuple(row) for row in await owner.fetch(LIES)] == [
        (await name_of(owner, await month(owner, 0)), "x"),
        ("audit_other", "far"),
    ]
    assert await retain(url, KEPT) == Retained()


@pytest.mark.parametrize("months", [LEAST_AUDIT_MONTHS, 60])
async def test_a_month_goes_whole_once_all_of_it_is_older_than_its_years(url: str, owner: Owner, months: int) -> None:
    for ago in (months + 1, months):
        starts, ends = await month(owner, ago), await month(owner, ago - 1)
        made = (
            f"create table {await name_of(owner, starts)} partition of audit for values from ('{starts}') to ('{ends}')"
        )
        await owner.execute(made)
        await put(owner, starts, f"{ago}")
    assert await retain(url, KEPT, months) == Retained(audit_months=1)
    assert [row["action"] for row in await owner.fetch(LIES)] == [f"{months}"]
    assert await retain(url, KEPT, months) == Retained()


async def test_old_entries_outside_the_months_go_in_batches(url: str, owner: Owner) -> None:
    old, young = await month(owner, LEAST_AUDIT_MONTHS + 1), await month(owner, LEAST_AUDIT_MONTHS)
    many = BATCH + 3
    await owner.execute("insert into audit (at, action) select $1, 'old' from generate_series(1, $2)", old, many)
    await put(owner, young, "young")
    assert await retain(url, KEPT) == Retained(entries=many)
    assert [row["action"] for row in await owner.fetch(LIES)] == ["young"]


async def test_a_month_that_somebody_reads_is_left_to_the_next_run(url: str, owner: Owner) -> None:
    starts, ends = await month(owner, 50), await month(owner, 49)
    await owner.execute(f"create table audit_old partition of audit for values from ('{starts}') to ('{ends}')")
    reader = await asyncpg.connect(asyncpg_dsn(url))
    async with reader.transaction():
        await reader.fetch("select count(*) from audit")
        assert await retain(url, KEPT) == Retained(postponed=1)
    await reader.close()
    assert await retain(url, KEPT) == Retained(audit_months=1)


async def test_an_entry_says_from_which_place_and_in_which_roles_it_was_at_that_time(
    url: str, owner: Owner, keyring: Keyring
) -> None:
    """An account that changes later changes nothing in it; one of nobody, or of the system, has none."""
    world = World(owner, keyring)
    cast = await world.cast()
    db = Database(url, keyring)
    async with db.begin() as tx:
        await tx.ask_time()
        by, more = cast.reviewer.account_id, {"purpose": LookUpPurpose.SUPERVISION}
        await audit.record(tx, "one", by, {"id": cast.nurse_id}, nurse_id=cast.nurse_id, **more)
        await audit.record(tx, "two", cast.operator.account_id, {"ids": [by]}, members=[cast.nurse_id, uuid7()])
        await audit.record(tx, "three", None)
        await audit.record(tx, "four", cast.nurse.account_id)
    await db.close()
    await owner.execute("update account set roles = array['DECIDER'] where id = $1", cast.reviewer.account_id)
    rows = await owner.fetch("select action, party, place_id, roles, purpose, detail from audit order by id")
    assert [tuple(row) for row in rows] == [
        ("one", "AUTHORITY", cast.district, ["REVIEWER"], "SUPERVISION", f'{{"id": "{cast.nurse_id}"}}'),
        ("two", "INSTITUTION", cast.hospital, ["OPERATOR"], None, f'{{"ids": ["{by}"]}}'),
        ("three", None, None, [], None, "{}"),
        ("four", "NURSE", None, ["NURSE"], None, "{}"),
    ]


async def test_what_a_nurse_finds_of_herself_comes_by_indexes(url: str, owner: Owner) -> None:
    """Lists of five hundred as well, among a hundred thousand entries of others."""
    await owner.execute("insert into audit (action, nurse_id) select 'x', uuidv7() from generate_series(1, 100000)")
    lists = "select array_agg(uuidv7()) from generate_series(1, 500)"
    await owner.execute(f"insert into audit (action, members) select 'x', ({lists}) from generate_series(1, 200)")
    await owner.execute("analyze audit")
    source = SOURCES["looks"]
    part = next(one for one in PARTS if one.name == "looks")
    made = source.query(part, uuid7()).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    plan = "\n".join(row[0] for row in await owner.fetch(f"explain {made}"))
    busy = await name_of(owner, await month(owner, 0))
    assert f"Bitmap Index Scan on {busy}_nurse_id_at_idx" in plan
    assert f"Bitmap Index Scan on {busy}_members_idx" in plan
    assert f"Seq Scan on {busy}" not in plan


# -- the way there and back


async def _move(url: str, revision: str, *, back: bool = False) -> None:
    def move(connection: Connection) -> None:
        config: Config = alembic_config()
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)

    engine = create_async_engine(sqlalchemy_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(move)
    await engine.dispose()


async def test_old_entries_move_into_their_months_and_lists_become_entries_of_each_on_the_way_back(
    empty_url: str, keyring: Keyring
) -> None:
    await _move(empty_url, BEFORE)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url), server_settings={"timezone": "Asia/Shanghai"})
    place = await owner.fetchval(
        "insert into authority (code, name, level, path) values ('000000', '国', 'NATION', '/1/') returning id"
    )
    by = await owner.fetchval(
        "insert into account (party, user_name, display_name, password_hash, state, roles, authority_id)"
        " values ('AUTHORITY', 'officer1', '王', '-', 'ACTIVE', array['REVIEWER'], $1) returning id",
        place,
    )
    # The last moment of a month in China is no month's beginning elsewhere.
    ends = await month(owner, 4)
    nurses = [uuid7(), uuid7()]
    detail = '{"purpose": "FILING", "list": "nurses"}'
    made = "insert into audit (at, account_id, nurse_id, action, detail) values ($1, $2, $3, $4, $5)"
    await owner.execute(made, ends, by, nurses[0], "young", detail)
    await owner.execute(made, ends.replace(day=1) - _MOMENT, None, None, "old", "{}")
    await owner.execute(made, datetime(2009, 1, 1, tzinfo=UTC), None, None, "ancient", "{}")
    await _move(empty_url, HERE)
    rows = await owner.fetch(
        "select action, tableoid::regclass::text, place_id, roles, purpose, detail from audit order by at"
    )
    assert [tuple(row) for row in rows] == [
        ("ancient", "audit_other", None, [], None, "{}"),
        ("old", await name_of(owner, await month(owner, 5)), None, [], None, "{}"),
        ("young", await name_of(owner, ends), place, ["REVIEWER"], "FILING", '{"list": "nurses"}'),
    ]
    await owner.execute("insert into audit (members, action) values ($1, 'list')", nurses)
    await _move(empty_url, BEFORE, back=True)
    assert await _plain(owner) == [("ancient", None), ("old", None), ("young", nurses[0]),
                                   *(("list", one) for one in sorted(nurses))]  # fmt: skip
    assert await owner.fetchval("select detail from audit where action = 'young'") == (
        '{"list": "nurses", "purpose": "FILING"}'
    )
    await _move(empty_url, HERE)
    await owner.close()


_MOMENT = timedelta(seconds=1)


async def _plain(owner: Owner) -> list[tuple[str, UUID | None]]:
    rows = await owner.fetch("select action, nurse_id from audit order by at, nurse_id")
    return [(row["action"], row["nurse_id"]) for row in rows]

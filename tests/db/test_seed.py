"""Seeding a real database: the same each time, consistent, and never over somebody's data."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from db.seed import DEMO_ACCOUNTS, SEED_LOCK, SeedError, is_empty, seed
from db.store.tables import metadata
from tests.support.seeded_databases import KEYRING, KEYS, TODAY, Make, connected

# A nonce makes each ciphertext new; when the event log began is the database's own.
UNEQUAL = {"id_number_sealed", "phone_sealed", "email_sealed", "content_sealed", "epoch"}
# Not the seed's: the law's lists, which each database numbers itself.
GIVEN = {"material_requirement", "law_setting", "faq", "faq_version"}


async def definitions(url: str) -> list[tuple[str, ...]]:
    """Every constraint and index of the database, as PostgreSQL spells it."""
    async with connected(url) as connection:
        rows = await connection.fetch(
            "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text"
            " from pg_constraint where conrelid <> 0 union all"
            " select indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text"
            " from pg_index where indrelid >= 16384 and indrelid::regclass::text not like 'pg_toast.%'"
            " order by 1, 2, 3"
        )
        tables = await connection.fetch("select relname::text from pg_class where relkind in ('r', 'p') order by 1")
    return [tuple(row) for row in (*rows, *tables)]


async def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, without what may differ between two seeds."""
    async with connected(url) as connection:
        found = {}
        for table in (one for one in metadata.sorted_tables if one.name not in GIVEN):
            columns = [column.name for column in table.columns if column.name not in UNEQUAL]
            rows = await connection.fetch(f"select {', '.join(columns)} from {table.name}" if columns else "select")
            found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


async def test_the_same_seed_makes_the_same_register_and_another_another(fresh: Make) -> None:
    urls = [await fresh() for _ in range(3)]
    for url, number in zip(urls, (5, 5, 6), strict=True):
        await seed(url, KEYRING, nurses=1000, seed=number, today=TODAY)
    first, same, other = [await contents(url) for url in urls]
    assert first == same
    assert len(first["nurse"]) == len(other["nurse"]) == 1000
    assert not {row[0] for row in first["nurse"]} & {row[0] for row in other["nurse"]}


async def test_keys_indexes_and_references_are_the_same_as_before(fresh: Make, seeded: str) -> None:
    assert await definitions(seeded) == await definitions(await fresh())


async def test_a_register_that_is_there_is_refused_and_left_as_it_is(seeded: str) -> None:
    before = await contents(seeded)
    with pytest.raises(SeedError, match="holds a register already"):
        await seed(seeded, KEYRING, nurses=1000, seed=2)
    assert await contents(seeded) == before
    assert await is_empty(seeded) is False


@pytest.mark.parametrize("nurses", [0, 999, 5_600_001])
async def test_a_size_that_cannot_be_is_refused_with_the_limits(seeded: str, nurses: int) -> None:
    with pytest.raises(SeedError, match=f"{nurses} nurses cannot be seeded: choose from 1000 to 5600000"):
        await seed(seeded, KEYRING, nurses=nurses, seed=1)


async def test_a_second_seed_at_once_is_refused(fresh: Make) -> None:
    url = await fresh()
    async with connected(url) as connection:
        await connection.execute("select pg_advisory_lock($1)", SEED_LOCK)
        with pytest.raises(SeedError, match="Another `hushi seed` is at work"):
            await seed(url, KEYRING, nurses=1000, seed=1)
    assert await is_empty(url) is True


class _Interruption(Exception):
    """Somebody stops the seed."""


@pytest.mark.parametrize("stage", ["nurses", "applications", "indexes", "statistics"])
async def test_an_interrupted_seed_is_known_and_can_start_over(fresh: Make, stage: str) -> None:
    def stop(reached: str, done: int, total: int) -> None:
        if reached == stage and done * 2 >= total - 1:
            raise _Interruption

    url = await fresh()
    before = await definitions(url)
    with pytest.raises(_Interruption):
        await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, progress=stop)
    with pytest.raises(SeedError, match="interrupted and the register is incomplete: start over with --force"):
        await is_empty(url)
    with pytest.raises(SeedError, match="interrupted"):
        await seed(url, KEYRING, nurses=1000, seed=1)
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, force=True)
    assert await definitions(url) == before
    assert await is_empty(url) is False


async def test_a_killed_process_is_told_in_one_sentence(fresh: Make, caplog: pytest.LogCaptureFixture) -> None:
    def kill(stage: str, done: int, total: int) -> None:
        if done:
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

    url = await fresh()
    with pytest.raises(
        SeedError, match="A process of the seed was killed, perhaps for memory: start over with --force"
    ):
        await seed(url, KEYRING, nurses=20_000, seed=1, progress=kill)
    gc.collect()
    assert caplog.records == []
    with pytest.raises(SeedError, match="interrupted"):
        await is_empty(url)


KILLED = """
import asyncio, sys
from db.store.keys import Keyring
from db.seed import seed
tell = lambda stage, done, total: print(stage, done, flush=True)
asyncio.run(seed(sys.argv[1], Keyring.parse(sys.argv[2]), nurses=50_000, seed=1, progress=tell))
"""


async def test_after_kill_9_the_register_can_start_over_at_once(fresh: Make) -> None:
    url = await fresh()
    command = (sys.executable, "-c", KILLED, url, KEYS)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=DEVNULL)
    assert process.stdout is not None
    while await process.stdout.readline() in (b"", b"nurses 0\n"):
        assert process.returncode is None
    process.kill()
    await process.wait()
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, force=True)
    async with connected(url) as connection:
        assert await connection.fetchval("select count(*) from nurse") == 1000
    assert await is_empty(url) is False


async def test_force_starts_over_and_spoils_old_cursors(fresh: Make) -> None:
    url = await fresh()
    steps: list[tuple[str, int, int]] = []
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY)
    async with connected(url) as connection:
        epoch = await connection.fetchval("select epoch from feed_epoch")
    await seed(
        url,
        KEYRING,
        nurses=1200,
        seed=2,
        today=TODAY,
        force=True,
        demo=False,
        progress=lambda *step: steps.append(step),
    )
    async with connected(url) as connection:
        assert await connection.fetchval("select count(*) from nurse") == 1200
        assert await connection.fetchval("select epoch from feed_epoch") != epoch
        named = await connection.fetchval(
            "select count(*) from account where user_name = any($1)", [demo.user_name for demo in DEMO_ACCOUNTS]
        )
        (row,) = await connection.fetch("select distinct password_hash from account")
    assert named == 0
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(row["password_hash"], DEMO_ACCOUNTS[0].password)
    assert list(dict.fromkeys(stage for stage, *_ in steps)) == ["nurses", "applications", "indexes", "statistics"]
    assert [(stage, done) for stage, done, total in steps if done == total] == [
        ("nurses", 1200),
        ("applications", 5),
        ("indexes", len([step for step in steps if step[0] == "indexes"]) - 1),
        ("statistics", 1),
    ]


async def test_force_keeps_what_the_law_asks_for_and_nothing_of_a_province(fresh: Make) -> None:
    url = await fresh()
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY)
    law = "select * from material_requirement order by id"
    async with connected(url) as connection:
        before = await connection.fetch(law)
        await connection.execute(
            "insert into material_requirement (kind, authority_id, code, title_zh, title_en, valid_from)"
            " select 'FIRST', id, 'HEALTH_REPORT', '体检', 'Health', current_date from authority where code = '110000'"
        )
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, force=True)
    async with connected(url) as connection:
        assert await connection.fetch(law) == before
        assert len(before) > 0

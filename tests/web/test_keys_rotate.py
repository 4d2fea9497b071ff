"""`hushi keys rotate` as operators run it."""

from __future__ import annotations

import asyncpg
import pytest

from db.store.keys import Keyring, new_keys, verify
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from tests.support.command_line import hushi
from tests.support.world import World

OLD, MIDDLE, NEW = new_keys(), new_keys(), new_keys()


@pytest.fixture
def newest() -> str:
    """The id of the new key."""
    return NEW.partition(":")[0]


async def test_it_says_what_it_sealed_and_which_keys_can_go(empty_url: str, newest: str) -> None:
    await migrate(empty_url)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    before = Keyring.parse(f"{MIDDLE},{OLD}")
    await verify(owner, before)
    await World(owner, before).cast()
    keys = f"{NEW},{MIDDLE},{OLD}"
    for rows in (1, 0):
        done = await hushi("keys", "rotate", DATABASE_URL=empty_url, HUSHI_KEYS=keys, HUSHI_LOG="warning")
        assert (done.code, done.error) == (0, "")
        assert done.out == (
            f"Sealed with {newest}, rows that were not before: blob 0, outbox 0, nurse {rows}, account 0, "
            "desk_request 0, exam_record 0, question 0.\n"
            f"No longer needed in HUSHI_KEYS: {before.newest}. {OLD.partition(':')[0]} indexes and must stay.\n"
        )
    assert await owner.fetchval("select id_number_key_id from nurse") == newest
    await owner.close()


async def test_keys_of_another_database_are_refused_in_one_sentence(empty_url: str) -> None:
    await migrate(empty_url)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    await verify(owner, Keyring.parse(OLD))
    await owner.close()
    done = await hushi("keys", "rotate", DATABASE_URL=empty_url, HUSHI_KEYS=NEW, HUSHI_LOG="warning")
    assert (done.code, done.out, done.error.count("\n")) == (1, "", 1)
    assert done.error.startswith("The database was sealed with other keys than these")


async def test_the_key_that_indexed_so_far_can_go(empty_url: str, newest: str) -> None:
    await migrate(empty_url)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    before = Keyring.parse(OLD)
    await verify(owner, before)
    await World(owner, before).cast()
    keys = f"{NEW},{OLD}"
    refused = await hushi("keys", "reindex", DATABASE_URL=empty_url, HUSHI_KEYS=keys, HUSHI_LOG="warning")
    assert (refused.code, refused.out) == (1, "")
    assert refused.error == (
        "1 more connections are open to the database: stop every server and pooler, then run it again.\n"
    )
    await owner.close()
    done = await hushi("keys", "reindex", DATABASE_URL=empty_url, HUSHI_KEYS=keys, HUSHI_LOG="warning")
    assert (done.code, done.error) == (0, "")
    assert done.out.startswith(f"Indexed with {newest}: blob 0, nurse 1, account ")
    rotated = await hushi("keys", "rotate", DATABASE_URL=empty_url, HUSHI_KEYS=keys, HUSHI_LOG="warning")
    note = f"No longer needed in HUSHI_KEYS: {before.newest}. {newest} indexes and must stay.\n"
    assert (rotated.code, rotated.out.endswith(note)) == (0, True)
    alone = await hushi("keys", "rotate", DATABASE_URL=empty_url, HUSHI_KEYS=NEW, HUSHI_LOG="warning")
    assert (alone.code, alone.error) == (0, "")

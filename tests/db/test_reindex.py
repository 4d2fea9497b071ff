"""The key that has indexed so far can retire: everything is found by the newest one's indexes, and nothing by the old."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from db import idempotency
from db.account import sealed
from db.activation_code import Live, fits, hashed
from db.feed.cursor import Cursors
from db.idempotency import Key
from db.reindex import reindex
from db.rekey import SEALED, reseal
from db.store.columns import metadata
from db.store.engine import Database
from db.store.keys import Keyring, KeyringError, new_keys, verify
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.errors import Conflict, Invalid
from rules.people import Party
from rules.privacy import mask_id_number
from tests.support.sealed import filled, opened

OLD, NEW = new_keys(), new_keys()
NUMBER = "110199199105120249"
WAITED = """set statement_timeout = '30 s';
    do $$ begin
        while not exists (select from pg_stat_activity
            where datname = current_database() and query = 'select pg_sleep(0.1)') loop
            perform pg_stat_clear_snapshot();
        end loop;
    end $$"""
"""Comes back once the run waits for who is still connected."""


@pytest_asyncio.fixture
async def url(empty_url: str) -> str:
    """A register with something sealed in every table, indexed with the old key; nobody is connected to it."""
    await migrate(empty_url)
    owner = await asyncpg.connect(asyncpg_dsn(empty_url))
    await filled(empty_url, owner, Keyring.parse(OLD))
    await owner.execute(
        "update account set id_number_index = null where id = (select min(id::text)::uuid from account)"
    )
    await owner.close()
    return empty_url


@pytest.fixture
def both() -> Keyring:
    """The keys with a new one in front, as HUSHI_KEYS has them."""
    return Keyring.parse(f"{NEW},{OLD}")


async def indexes(url: str) -> dict[str, list[bytes | None]]:
    """Every index, row by row."""
    owner, found = await asyncpg.connect(asyncpg_dsn(url)), {}
    for table in SEALED:
        for column in table.columns:
            if f"{column}_index" in metadata.tables[table.name].c:
                query = f"select {column}_index from {table.name} order by id"
                found[f"{table.name}.{column}"] = [row[0] for row in await owner.fetch(query)]
    await owner.close()
    return found


async def test_everything_is_found_by_the_new_key_alone(url: str, both: Keyring) -> None:
    before = await indexes(url)
    done = await reindex(url, both)
    assert done == {"blob": 1, "nurse": 2, "account": len(before["account.phone"]), "exam_record": 1}
    after = await indexes(url)
    known = {index for column in before.values() for index in column if index}
    assert not known & {index for column in after.values() for index in column}
    assert {name: [one is None for one in found] for name, found in after.items()} == {
        name: [one is None for one in found] for name, found in before.items()
    }
    alone = Keyring.parse(NEW)
    assert alone.blind_index(NUMBER, "id_number") in after["exam_record.id_number"]
    await reseal(url, both)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    now = await verify(owner, alone)
    assert (now.indexing, now.spare) == (now.newest, [])
    values = await opened(owner, now)
    for name, rows in values.items():
        for _, index, content in rows:
            purpose = {"blob.content": "blob"}.get(name, name.partition(".")[2])
            assert index in (None, content and now.blind_index(content, purpose))
    columns = sealed(now, "id_number", NUMBER, mask_id_number)
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "update nurse set document_type = twin.document_type, id_number_index = twin.id_number_index"
            " from nurse twin where twin.id <> nurse.id"
        )
    assert columns["id_number_index"] in after["exam_record.id_number"]
    await owner.close()


async def test_servers_that_have_both_keys_are_told_which_one_indexes(url: str, both: Keyring) -> None:
    await reindex(url, both)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    assert (await verify(owner, both)).indexing == both.newest
    with pytest.raises(KeyringError, match=f"with other keys than these: .* the key '{both.newest}' among them"):
        await verify(owner, Keyring.parse(OLD))
    forged = Keyring.parse(f"{both.newest}:{new_keys().partition(':')[2]},{OLD}")
    with pytest.raises(KeyringError, match="sealed with other keys"):
        await verify(owner, forged)
    await owner.close()


async def test_it_is_refused_while_a_server_is_connected_and_nothing_moves(url: str, both: Keyring) -> None:
    before, db = await indexes(url), Database(url, Keyring.parse(OLD), pool_size=1)
    await db.open()
    with pytest.raises(KeyringError, match="more connections are open to the database: stop every server"):
        await reindex(url, both, patience=0)
    await db.close()
    assert await indexes(url) == before
    owner = await asyncpg.connect(asyncpg_dsn(url))
    assert (await verify(owner, both)).indexing == Keyring.parse(OLD).newest
    await owner.close()


async def test_whoever_is_just_leaving_is_waited_for(url: str, both: Keyring) -> None:
    leaver, watcher = [await asyncpg.connect(asyncpg_dsn(url)) for _ in range(2)]
    run = asyncio.create_task(reindex(url, both))
    await watcher.execute(WAITED)
    assert not run.done()
    await leaver.close()
    await watcher.close()
    assert (await run)["nurse"] == 2


async def test_what_fails_in_the_middle_leaves_everything_as_it_was(url: str, both: Keyring) -> None:
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await owner.execute("update exam_record set id_number_sealed = 'not what it was'")
    await owner.close()
    before = await indexes(url)
    with pytest.raises(KeyringError, match="was altered"):
        await reindex(url, both)
    assert await indexes(url) == before


def test_what_is_kept_a_short_time_is_good_while_both_keys_are_there(both: Keyring) -> None:
    now, old, alone = both.indexing_with(both.newest), Keyring.parse(OLD), Keyring.parse(NEW)
    scope, key, birth = uuid4(), uuid4(), uuid4()
    cursor = Cursors(old, birth).write(scope, 7)
    assert Cursors(now, birth).read(scope, cursor).seq == 7
    with pytest.raises(Invalid):
        Cursors(alone, birth).read(scope, cursor)
    code = Live(key, (Party.INSTITUTION, scope), hashed(old, key, "ABCD"), 0, datetime.max)
    assert (fits(now, code, "ABCD"), fits(now, code, "ABCE"), fits(alone, code, "ABCD")) == (True, False, False)


async def test_a_request_sent_again_is_known_again(url: str, both: Keyring) -> None:
    key, made = Key(uuid4(), "staffInvite", "sent-again-0001"), uuid4()
    await _send(url, Keyring.parse(OLD), key, made)
    await reindex(url, both)
    assert await _send(url, both.indexing_with(both.newest), key, uuid4()) == made
    with pytest.raises(Conflict):
        await _send(url, Keyring.parse(NEW), key, uuid4())


async def _send(url: str, keyring: Keyring, key: Key, made: UUID) -> UUID | None:
    db = Database(url, keyring, pool_size=1)
    try:
        async with db.begin() as tx:
            await tx.ask_time()
            return await idempotency.earlier(tx, key, b"the request", made)
    finally:
        await db.close()

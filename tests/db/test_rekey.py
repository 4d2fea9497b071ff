"""A new key seals everything afresh, beside those who work meanwhile, and finds what the old one found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from db import rekey
from db.account import sealed
from db.rekey import SEALED, reseal
from db.store.columns import metadata
from db.store.keys import Keyring, KeyringError, Sealed, new_keys
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from rules.privacy import mask_phone
from tests.support.contacts import new_phone
from tests.support.sealed import NUMBER, filled, opened

OLDEST, MIDDLE, NEWEST = new_keys(), new_keys(), new_keys()


@pytest_asyncio.fixture
async def url(empty_url: str) -> str:
    """A database of the test's own; the owner's address."""
    await migrate(empty_url)
    return empty_url


@pytest_asyncio.fixture
async def owner(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The owner's hands in it."""
    connection = await asyncpg.connect(asyncpg_dsn(url))
    yield connection
    await connection.close()


@pytest.fixture
def before() -> Keyring:
    """The keys so far."""
    return Keyring.parse(f"{MIDDLE},{OLDEST}")


@pytest.fixture
def after() -> Keyring:
    """The same, with a new one in front."""
    return Keyring.parse(f"{NEWEST},{MIDDLE},{OLDEST}")


async def used(owner: asyncpg.Connection[asyncpg.Record]) -> set[str]:
    """The ids of the keys that something is sealed with."""
    found: set[str] = set()
    for table in SEALED:
        for column in table.columns:
            found |= {row[0] for row in await owner.fetch(f"select distinct {column}_key_id from {table.name}")}
    return found - {None, ""}


def test_every_sealed_column_of_the_database_is_known() -> None:
    columns = {f"{t.name}.{c.name}" for t in metadata.tables.values() for c in t.columns if c.name.endswith("_sealed")}
    assert {f"{table.name}.{column}_sealed" for table in SEALED for column in table.columns} == columns


async def test_everything_opens_with_the_new_key_and_is_found_as_before(
    url: str, owner: asyncpg.Connection[asyncpg.Record], before: Keyring, after: Keyring
) -> None:
    await filled(url, owner, before)
    values = await opened(owner, before)
    assert await used(owner) == {before.newest}
    done = await reseal(url, after)
    assert await used(owner) == {after.newest}
    assert await opened(owner, after) == values
    assert done == {
        "blob": 1,
        "exam_record": 1,
        "outbox": 1,
        "nurse": 2,
        "account": 1,
        "desk_request": 2,
        "question": 1,
    }
    assert await reseal(url, after) == dict.fromkeys(done, 0)
    shorter = Keyring.parse(f"{NEWEST},{OLDEST}")
    assert (after.spare, shorter.spare) == ([before.newest], [])
    assert await opened(owner, shorter) == values


async def test_what_was_broken_off_is_gone_on_with(
    url: str,
    owner: asyncpg.Connection[asyncpg.Record],
    before: Keyring,
    after: Keyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await filled(url, owner, before)
    values = await opened(owner, before)
    await owner.execute("update exam_record set id_number_sealed = 'not what it was'")
    monkeypatch.setattr(rekey, "SEALED", sorted(SEALED, key=lambda table: table.name == "exam_record"))
    with pytest.raises(KeyringError, match="was altered"):
        await reseal(url, after)
    assert await used(owner) == {before.newest, after.newest}
    sealed_again = after.seal(NUMBER, "id_number")
    await owner.execute(
        "update exam_record set id_number_key_id = $1, id_number_sealed = $2", *vars(sealed_again).values()
    )
    assert set((await reseal(url, after)).values()) == {0}
    assert await opened(owner, after) == values


async def test_what_somebody_holds_is_done_when_he_has_done(
    url: str, owner: asyncpg.Connection[asyncpg.Record], before: Keyring, after: Keyring
) -> None:
    """She changes her phone meanwhile, by a server that has the new key; nobody waits for the other."""
    cast, phone = await filled(url, owner, before), new_phone()
    holder = await asyncpg.connect(asyncpg_dsn(url))
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("select from nurse where id = $1 for update", cast.nurse_id)
    run = asyncio.create_task(reseal(url, after))
    others = "select count(*) from nurse where id <> $1 and id_number_key_id = $2"
    async with asyncio.timeout(10):
        while not await owner.fetchval(others, cast.nurse_id, after.newest):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not run.done()
    columns = sealed(after, "phone", phone, mask_phone)
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await holder.execute(f"update nurse set {settings} where id = $1", cast.nurse_id, *columns.values())
    await transaction.commit()
    await holder.close()
    assert (await run)["nurse"] == 2
    row = await owner.fetchrow("select * from nurse where id = $1", cast.nurse_id)
    assert after.unseal(Sealed(row["phone_key_id"], row["phone_sealed"]), "phone") == phone
    assert await used(owner) == {after.newest}


async def test_keys_of_another_database_and_missing_ones_are_refused(
    url: str, owner: asyncpg.Connection[asyncpg.Record], before: Keyring
) -> None:
    await filled(url, owner, before)
    values = await opened(owner, before)
    with pytest.raises(KeyringError, match="sealed with other keys"):
        await reseal(url, Keyring.parse(f"{NEWEST},{MIDDLE}"))
    with pytest.raises(KeyringError, match="add that key to HUSHI_KEYS again"):
        await reseal(url, Keyring.parse(f"{NEWEST},{OLDEST}"))
    assert await opened(owner, before) == values

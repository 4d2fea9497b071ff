"""A dump without the keys neither shows a file nor confirms one that somebody has; equal files are kept once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from db import blob
from db.blob import content_of, keep, seal_plain
from db.rekey import reseal
from db.store.engine import Database
from db.store.keys import Keyring, new_keys, verify
from db.store.migrate import alembic_config, migrate
from db.store.url import asyncpg_dsn, sqlalchemy_url
from rules.application import State
from tests.support.authority_stage import put
from tests.support.papers import PDF
from tests.support.world import World

OLDER, NEWER = new_keys(), new_keys()
FILES = [b"%PDF-1.7 " + bytes([number]) * 2000 + b"%%EOF" for number in range(1, 8)]
KEEP = "insert into blob (sha256, media_type, content) values ($1, 'application/pdf', $2)"


async def to(url: str, revision: str, *, back: bool = False) -> None:
    """Bring the tables to a revision."""

    def work(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)

    engine = create_async_engine(sqlalchemy_url(url))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()


async def dumped(owner: asyncpg.Connection[asyncpg.Record]) -> bytes:
    """Everything that stands in the tables about files, as a dump has it."""
    tables = ("blob", "material", "nurse", "audit", "idempotency")
    rows = [row for table in tables for row in await owner.fetch(f"select * from {table}")]
    return b"".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row.values())


class Kept:
    """Files that an earlier release has kept, and what refers to them."""

    def __init__(self, url: str, owner: asyncpg.Connection[asyncpg.Record], keyring: Keyring) -> None:
        self.url, self.owner, self.keyring = url, owner, keyring

    async def files(self) -> list[bytes | None]:
        """What is opened by the references of the materials, in the order of their names."""
        query = "select blob.* from material join blob on blob.id = blob_id order by file_name"
        return [content_of(self.keyring, row) for row in await self.owner.fetch(query)]

    async def photo(self) -> bytes | None:
        """The nurse's photo."""
        row = await self.owner.fetchrow("select blob.* from nurse join blob on blob.id = photo_id")
        assert row is not None
        return content_of(self.keyring, row)

    async def plain(self) -> int:
        """How many are still in clear."""
        return int(await self.owner.fetchval("select count(*) from blob where plain is not null"))


@pytest_asyncio.fixture
async def kept(empty_url: str) -> AsyncIterator[Kept]:
    """Seven files of the release before, the last one her photo as well."""
    owner, keyring = await asyncpg.connect(asyncpg_dsn(empty_url)), Keyring.parse(OLDER)
    await migrate(empty_url)
    await verify(owner, keyring)
    world = World(owner, keyring)
    cast = await world.cast()
    key = await put(world, cast, State.DRAFT)
    await to(empty_url, "0008", back=True)
    for number, content in enumerate(FILES):
        digest = sha256(content).digest()
        await owner.execute(KEEP, digest, content)
        row = {"id": uuid7(), "application_id": key, "code": "HEALTH_REPORT", "file_name": f"{number}.pdf"}
        more = {"media_type": "application/pdf", "size": len(content), "uploaded_by": cast.nurse.account_id}
        await world.insert("material", **row, **more, sha256=digest)
    await owner.execute("update nurse set photo_sha256 = $1", sha256(FILES[-1]).digest())
    await migrate(empty_url)
    yield Kept(empty_url, owner, keyring)
    await owner.close()


@pytest.fixture
async def db(kept: Kept) -> AsyncIterator[Database]:
    """A server's connections."""
    db = Database(kept.url, kept.keyring)
    yield db
    await db.close()


async def test_files_of_an_earlier_release_are_read_before_and_after_they_are_sealed(kept: Kept, db: Database) -> None:
    assert (await kept.files(), await kept.photo(), await kept.plain()) == (FILES, FILES[-1], 7)
    assert await seal_plain(db, 3) == 3
    assert (await kept.files(), await kept.photo(), await kept.plain()) == (FILES, FILES[-1], 4)
    assert await seal_plain(db) == 4
    assert (await kept.files(), await kept.photo(), await kept.plain()) == (FILES, FILES[-1], 0)
    assert await seal_plain(db) == 0
    dump = await dumped(kept.owner)
    for content in FILES:
        assert content[:100] not in dump
        assert sha256(content).digest() not in dump


async def test_servers_seal_side_by_side_and_one_that_dies_leaves_its_file_to_the_others(
    kept: Kept, db: Database
) -> None:
    holder = await asyncpg.connect(asyncpg_dsn(kept.url))
    held = holder.transaction()
    await held.start()
    await holder.execute("select from blob order by id limit 1 for update")
    assert sum(await asyncio.gather(*(seal_plain(db) for _ in range(4)))) == 6
    assert (await kept.files(), await kept.plain()) == (FILES, 1)
    await held.rollback()
    await holder.close()
    assert await seal_plain(db) == 1
    assert (await kept.files(), await kept.photo()) == (FILES, FILES[-1])


async def test_a_file_that_was_handed_in_again_before_it_was_sealed_is_kept_once(kept: Kept, db: Database) -> None:
    async with db.begin() as tx:
        again = await keep(tx, FILES[-1], "application/pdf")
    assert await kept.owner.fetchval("select count(*) from blob") == 8
    assert await seal_plain(db) == 7
    assert await kept.owner.fetchval("select count(*) from blob") == 7
    assert (await kept.files(), await kept.photo()) == (FILES, FILES[-1])
    assert await kept.owner.fetchval("select photo_id from nurse") == again


async def test_equal_files_are_kept_once_also_at_once(kept: Kept, db: Database) -> None:
    async def one() -> UUID:
        async with db.begin() as tx:
            return await keep(tx, PDF, "application/pdf")

    keys = await asyncio.gather(*(one() for _ in range(8)))
    assert len({*keys, await one()}) == 1
    assert await kept.owner.fetchval("select count(*) from blob where plain is null") == 1


async def test_two_registers_keep_the_same_file_under_other_indexes(kept: Kept) -> None:
    one, other = (blob.sealed(Keyring.parse(keys), PDF) for keys in (OLDER, NEWER))
    assert one["content_index"] != other["content_index"]
    assert sha256(PDF).digest() not in (one["content_index"], other["content_index"])


async def test_a_new_key_seals_the_files_again_and_passes_over_those_in_clear(kept: Kept, db: Database) -> None:
    await seal_plain(db, 5)
    both = Keyring.parse(f"{NEWER},{OLDER}")
    assert (await reseal(kept.url, both))["blob"] == 5
    assert {row[0] for row in await kept.owner.fetch("select distinct content_key_id from blob")} == {both.newest, None}
    kept.keyring = both
    assert (await kept.files(), await kept.photo()) == (FILES, FILES[-1])
    assert (await reseal(kept.url, both))["blob"] == 0


async def test_there_is_a_way_back_until_something_is_sealed(kept: Kept, db: Database) -> None:
    await to(kept.url, "0008", back=True)
    query = "select content from material join blob using (sha256) order by file_name"
    assert [row[0] for row in await kept.owner.fetch(query)] == FILES
    await migrate(kept.url)
    await seal_plain(db, 1)
    with pytest.raises(Exception, match="only a server with the keys opens them"):
        await to(kept.url, "0008", back=True)
    assert await kept.files() == FILES

"""Published signing keys (签名公钥): from when until when each holds. Operators write them, everybody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import asyncpg
from sqlalchemy import select

from db.store.engine import Reader
from db.store.signing import SigningError
from db.store.tables_certificate import signing_key
from db.store.url import asyncpg_dsn
from rules.receipt import SigningKey

_k = signing_key.c


async def every(reader: Reader) -> list[SigningKey]:
    """All keys that were ever published, retired ones too, the newest first."""
    query = select(_k.id, _k.public_key, _k.active_from, _k.retired_at).order_by(_k.active_from.desc(), _k.id)
    return [SigningKey(**row) for row in (await reader.execute(query)).mappings()]


async def active(reader: Reader, held: Mapping[str, bytes], at: datetime) -> str | None:
    """The newest key that signs at a moment, among those of which the process holds the private half."""
    usable = (
        one.id
        for one in await every(reader)
        if held.get(one.id) == one.public_key
        and one.active_from <= at
        and (one.retired_at is None or at <= one.retired_at)
    )
    return next(usable, None)


async def publish(owner_url: str, keys: Mapping[str, bytes], active_from: datetime | None = None) -> list[str]:
    """Publish those of these keys that are not yet; gives their ids. Raises SigningError where an id is another's."""
    connection = await asyncpg.connect(asyncpg_dsn(owner_url))
    try:
        async with connection.transaction():
            await connection.execute("lock table signing_key in share row exclusive mode")
            known = {row["id"]: row["public_key"] for row in await connection.fetch("select * from signing_key")}
            _require_same(known, keys)
            new = [one for one in keys if one not in known]
            write = "insert into signing_key (id, public_key, active_from) values ($1, $2, coalesce($3, now()))"
            for one in new:
                await connection.execute(write, one, keys[one], active_from)
        return new
    finally:
        await connection.close()


def _require_same(known: Mapping[str, bytes], keys: Mapping[str, bytes]) -> None:
    for name, public in keys.items():
        if known.get(name, public) != public or public in {one for other, one in known.items() if other != name}:
            raise SigningError(f"The signing key {name!r} is published as another one: make a new key.")


async def published(owner_url: str) -> list[SigningKey]:
    """All keys that were ever published, the newest first, as an operator asks for them."""
    connection = await asyncpg.connect(asyncpg_dsn(owner_url))
    try:
        rows = await connection.fetch("select * from signing_key order by active_from desc, id")
    finally:
        await connection.close()
    return [SigningKey(**dict(row)) for row in rows]


async def retire(owner_url: str, key_id: str, at: datetime | None) -> datetime:
    """Retire a published key at a moment, now unless told; gives the moment. What it signs after that is worth nothing.

    A key that was stolen is retired from the moment on from which it is not to be trusted, at the earliest from when
    it was active.
    """
    connection = await asyncpg.connect(asyncpg_dsn(owner_url))
    try:
        write = """update signing_key set retired_at = least(retired_at, greatest(active_from, coalesce($2, now())))
            where id = $1 returning retired_at"""
        found: datetime | None = await connection.fetchval(write, key_id, at)
    finally:
        await connection.close()
    if found is None:
        raise SigningError(f"There is no published signing key {key_id!r}: `hushi signing list` names them.")
    return found

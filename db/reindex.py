"""Indexing everything anew with the newest key (换索引密钥), so that the key which has indexed so far can go.

No server may run meanwhile: it would look for old indexes among new ones. All of it is one transaction.
"""

from __future__ import annotations

import time
from typing import Final

import asyncpg

from db.rekey import BATCH, FILES, NIL, SEALED, SealedTable
from db.store.columns import metadata
from db.store.keys import Keyring, KeyringError, Sealed, verify
from db.store.url import asyncpg_dsn

# Only whoever signed in counts: autovacuum has a process in the database too, and reads nothing by an index of ours.
_OTHERS: Final = """select count(*) from pg_stat_activity, pg_stat_clear_snapshot()
    where datname = current_database() and usesysid is not null and pid <> pg_backend_pid()"""
PATIENCE: Final = 5.0  # seconds for who has just hung up and is still on its way out, as PostgreSQL's own drop database


async def reindex(owner_url: str, keyring: Keyring, patience: float = PATIENCE) -> dict[str, int]:
    """Make all indexes anew with the newest key; returns the number of rows of each table.

    Raises KeyringError if the keys are not this database's, or somebody is still connected to it after `patience`
    seconds.
    """
    connection = await asyncpg.connect(asyncpg_dsn(owner_url))
    try:
        async with connection.transaction():
            keyring = await verify(connection, keyring)  # holds CHECK_LOCK: who starts now waits, and sees the new key
            await _require_alone(connection, patience)
            fresh = keyring.indexing_with(keyring.newest)
            done = {table.name: await _table(connection, fresh, table) for table in SEALED if _indexed(table)}
            write = "update keyring_check set value = $1, key_id = $2"
            await connection.execute(write, fresh.check_value(), fresh.indexing)
        return done
    finally:
        await connection.close()


async def _require_alone(connection: asyncpg.Connection[asyncpg.Record], patience: float) -> None:
    until = time.monotonic() + patience
    while (others := await connection.fetchval(_OTHERS)) and time.monotonic() < until:
        await connection.execute("select pg_sleep(0.1)")
    if others:
        raise KeyringError(
            f"{others} more connections are open to the database: stop every server and pooler, then run it again."
        )


def _indexed(table: SealedTable) -> tuple[str, ...]:
    return tuple(one for one in table.columns if f"{one}_index" in metadata.tables[table.name].c)


async def _table(connection: asyncpg.Connection[asyncpg.Record], fresh: Keyring, table: SealedTable) -> int:
    columns, last, done = _indexed(table), NIL, 0
    parts = [f"{one}_{part}" for one in columns for part in ("key_id", "sealed", "index")]
    kind = [table.kind] if table.kind else []
    batch = f"select {', '.join(['id', *kind, *parts])} from {table.name} where id > $1 order by id limit $2 for update"
    values = ", ".join(f"{one}_index = ${n}" for n, one in enumerate(columns, 2))
    while rows := await connection.fetch(batch, last, FILES if table.name == "blob" else BATCH):
        last, done = rows[-1]["id"], done + len(rows)
        anew = [(row["id"], *(_index(fresh, table, one, row) for one in columns)) for row in rows]
        await connection.executemany(f"update {table.name} set {values} where id = $1", anew)
    return done


def _index(fresh: Keyring, table: SealedTable, column: str, row: asyncpg.Record) -> bytes | None:
    """A value's new index; none where it had none, as that of a revoked account."""
    if row[f"{column}_index"] is None:
        return None
    purpose = table.purpose(column, row)
    content = fresh.unseal_bytes(Sealed(row[f"{column}_key_id"], row[f"{column}_sealed"]), purpose)
    return fresh.blind_index(content, purpose)

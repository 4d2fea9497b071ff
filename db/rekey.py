"""Sealing everything afresh with the newest key (换密钥), so that the keys between it and the oldest can go.

May be broken off and begun again, and run beside servers that have the new key already: rows go in small batches,
locked rows are passed over and looked at again, and no lock is waited for while a row is held.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import Table

from db.blob import PURPOSE as BLOB
from db.message import CONTENT
from db.question import CONTACT as QUESTION
from db.read.shapes.desk import PURPOSE_OF
from db.read.shapes.message import RECIPIENT
from db.store.columns import metadata
from db.store.keys import Keyring, KeyringError, Sealed, verify
from db.store.url import asyncpg_dsn

BATCH: Final = 200
FILES: Final = 4
"""Files are up to 5 MiB each, so that fewer go at once."""
PAUSE_SECONDS: Final = 0.05
PASSES: Final = 100
APPLICATION_NAME: Final = "hushi-rekey"
NIL: Final = UUID(int=0)
_PURPOSES: Final[Mapping[tuple[str, str], str]] = {
    ("outbox", "recipient"): RECIPIENT,
    ("outbox", "content"): CONTENT,
    ("blob", "content"): BLOB,
    ("question", "contact"): QUESTION,
    **{("desk_request", kind): purpose for kind, purpose in PURPOSE_OF.items()},
}
"""The purpose of a column's seal, if it is not its own name; requests by their kind."""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns: the prefix of their names, and a further column that gives their purpose."""

    name: str
    columns: tuple[str, ...]
    kind: str | None

    @classmethod
    def of(cls, table: Table) -> SealedTable:
        """The table as the metadata has it."""
        columns = tuple(name.removesuffix("_sealed") for name in table.c.keys() if name.endswith("_sealed"))  # noqa: SIM118
        return cls(table.name, columns, "kind" if table.name == "desk_request" else None)

    def purpose(self, column: str, row: asyncpg.Record) -> str:
        """The purpose for which a value of this row was sealed."""
        return _PURPOSES.get((self.name, row[self.kind] if self.kind else column), column)

    @property
    def older(self) -> str:
        """The rows with a seal of another key than $1; an emptied row has none."""
        return " or ".join(f"{one}_key_id not in ($1, '')" for one in self.columns)

    @property
    def batch(self) -> str:
        """The next of them after $2, held."""
        shown = ["id", *([self.kind] if self.kind else [])]
        shown += [f"{one}_{part}" for one in self.columns for part in ("key_id", "sealed")]
        return (
            f"select {', '.join(shown)} from {self.name} where ({self.older}) and id > $2 "
            "order by id limit $3 for no key update skip locked"
        )

    @property
    def write(self) -> str:
        """One row's columns."""
        parts = [f"{one}_{part}" for one in self.columns for part in ("key_id", "sealed")]
        return f"update {self.name} set {', '.join(f'{part} = ${n}' for n, part in enumerate(parts, 2))} where id = $1"


SEALED: Final = tuple(
    found for table in metadata.sorted_tables if (found := SealedTable.of(table)).columns and "id" in table.c
)
"""Every table that has something sealed."""


async def reseal(owner_url: str, keyring: Keyring) -> dict[str, int]:
    """Seal with the newest key all rows that are sealed with another; returns the number of rows of each table.

    Raises KeyringError if the keys are not this database's, or a key that is still needed is missing.
    """
    settings = {"application_name": APPLICATION_NAME}
    connection = await asyncpg.connect(asyncpg_dsn(owner_url), server_settings=settings)
    try:
        keyring = await verify(connection, keyring)
        return {table.name: await _table(connection, keyring, table) for table in SEALED}
    finally:
        await connection.close()


async def _table(connection: asyncpg.Connection[asyncpg.Record], keyring: Keyring, table: SealedTable) -> int:
    done = 0
    for _ in range(PASSES):
        last: UUID | None = NIL
        while last is not None:
            last, count = await _batch(connection, keyring, table, last)
            done += count
        if not await connection.fetchval(
            f"select exists (select from {table.name} where {table.older})", keyring.newest
        ):
            return done
        await asyncio.sleep(PAUSE_SECONDS)  # somebody holds what is left
    raise KeyringError(
        f"Rows of {table.name} are still being sealed with an older key: start every server with the new key in "
        "front of HUSHI_KEYS, then run `hushi keys rotate` again."
    )


async def _batch(
    connection: asyncpg.Connection[asyncpg.Record], keyring: Keyring, table: SealedTable, after: UUID
) -> tuple[UUID | None, int]:
    """One small transaction; the last row's key, none where there was no row."""
    async with connection.transaction():
        rows = await connection.fetch(table.batch, keyring.newest, after, FILES if table.name == "blob" else BATCH)
        await connection.executemany(table.write, [_resealed(keyring, table, row) for row in rows])
    return (rows[-1]["id"] if rows else None), len(rows)


def _resealed(keyring: Keyring, table: SealedTable, row: asyncpg.Record) -> list[object]:
    """A row's key and its columns, as they are to be."""
    values: list[object] = [row["id"]]
    for column in table.columns:
        key_id, ciphertext = row[f"{column}_key_id"], row[f"{column}_sealed"]
        if key_id and key_id != keyring.newest:
            purpose = table.purpose(column, row)
            fresh = keyring.seal_bytes(keyring.unseal_bytes(Sealed(key_id, ciphertext), purpose), purpose)
            key_id, ciphertext = fresh.key_id, fresh.ciphertext
        values += [key_id, ciphertext]
    return values

"""Files, sealed and kept once each, so that one backup holds everything and a dump without the keys shows none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from db.store.engine import Database, Tx
from db.store.keys import Keyring, Sealed
from db.store.tables import blob, nurse
from db.store.tables_application import information_change, material, photo
from db.store.tables_help import manual, question_file

PURPOSE: Final = "blob"
CONTENT: Final = (blob.c.content_key_id, blob.c.content_sealed, blob.c.plain)
"""The columns from which a file is opened."""
REFERENCES: Final = (
    *(material.c.blob_id, photo.c.blob_id, nurse.c.photo_id, information_change.c.proof_id),
    *(question_file.c.blob_id, manual.c.blob_id),
)
"""The columns that name a file."""
SEALED_AT_ONCE: Final = 1_000


async def keep(tx: Tx, content: bytes, media_type: str) -> UUID:
    """Keep a file, unless it is kept already; gives its id."""
    row = insert(blob).values(**sealed(tx.keyring, content), media_type=media_type)
    # An update that changes nothing: only an upsert answers with the row, whichever transaction was first.
    same = {"content_index": row.excluded.content_index}
    kept = row.on_conflict_do_update(index_elements=["content_index"], set_=same).returning(blob.c.id)
    key: UUID = (await tx.execute(kept)).scalar_one()
    return key


def sealed(keyring: Keyring, content: bytes) -> dict[str, Any]:
    """The columns of a file: its ciphertext, and the index by which an equal one is found."""
    closed = keyring.seal_bytes(content, PURPOSE)
    index = keyring.blind_index(content, PURPOSE)
    return {"content_index": index, "content_key_id": closed.key_id, "content_sealed": closed.ciphertext}


def content_of(keyring: Keyring, row: Mapping[str, Any]) -> bytes | None:
    """The file of a row with the columns CONTENT; None where an outer join has found none."""
    if row["content_sealed"] is None:
        plain: bytes | None = row["plain"]
        return plain
    return keyring.unseal_bytes(Sealed(row["content_key_id"], row["content_sealed"]), PURPOSE)


async def seal_plain(db: Database, most: int = SEALED_AT_ONCE) -> int:
    """Seal files that an earlier release has kept in clear, each in a transaction of its own; gives their number.

    Servers may do it side by side and be broken off; who reads such a file meanwhile gets it either way.
    """
    for number in range(most):
        async with db.begin() as tx:
            query = select(blob.c.id, blob.c.plain).where(blob.c.plain.is_not(None)).order_by(blob.c.id).limit(1)
            row = (await tx.execute(query.with_for_update(skip_locked=True))).one_or_none()
            if row is None:
                return number
            await _seal(tx, row)
    return most


async def _seal(tx: Tx, row: Row[Any]) -> None:
    columns, twin = sealed(tx.keyring, row.plain), blob.alias("twin")
    same = select(twin.c.id).where(twin.c.content_index == columns["content_index"])
    one = update(blob).where(blob.c.id == row.id, ~exists(same)).values(**columns, plain=None)
    if (await tx.execute(one.returning(blob.c.id))).one_or_none() is None:
        # Somebody has handed in the same file since: it is kept once.
        for reference in REFERENCES:
            follows = update(reference.table).where(reference == row.id)
            await tx.execute(follows.values({reference.name: same.scalar_subquery()}))
        await tx.execute(delete(blob).where(blob.c.id == row.id))

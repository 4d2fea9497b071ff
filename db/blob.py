"""Files, kept once each under their digest, so that one backup holds everything."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy.dialects.postgresql import insert

from db.store.engine import Tx
from db.store.tables import blob


async def keep(tx: Tx, content: bytes, media_type: str) -> bytes:
    """Keep a file, unless it is kept already; gives its digest."""
    digest = sha256(content).digest()
    row = {"sha256": digest, "media_type": media_type, "content": content}
    await tx.execute(insert(blob).values(row).on_conflict_do_nothing())
    return digest

"""Near relatives of deceased nurses who got a record (近亲属查阅, PIPL 49)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.store.engine import Tx
from db.store.tables_account import relative_request


async def insert(tx: Tx, key: UUID, values: Mapping[str, Any]) -> None:
    """Write down who got it, on which proof and for what."""
    await tx.execute(relative_request.insert().values({"id": key, "at": tx.now, **values}))

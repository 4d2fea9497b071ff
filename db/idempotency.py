"""Retries: a key that a client gives to a mutation, and the id of what that mutation made or moved."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Tx
from db.tables import idempotency
from rules.errors import Conflict, Words

OTHER_INPUT = Words(
    "该幂等键已用于另一请求", "This idempotency key was used for another input; take a new key for a new request."
)


async def first_time(tx: Tx, *, client: UUID, mutation: str, key: str | None, content: Any, result_id: UUID) -> bool:
    """Write the key down before anything else; False where this very request was carried out before.

    A second one at the same moment waits here for the first to end. Raises Conflict where the key came with
    another input.
    """
    if key is None:
        return True
    given = sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)).digest()
    row = {"client": str(client), "mutation": mutation, "key": key, "input_hash": given, "result_id": result_id}
    written = await tx.execute(
        insert(idempotency).values(row, created_at=tx.now).on_conflict_do_nothing().returning(idempotency.c.key)
    )
    if written.one_or_none() is not None:
        return True
    query = select(idempotency.c.input_hash).where(*(idempotency.c[name] == row[name] for name in ("client", "mutation", "key")))
    if (await tx.execute(query)).scalar_one() != given:
        raise Conflict(OTHER_INPUT)
    return False


async def result(tx: Tx, *, client: UUID, mutation: str, key: str) -> UUID:
    """What the first request made."""
    query = select(idempotency.c.result_id).where(
        idempotency.c.client == str(client), idempotency.c.mutation == mutation, idempotency.c.key == key
    )
    found: UUID = (await tx.execute(query)).scalar_one()
    return found

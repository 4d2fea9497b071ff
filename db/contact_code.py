"""Codes (校验码) that prove the contact of somebody without an account: kept as HMAC, one a contact."""

from __future__ import annotations

import hmac
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from db.code import hashed
from db.store.engine import Tx
from db.store.tables_help import contact_code

_c = contact_code.c


async def wait(tx: Tx, target: bytes, resend: timedelta) -> int:
    """The seconds until another one may be sent to this contact, else 0."""
    sent = (await tx.execute(select(_c.created_at).where(_c.target_index == target))).scalar_one_or_none()
    return 0 if sent is None or sent + resend <= tx.now else max(1, int((sent + resend - tx.now).total_seconds()))


async def replace(tx: Tx, target: bytes, digits: str, lifetime: timedelta) -> None:
    """Keep a new code in place of the one before."""
    key = uuid7()
    row = {"id": key, "code_hash": hashed(tx.keyring, key, digits), "tries": 0, "created_at": tx.now}
    row |= {"expires_at": tx.now + lifetime}
    made = insert(contact_code).values(target_index=target, **row)
    await tx.execute(made.on_conflict_do_update(index_elements=["target_index"], set_=row))


async def fits(tx: Tx, target: bytes, digits: str, allowed: int) -> bool:
    """Count one more try of the live code of a contact, and say whether it fits."""
    live = update(contact_code).where(_c.target_index == target, _c.expires_at > tx.now, _c.tries < allowed)
    row = (await tx.execute(live.values(tries=_c.tries + 1).returning(_c.id, _c.code_hash))).one_or_none()
    key, kept = (row.id, row.code_hash) if row else (UUID(int=0), b"")
    return hmac.compare_digest(hashed(tx.keyring, key, digits), kept)


async def burn(tx: Tx, target: bytes) -> bool:
    """End the code of a contact; of two who use it at once one gets True."""
    gone = await tx.execute(delete(contact_code).where(_c.target_index == target).returning(_c.id))
    return gone.first() is not None

"""Captchas as they are kept: only the keyed hash of the answer, until it is asked for once."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, delete, select

from db.store.engine import Tx
from db.store.tables_account import captcha

SWEPT: Final = 20
"""The number of old captchas deleted with each new one."""


async def insert(tx: Tx, captcha_id: UUID, answer_hash: bytes, expires_at: datetime) -> None:
    """Insert a captcha that waits for its answer, and delete old ones not answered in time."""
    old = select(captcha.c.id).where(captcha.c.expires_at < tx.now).limit(SWEPT).with_for_update(skip_locked=True)
    await tx.execute(delete(captcha).where(captcha.c.id.in_(old)))
    values = {"id": captcha_id, "answer_hash": answer_hash, "expires_at": expires_at}
    await tx.execute(captcha.insert().values(values))


async def take(tx: Tx, captcha_id: UUID) -> bytes | None:
    """The hash of a captcha's answer, which is gone with that; None where there is none, or no longer."""
    taken = delete(captcha).where(captcha.c.id == captcha_id).returning(captcha.c.answer_hash, captcha.c.expires_at)
    row: Row[tuple[bytes, datetime]] | None = (await tx.execute(taken)).one_or_none()
    return None if row is None or row.expires_at <= tx.now else row.answer_hash

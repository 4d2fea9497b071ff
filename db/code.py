"""Codes (校验码): kept as HMAC, one for an account, a purpose and a channel, counted before they are looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, literal, select, update
from uuid_utils.compat import uuid7

from db.store.engine import Tx
from db.store.keys import Keyring
from db.store.tables import account
from db.store.tables_account import code
from rules.verification import Channel, CodePurpose


@dataclass(frozen=True, slots=True)
class Which:
    """The key of a code: there is at most one of each."""

    account_id: UUID
    purpose: CodePurpose
    channel: Channel

    def sql(self) -> ColumnElement[bool]:
        """Its row."""
        return and_(
            code.c.account_id == self.account_id, code.c.purpose == self.purpose, code.c.channel == self.channel
        )


def hashed(keyring: Keyring, code_id: UUID, digits: str) -> bytes:
    """The stored form of a code: the digits cannot be found without our key, and equal digits look different."""
    return keyring.blind_index(f"{code_id}:{digits}", "code")


async def wait(tx: Tx, which: Which, resend: timedelta) -> int:
    """The seconds until another one may be sent, else 0."""
    sent = (await tx.execute(select(func.max(code.c.created_at)).where(which.sql()))).scalar_one()
    if sent is None or sent + resend <= tx.now:
        return 0
    return max(1, int((sent + resend - tx.now).total_seconds()))


async def replace(tx: Tx, which: Which, target_index: bytes, digits: str, lifetime: timedelta) -> bool:
    """Keep a new code in place of the old one; False, after the same work, where there is no such account."""
    code_id = uuid7()
    await tx.execute(delete(code).where(which.sql()))
    values: dict[str, Any] = {
        "id": code_id,
        "account_id": which.account_id,
        "purpose": which.purpose,
        "channel": which.channel,
        "target_index": target_index,
        "code_hash": hashed(tx.keyring, code_id, digits),
        "created_at": tx.now,
        "expires_at": tx.now + lifetime,
    }
    row = select(*(literal(value, code.c[name].type) for name, value in values.items()))
    there = row.where(account.c.id == which.account_id)
    return (await tx.execute(code.insert().from_select(list(values), there).returning(code.c.id))).first() is not None


@asynccontextmanager
async def undone_unless(tx: Tx, kept: bool) -> AsyncIterator[None]:
    """Undo the writes of the block unless `kept`; the work is the same for both."""
    point = await tx.connection.begin_nested()
    yield
    await (point.commit() if kept else point.rollback())


async def count_try(tx: Tx, which: Which, allowed: int) -> Row[Any] | None:
    """Count one more try of the live code, and give what is needed to judge it; None where none is left to judge.

    The last try allowed ends the code, whatever comes of it.
    """
    live = and_(which.sql(), code.c.burned_at.is_(None), code.c.expires_at > tx.now)
    ends = case((code.c.tries + 1 >= allowed, tx.now), else_=None)
    query = update(code).where(live).values(tries=code.c.tries + 1, burned_at=ends)
    returned = query.returning(code.c.id, code.c.code_hash, code.c.target_index, code.c.tries)
    return (await tx.execute(returned)).one_or_none()


async def burn(tx: Tx, code_id: UUID) -> bool:
    """End a code; of many at once one gets True."""
    query = update(code).where(code.c.id == code_id, code.c.burned_at.is_(None)).values(burned_at=tx.now)
    return (await tx.execute(query.returning(code.c.id))).first() is not None

"""The privacy notice (隐私政策): which holds, and what somebody has accepted of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from db.store.engine import Reader, Tx
from db.store.tables_account import privacy_acceptance, privacy_notice
from rules.errors import NotFound
from rules.privacy_notice import Acceptance, Accepted, Notice


async def in_force(reader: Reader, day: date) -> Notice:
    """The notice of a day: the last that has begun."""
    begun = select(privacy_notice).where(privacy_notice.c.from_day <= day)
    newest = begun.order_by(privacy_notice.c.from_day.desc(), privacy_notice.c.version.desc()).limit(1)
    return Notice(**(await reader.execute(newest)).mappings().one())


async def of_version(reader: Reader, version: int) -> Notice:
    """A version, also one that has gone by or is to come; raises NotFound."""
    row = (
        (await reader.execute(select(privacy_notice).where(privacy_notice.c.version == version)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return Notice(**row)


async def accepted(reader: Reader, account_id: UUID) -> Accepted | None:
    """The last word of an account on the notice; None where it gave none."""
    given = privacy_acceptance.c
    query = select(given.version, given.sensitive, given.at).where(given.account_id == account_id)
    row = (await reader.execute(query.order_by(given.at.desc(), given.id.desc()).limit(1))).mappings().one_or_none()
    return None if row is None else Accepted(**row)


async def insert(tx: Tx, key: UUID, account_id: UUID, given: Acceptance) -> None:
    """Keep what somebody accepts."""
    row = {"id": key, "account_id": account_id, "version": given.version, "sensitive": given.sensitive, "at": tx.now}
    await tx.execute(privacy_acceptance.insert().values(row))

"""Queries on deputyships (代理): the steps' side."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select, update

from db.store.engine import Tx
from db.store.tables_account import deputyship
from rules.deputy import Deputyship
from rules.errors import NotFound
from rules.people import Role

_COLUMNS: Final = ("id", "absent_id", "deputy_id", "roles", "starts_on", "ends_on", "ended_at")
_SELECT: Final[Select[Any]] = select(*(deputyship.c[name] for name in _COLUMNS))
_NOT_OVER: Final = and_(deputyship.c.ended_at.is_(None), deputyship.c.ends_on >= func.current_date())


def _noun(row: Row[Any]) -> Deputyship:
    return Deputyship(**{**row._mapping, "roles": frozenset(map(Role, row.roles))})


async def insert(tx: Tx, named: Deputyship, by: UUID) -> None:
    """A new deputyship."""
    values = {name: getattr(named, name) for name in _COLUMNS[:-1]} | {"roles": sorted(named.roles)}
    await tx.execute(deputyship.insert().values(**values, named_by=by, named_at=tx.now))


async def find(tx: Tx, key: UUID) -> Deputyship:
    """A deputyship as it is, whose people never change."""
    row = (await tx.execute(_SELECT.where(deputyship.c.id == key))).one_or_none()
    if row is None:
        raise NotFound
    return _noun(row)


async def lock(tx: Tx, key: UUID) -> Deputyship:
    """A deputyship, held until the transaction ends; not FOR UPDATE, since its sessions refer to it."""
    row = (await tx.execute(_SELECT.where(deputyship.c.id == key).with_for_update(key_share=True))).one_or_none()
    if row is None:
        raise NotFound
    return _noun(row)


async def of_two(tx: Tx, absent_id: UUID, deputy_id: UUID) -> list[Deputyship]:
    """The deputyships of the same two that are not over, while the accounts are locked."""
    both = and_(deputyship.c.absent_id == absent_id, deputyship.c.deputy_id == deputy_id)
    return [_noun(row) for row in await tx.execute(_SELECT.where(both, _NOT_OVER))]


async def of_any(tx: Tx, account_ids: Collection[UUID], *, locked: bool = False) -> list[Deputyship]:
    """The deputyships that are not over, of these people and of those who stand in for them."""
    theirs = or_(deputyship.c.absent_id.in_(account_ids), deputyship.c.deputy_id.in_(account_ids))
    query = _SELECT.where(theirs, _NOT_OVER).order_by(deputyship.c.id)
    return [_noun(row) for row in await tx.execute(query.with_for_update(key_share=True) if locked else query)]


async def end(tx: Tx, key: UUID, by: UUID) -> None:
    """End a locked deputyship before its last day."""
    values = {"ended_at": tx.now, "ended_by": by}
    await tx.execute(update(deputyship).where(deputyship.c.id == key).values(values))

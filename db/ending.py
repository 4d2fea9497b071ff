"""Queries on the applications and accounts that end with a registration."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from db.store.engine import Tx
from db.store.tables import account
from db.store.tables_application import application
from rules.kinds import Kind
from rules.moves import OPEN, State
from rules.people import AccountState

IN_TURN: Final = (
    application.c.state == State.DRAFT,
    application.c.kind != Kind.DEREGISTRATION,
    application.c.kind != Kind.CHANGE,
    application.c.id,
)
"""The order in which all applications of a nurse are locked.

Filed ones come before drafts, a deregistration before what it blocks, and a change before its renewal, because a step
on one of them holds the first already.
"""


async def lock_open(tx: Tx, nurse_id: UUID, *, waits: bool = True) -> list[UUID]:
    """A nurse's drafts and open applications, locked until the transaction ends: always before the nurse.

    Once the nurse is locked there is no more waiting: an application that came just before, and is locked by another,
    is passed over.
    """
    under_way = application.c.state.in_(sorted({*OPEN, State.DRAFT}))
    query = select(application.c.id).where(application.c.nurse_id == nurse_id, under_way).order_by(*IN_TURN)
    return list((await tx.execute(query.with_for_update(skip_locked=not waits))).scalars())


async def blocked(tx: Tx, by: UUID) -> list[UUID]:
    """The applications that a deregistration blocks, locked until the transaction ends."""
    query = select(application.c.id).where(application.c.blocked_by_id == by).order_by(*IN_TURN)
    return list((await tx.execute(query.with_for_update())).scalars())


async def accounts_of(tx: Tx, nurse_id: UUID) -> list[UUID]:
    """The nurse's account, if there is a living one."""
    hers = (account.c.nurse_id == nurse_id, account.c.state != AccountState.REVOKED)
    return list((await tx.execute(select(account.c.id).where(*hers))).scalars())

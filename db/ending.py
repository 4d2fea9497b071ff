"""Queries on the applications and accounts that end with a registration."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from db.opening import NURSE_DEREGISTERED
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.statement import Statement
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


_NURSE: Final = bindparam("nurse", type_=Uuid())
_UNDER_WAY: Final = (
    select(application.c.id)
    .where(application.c.nurse_id == _NURSE, application.c.state.in_(sorted({*OPEN, State.DRAFT})))
    .order_by(*IN_TURN)
)
_WAITING: Final = Statement(_UNDER_WAY.with_for_update(), ["nurse"])
_PASSING: Final = Statement(_UNDER_WAY.with_for_update(skip_locked=True), ["nurse"])
_ACCOUNTS: Final = Statement(
    select(account.c.id).where(account.c.nurse_id == _NURSE, account.c.state != AccountState.REVOKED), ["nurse"]
)
UNDER_WAY_AHEAD: Final = Ahead(_WAITING, nurse=NURSE_DEREGISTERED)
ENDED_AHEAD: Final = tuple(Ahead(one, nurse=NURSE_DEREGISTERED) for one in (_PASSING, _ACCOUNTS))
"""The reads that come once more as a registration ends."""


async def lock_open(tx: Tx, nurse_id: UUID, *, waits: bool = True) -> list[UUID]:
    """A nurse's drafts and open applications, locked until the transaction ends: always before the nurse.

    Once the nurse is locked there is no more waiting: an application that came just before, and is locked by another,
    is passed over.
    """
    return [row["id"] for row in await tx.run(_WAITING if waits else _PASSING, {"nurse": nurse_id})]


async def accounts_of(tx: Tx, nurse_id: UUID) -> list[UUID]:
    """The nurse's account, if there is a living one."""
    return [row["id"] for row in await tx.run(_ACCOUNTS, {"nurse": nurse_id})]

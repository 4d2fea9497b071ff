"""Queries on applications that nobody may act on where they lie (回避): which they are, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, func, or_, select

from db.ending import IN_TURN
from db.read.recusal import authority_above, office, stuck, unattended
from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import account
from db.store.tables_application import application
from rules.people import Role

AT_ONCE: Final = 200
"""So many applications go on with the step that shuts somebody out; the system's scheduler takes on the rest."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """An application that goes on: without its institution's word, or to the authority above."""

    id: UUID
    unattended: bool
    above: UUID | None


_STUCK: Final = Statement(
    select(application.c.id, unattended(application).label("unattended"), authority_above(application).label("above"))
    .where(application.c.id == any_(bindparam("keys", type_=ARRAY(Uuid()))), stuck(application))
    .order_by(application.c.id),
    ["keys"],
)
_SHUT_OUT: Final = bindparam("without", type_=Uuid())
_PLACE: Final = (
    select(func.coalesce(account.c.institution_id, account.c.authority_id))
    .where(account.c.id == _SHUT_OUT)
    .scalar_subquery()
)
_HERE: Final = or_(application.c.institution_id == _PLACE, application.c.authority_id == _PLACE)
_BEHIND: Final = select(application.c.id).where(_HERE, stuck(application, _SHUT_OUT)).limit(AT_ONCE)
_HELD: Final = and_(_HERE, application.c.holder_id == _SHUT_OUT, application.c.held_until > func.now())
_LEFT: Final = Statement(
    select(application.c.id).where(or_(_HELD, application.c.id.in_(_BEHIND))).order_by(*IN_TURN), ["without"]
)


async def find(tx: Tx, keys: Sequence[UUID]) -> list[Stuck]:
    """The ones among these locked applications that nobody may act on where they lie."""
    return [Stuck(**row) for row in await tx.run(_STUCK, {"keys": list(keys)})]


async def left_by(tx: Tx, account_id: UUID) -> list[UUID]:
    """The applications that somebody works on, and those that would go on were she shut out, in the order of locks."""
    found = await tx.run(_LEFT, {"without": account_id})
    return [row["id"] for row in found]


_NURSE, _AUTHORITY = bindparam("nurse", type_=Uuid()), bindparam("authority", type_=Uuid())
_OFFICERS: Final = {
    role: Statement(select(office(_AUTHORITY, _NURSE, role).label("office")), ["authority", "nurse"])
    for role in (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR)
}


async def officer_on(tx: Tx, authority_id: UUID, nurse_id: UUID, role: Role) -> UUID | None:
    """The authority, or else the nearest above it, that has an officer of this role who is not the nurse; else None."""
    (row,) = await tx.run(_OFFICERS[role], {"authority": authority_id, "nurse": nurse_id})
    found: UUID | None = row["office"]
    return found

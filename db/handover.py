"""Queries on handing over (交接): what hangs on one person, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, any_, func, literal, select, update

from db.ending import IN_TURN
from db.store.engine import Reader, Tx
from db.store.tables import account
from db.store.tables_account import desk_request, work_handover
from db.store.tables_application import application
from rules.application import State
from rules.handover import Item, Obstacle, Work
from rules.people import AccountState, Role
from rules.proposal import ROLE_OF
from rules.verification import RequestState

MOST: Final = 200
"""The most of each kind that one request moves."""
_recommender: Final = func.coalesce(application.c.answering_id, application.c.recommender_id)
_proposer: Final = func.coalesce(desk_request.c.answering_id, desk_request.c.account_id)


async def recommended(tx: Tx, account_id: UUID, authority_id: UUID) -> list[UUID]:
    """The applications that wait for a decision on somebody's recommendation, in the order in which they are locked."""
    waiting = (application.c.authority_id == authority_id, application.c.state == State.ACCEPTED)
    query = select(application.c.id).where(*waiting, _recommender == account_id)
    return list((await tx.execute(query.order_by(*IN_TURN).limit(MOST))).scalars())


async def proposed(tx: Tx, account_id: UUID) -> list[UUID]:
    """The proposals of somebody that wait for a second person, in the order in which they are locked."""
    waiting = (desk_request.c.kind.in_(sorted(ROLE_OF)), desk_request.c.state == RequestState.PENDING)
    query = select(desk_request.c.id).where(*waiting, _proposer == account_id).order_by(desk_request.c.id).limit(MOST)
    return list((await tx.execute(query)).scalars())


async def holders(tx: Tx, authority_id: UUID, role: Role) -> frozenset[UUID]:
    """The active accounts of an authority with a role."""
    held = literal(role.value, Text()) == any_(account.c.roles)
    active = account.c.state == AccountState.ACTIVE
    query = select(account.c.id).where(account.c.authority_id == authority_id, active, held)
    return frozenset((await tx.execute(query)).scalars())


async def answer_for(tx: Tx, work: Work, key: UUID, account_id: UUID) -> None:
    """Write who answers for a locked application's recommendation, or for a locked proposal, from now on."""
    table = desk_request if work is Work.PROPOSAL else application
    await tx.execute(update(table).where(table.c.id == key).values(answering_id=account_id))


async def insert(tx: Tx, key: UUID, giver: UUID, taker: UUID, by: UUID, items: Sequence[Item]) -> None:
    """Keep what was handed over, and what was not."""
    kept = [{"work": one.work, "id": str(one.id), "obstacle": one.obstacle} for one in items]
    values = {"id": key, "from_id": giver, "to_id": taker, "handed_by": by, "at": tx.now, "items": kept}
    await tx.execute(work_handover.insert().values(values))


async def find(reader: Reader, key: UUID) -> list[Item]:
    """The items that were handed over, and those that were not."""
    kept: list[dict[str, Any]] = (
        await reader.execute(select(work_handover.c["items"]).where(work_handover.c.id == key))
    ).scalar_one()
    return [Item(Work(one["work"]), UUID(one["id"]), one["obstacle"] and Obstacle(one["obstacle"])) for one in kept]

"""Queries on leases (领取): the person working on an application, and the end of the lease."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, func, or_, select, update

from db.ending import IN_TURN
from db.read.unit import limit_of
from db.store.engine import Tx
from db.store.statement import Statement, given, updated
from db.store.tables import account
from db.store.tables_application import application
from rules.people import AccountState, Actor, Party, Role

_WRITE: Final = Statement(
    update(application)
    .where(application.c.id == bindparam("key", type_=Uuid()))
    .values(given(application, ("holder_id", "held_until"))),
    ("key", "holder_id", "held_until"),
    together=updated(application, "key", ("holder_id", "held_until")),
)


async def write(tx: Tx, application_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the holder of a locked application; its version and its last mover stay as they are."""
    await tx.run(_WRITE, {"key": application_id, **values})


_RUN_OUT: Final = Statement(
    select(application.c.id)
    .where(application.c.held_until <= bindparam("now", type_=DateTime(timezone=True)))
    .order_by(application.c.held_until, application.c.id)
    .limit(bindparam("size", type_=Integer()))
    .with_for_update(skip_locked=True),
    ("now", "size"),
)


async def run_out(tx: Tx, size: int) -> list[UUID]:
    """Applications whose lease has run out and still stands there, locked; what another works on is passed over."""
    return [row["id"] for row in await tx.run(_RUN_OUT, {"now": tx.now, "size": size})]


async def held_by(tx: Tx, *account_ids: UUID) -> list[UUID]:
    """The applications that these people work on just now, in the order in which they are locked."""
    place = func.coalesce(account.c.institution_id, account.c.authority_id)
    theirs, live = select(place).where(account.c.id.in_(account_ids)), application.c.held_until > func.now()
    here = or_(application.c.institution_id.in_(theirs), application.c.authority_id.in_(theirs))
    query = select(application.c.id).where(here, application.c.holder_id.in_(account_ids), live)
    return list((await tx.execute(query.order_by(*IN_TURN))).scalars())


async def find_colleague(tx: Tx, actor: Actor, account_id: UUID) -> Actor | None:
    """A colleague of the actor's own institution or authority, or None."""
    of = account.c.institution_id if actor.party is Party.INSTITUTION else account.c.authority_id
    nurse_id = func.coalesce(account.c.nurse_id, account.c.self_nurse_id).label("nurse_id")
    limit = limit_of(account).label("units")
    query = select(account.c.state, account.c.roles, account.c.display_name, nurse_id, limit)
    row = (await tx.execute(query.where(account.c.id == account_id, of == actor.party_id))).one_or_none()
    if row is None:
        return None
    roles, active = frozenset(map(Role, row.roles)), row.state == AccountState.ACTIVE
    units = None if row.units is None else frozenset(row.units)
    known = (account_id, actor.party, actor.party_id, roles, active, row.nurse_id, actor.path)
    return Actor(*known, name=row.display_name, units=units)

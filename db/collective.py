"""Queries on collective filings (集体申请): the waiting items, and the progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import (
    Integer,
    Row,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import DateTime

from db.read import scope
from db.read.unit import limit_of
from db.read.viewer import single
from db.store.engine import Tx
from db.store.outage import BUGS
from db.store.statement import ROWS, Statement, rows_of
from db.store.tables import account
from db.store.tables_application import collective_filing, collective_item
from rules.collective import FilingState
from rules.kinds import Kind
from rules.people import AccountState, Actor, Party, Role

WRONG: Final = (*BUGS, asyncpg.IntegrityConstraintViolationError, IntegrityError)
"""The errors that the database gives for one nurse's filing however often it is tried; any other error passes."""
APART: Final = timedelta(seconds=1)
"""The least time between two events of a filing's progress."""
_f, _i = collective_filing.c, collective_item.c


async def insert(tx: Tx, values: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """A new filing with its items; those that have problems already are done."""
    await tx.execute(collective_filing.insert().values(**values, state=FilingState.RUNNING, told_at=tx.now))
    base = {"collective_filing_id": values["id"]}
    rows = [{**base, **item, "place": place} for place, item in enumerate(items, 1)]
    if good := [row for row in rows if "problems" not in row]:
        await tx.execute(collective_item.insert(), good)
    if bad := [{**row, "done_at": tx.now} for row in rows if "problems" in row]:
        await tx.execute(collective_item.insert(), bad)


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """A locked item, with the account and the institution of its filing."""

    filing_id: UUID
    place: int
    nurse_id: UUID
    kind: Kind
    form: Mapping[str, object]
    meant: frozenset[str]
    actor: Actor


_FREE: Final = select(_i.collective_filing_id, _i.place).where(_i.done_at.is_(None)).with_for_update(skip_locked=True)
_WITH_FILER: Final = (
    select(
        *(_i[name] for name in ("collective_filing_id", "place", "nurse_id", "form", "meant")),
        _f.kind,
        _f.institution_id,
        *(account.c[name] for name in ("id", "state", "roles", "self_nurse_id", "display_name")),
        limit_of(account).label("units"),
        func.now().label("now"),
    )
    .join(collective_filing, _f.id == _i.collective_filing_id)
    .join(account, account.c.id == _f.filed_by)
    .order_by(_i.place)
)


async def lock_next(tx: Tx, most: int, filing_id: UUID | None = None, place: int | None = None) -> list[Waiting]:
    """The next items of any one filing that are free, or the one at a place; sets the transaction's time.

    They are locked until the transaction ends.
    """
    if filing_id is None:
        first = (await tx.execute(_FREE.order_by(_i.place, _i.collective_filing_id).limit(1))).one_or_none()
        if first is None:
            return []
        filing_id = first.collective_filing_id
    waits = _FREE.where(_i.collective_filing_id == filing_id, *([] if place is None else [_i.place == place]))
    places = [row.place for row in await tx.execute(waits.order_by(_i.place).limit(most))]
    mine = and_(_i.collective_filing_id == filing_id, _i.place.in_(places))
    return [_waiting(tx, row) for row in await tx.execute(_WITH_FILER.where(mine))] if places else []


def _waiting(tx: Tx, row: Row[Any]) -> Waiting:
    tx.tell_time(row.now)
    roles, active = frozenset(map(Role, row.roles)), row.state == AccountState.ACTIVE
    who = (Party.INSTITUTION, row.institution_id, roles, active, row.self_nurse_id, None, row.display_name)
    filled = (Kind(row.kind), row.form, frozenset(row.meant))
    units = None if row.units is None else frozenset(row.units)
    return Waiting(row.collective_filing_id, row.place, row.nurse_id, *filled, Actor(row.id, *who, units=units))


_DONE: Final = rows_of({"nth": Integer(), "application": Uuid()})
_FILED: Final = Statement(
    update(collective_item)
    .where(_i.collective_filing_id == bindparam("filing", type_=Uuid()), _i.place == _DONE.c.nth)
    .values(application_id=_DONE.c.application, done_at=bindparam("at", type_=DateTime(timezone=True))),
    ("filing", "at", ROWS),
)


async def filed(tx: Tx, filing_id: UUID, applications: Mapping[int, UUID]) -> None:
    """The applications that were filed for locked items, by their places."""
    rows = [{"nth": place, "application": str(key)} for place, key in applications.items()]
    await tx.run(_FILED, {"filing": filing_id, "at": tx.now, ROWS: orjson.dumps(rows).decode()})


async def refused(tx: Tx, item: Waiting, problems: list[dict[str, str | None]]) -> None:
    """Why nothing was filed for a locked item."""
    mine = and_(_i.collective_filing_id == item.filing_id, _i.place == item.place)
    await tx.execute(update(collective_item).where(mine).values(problems=problems, done_at=tx.now))


_UNDONE: Final = exists().where(_i.collective_filing_id == _f.id, _i.done_at.is_(None))


async def progressed(tx: Tx, key: UUID, *, only_end: bool = False) -> bool:
    """True if a filing's progress is to be sent now: not twice a second, and at once when it is finished."""
    due = ~_UNDONE if only_end else or_(_f.told_at <= tx.now - APART, ~_UNDONE)
    written = {
        "told_at": tx.now,
        "state": case((_UNDONE, FilingState.RUNNING.value), else_=FilingState.FINISHED.value),
        "finished_at": case((_UNDONE, null()), else_=tx.now),
    }
    mine = update(collective_filing).where(_f.id == key, _f.state == FilingState.RUNNING, due)
    return (await tx.execute(mine.values(written).returning(_f.id))).one_or_none() is not None


async def lock(tx: Tx, viewer: Actor, key: UUID) -> FilingState | None:
    """The state of a filing of the viewer's, locked until the transaction ends; None if there is none."""
    query = select(_f.state).where(_f.id == key, scope.filings(single(viewer))).with_for_update(key_share=True)
    state = (await tx.execute(query)).scalar_one_or_none()
    return FilingState[state] if state else None


async def cancel(tx: Tx, key: UUID) -> None:
    """End a locked filing: items not begun yet are not filed, an item in work is waited for."""
    ended = {"state": FilingState.CANCELLED, "finished_at": tx.now, "told_at": tx.now}
    await tx.execute(update(collective_filing).where(_f.id == key).values(ended))
    left = and_(_i.collective_filing_id == key, _i.done_at.is_(None))
    await tx.execute(update(collective_item).where(left).values(done_at=tx.now))

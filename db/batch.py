"""Queries on batches (批量办理): one step on many applications, what is chosen, what waits, and how far each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from db import session as sessions
from db.read import scope
from db.read.filter import Condition
from db.read.listing import Window
from db.read.rows import given, restricted
from db.read.shapes import LISTINGS
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.statement import ROWS, Statement, rows_of
from db.store.tables import account
from db.store.tables_account import deputyship
from db.store.tables_application import application, application_batch, application_batch_item
from rules.batch import AT_ONCE, MOST, Act, BatchState
from rules.moves import Step
from rules.people import Actor, Party

APART: Final = timedelta(seconds=1)
"""The least time between two events of a batch's progress."""
GRACE: Final = timedelta(seconds=10)
"""So long whoever has begun a small batch is left to end it."""
_b, _i = application_batch.c, application_batch_item.c


async def chosen(reader: Reader, viewer: Actor, where: Condition) -> dict[UUID, int]:
    """The applications on the viewer's desk that a filter chooses with their versions, and one more than the limit."""
    desk = LISTINGS["pendingReviews"]
    rows = restricted(desk, Window(0, desk.order, where=where), single(viewer), given)
    query = select(application.c.id, application.c.version).select_from(desk.source).where(rows)
    found = await reader.execute(query.order_by(application.c.queued_at, application.c.id).limit(MOST + 1))
    return {row.id: row.version for row in found}


async def versions(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> dict[UUID, int]:
    """The versions of those among these applications that the viewer may read."""
    named = application.c.id == any_(literal(list(keys), ARRAY(Uuid())))
    query = select(application.c.id, application.c.version).where(named, scope.applications(single(viewer)))
    return {row.id: row.version for row in await reader.execute(query)}


async def insert(tx: Tx, key: UUID, actor: Actor, act: Act, items: Sequence[Mapping[str, Any]]) -> None:
    """A new batch of what somebody does, with its items; those that have problems already are done."""
    place = "institution_id" if actor.party is Party.INSTITUTION else "authority_id"
    today = func.current_date()
    for_whom = and_(
        deputyship.c.deputy_id == actor.account_id,
        deputyship.c.absent_id == actor.on_behalf_of,
        deputyship.c.ended_at.is_(None),
        today.between(deputyship.c.starts_on, deputyship.c.ends_on),
    )
    deputy = None if actor.on_behalf_of is None else select(deputyship.c.id).where(for_whom).limit(1).scalar_subquery()
    row = {"id": key, place: actor.party_id, "account_id": actor.account_id, "deputyship_id": deputy}
    what = {"step": act.step, "given": dict(act.given), "state": BatchState.RUNNING}
    await tx.execute(application_batch.insert().values(**row, **what, created_at=tx.now, told_at=tx.now))
    rows = [{"application_batch_id": key, "problems": null(), "done_at": None, **one} for one in items]
    await tx.execute(application_batch_item.insert(), rows)


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """An application of a batch that waits, locked."""

    place: int
    application_id: UUID
    version: int


@dataclass(frozen=True, slots=True, repr=False)
class Chunk:
    """Locked items of one batch, the step, and who takes it; nobody, where she may act no more."""

    batch_id: UUID
    act: Act
    actor: Actor | None
    items: tuple[Item, ...]


async def lock_next(tx: Tx, key: UUID, most: int, place: int | None = None) -> Chunk | None:
    """So many items of a batch that are free, or the one at a place; None where there is none left.

    They are locked until the transaction ends, and its time is set.
    """
    await tx.ask_time()
    waits = [_i.application_batch_id == key, _i.done_at.is_(None), *([] if place is None else [_i.place == place])]
    free = select(_i.place, _i.application_id, _i.version).where(*waits).order_by(_i.place).limit(most)
    items = tuple(
        Item(row.place, row.application_id, row.version)
        for row in await tx.execute(free.with_for_update(skip_locked=True))
    )
    if not items:
        return None
    row = (await tx.execute(select(_b.step, _b.given).where(_b.id == key))).one()
    actor = await sessions.acting(tx, application_batch, key)
    return Chunk(key, Act(Step(row.step), row.given), actor, items)


_DONE: Final = rows_of({"place": Integer(), "problems": JSONB()})
_KEY, _AT = bindparam("key", type_=Uuid()), bindparam("at", type_=DateTime(timezone=True))
_SETTLE: Final = Statement(
    update(application_batch_item)
    .where(_i.application_batch_id == _KEY, _i.place == _DONE.c.place)
    .values(problems=_DONE.c.problems, done_at=_AT),
    ("key", "at", ROWS),
)


async def settle(tx: Tx, key: UUID, outcomes: Mapping[int, Sequence[Mapping[str, Any]] | None]) -> None:
    """The outcomes of locked items, by their places: the problems of those refused, or nothing."""
    rows = [{"place": place, "problems": problems} for place, problems in outcomes.items()]
    await tx.run(_SETTLE, {"key": key, "at": tx.now, ROWS: orjson.dumps(rows).decode()})


_LEFT: Final = exists().where(_i.application_batch_id == _b.id, _i.done_at.is_(None))


async def progressed(tx: Tx, key: UUID, *, only_end: bool = False) -> bool:
    """True if a batch's progress is to be sent now: not twice a second, and at once when it is finished."""
    due = ~_LEFT if only_end else or_(_b.told_at <= tx.now - APART, ~_LEFT)
    written = {
        "told_at": tx.now,
        "state": case((_LEFT, BatchState.RUNNING.value), else_=BatchState.FINISHED.value),
        "finished_at": case((_LEFT, null()), else_=tx.now),
    }
    mine = update(application_batch).where(_b.id == key, _b.state == BatchState.RUNNING, due)
    return (await tx.execute(mine.values(written).returning(_b.id))).one_or_none() is not None


async def running(reader: Reader) -> list[UUID]:
    """The batches that are not finished, the oldest first; a small one is whoever's has begun it, for a moment."""
    size = select(func.count()).where(_i.application_batch_id == _b.id).correlate(application_batch).scalar_subquery()
    jobs = or_(_b.created_at < func.now() - GRACE, size > AT_ONCE)
    query = select(_b.id).where(_b.state == BatchState.RUNNING, jobs).order_by(_b.id)
    return list((await reader.execute(query)).scalars())


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch and its progress."""

    place_id: UUID
    party: Party
    step: Step
    state: BatchState
    total: int
    done: int
    refused: int
    units: tuple[UUID, ...]
    """The units that whoever began it is limited to."""


def _counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.count()).where(_i.application_batch_id == _b.id, *conditions)
    return query.correlate(application_batch).scalar_subquery()


async def progress(reader: Reader, key: UUID) -> Progress:
    """A batch and its progress."""
    done = and_(_i.done_at.is_not(None), _i.problems.is_(None))
    counts = (_counted().label("total"), _counted(done).label("done"), _counted(_i.problems.is_not(None)).label("bad"))
    units = select(account.c.unit_ids).where(account.c.id == _b.account_id).scalar_subquery().label("units")
    query = select(_b.institution_id, _b.authority_id, _b.step, _b.state, *counts, units).where(_b.id == key)
    row = (await reader.execute(query)).one()
    party = Party.AUTHORITY if row.institution_id is None else Party.INSTITUTION
    state = (Step(row.step), BatchState(row.state))
    counted = (row.total, row.done, row.bad)
    return Progress(row.institution_id or row.authority_id, party, *state, *counted, tuple(row.units or ()))

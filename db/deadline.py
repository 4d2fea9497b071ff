"""The applications for which a duty of the scheduler falls due: found in batches, then checked again, locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from db.read.deadline import runs
from db.read.recusal import authority_above, may_lack_officers
from db.read.stranded import stranded
from db.store.engine import Tx
from db.store.practice import grantable
from db.store.statement import Statement
from db.store.tables import registration
from db.store.tables_application import application, reminder
from rules.application import State
from rules.deadline import STEP_OF, DateRange, Duty
from rules.kinds import Kind
from rules.moment import SHANGHAI
from rules.moves import CLAIMED_KINDS


@dataclass(frozen=True)
class _Looked:
    """The part of an application that a duty looks at: one date or moment."""

    at: ColumnElement[Any]
    about: ColumnElement[bool]
    source: FromClause = application


_a = application.c
_RENEWED: Final = application.join(registration, registration.c.nurse_id == _a.nurse_id)
_DEEMED: Final = and_(grantable, _a.blocked_by_id.is_(None))
_CLAIMED: Final = _a.kind.in_(sorted(CLAIMED_KINDS))
_HERS: Final = or_(
    _a.state.in_([State.RETURNED, State.CORRECTION_REQUIRED]),
    and_(_a.state == State.INSTITUTION_REVIEW, _a.institution_id.is_(None), _CLAIMED),
)
_REVIEWED: Final = and_(_a.state == State.INSTITUTION_REVIEW, _a.institution_id.is_not(None))
# Nobody can forward it: the institution is not active, or has no authority set for the kind, or she is at none.
_STRANDED: Final = or_(
    stranded(application), and_(_a.state == State.INSTITUTION_REVIEW, _a.institution_id.is_(None), ~_CLAIMED)
)
_LYING: Final = and_(_REVIEWED, _a.kind == Kind.RENEWAL)
_HERS_LOOKED, _DUE_LOOKED = _Looked(_a.moved_at, _HERS), _Looked(_a.due_on, runs)
_LOOKED: Final[Mapping[Duty, _Looked]] = {
    Duty.DEEM: _Looked(registration.c.valid_until, _DEEMED, _RENEWED),
    Duty.ACCEPT: _Looked(_a.forwarded_at, _a.state == State.AUTHORITY_INTAKE),
    Duty.ESCALATE: _Looked(_a.queued_at, _STRANDED),
    Duty.PASS_UP: _Looked(
        _a.queued_at, and_(may_lack_officers(application), authority_above(application).is_not(None))
    ),
    **dict.fromkeys((Duty.LAPSE, Duty.REMIND_2, Duty.REMIND_7, Duty.REMIND_14), _HERS_LOOKED),
    **dict.fromkeys((Duty.BREACHED, Duty.DUE_TODAY, Duty.DUE_IN_2, Duty.DUE_IN_5), _DUE_LOOKED),
    **dict.fromkeys((Duty.SILENT_10, Duty.SILENT_5), _Looked(_a.queued_at, _REVIEWED)),
    **dict.fromkeys((Duty.RENEWAL_35, Duty.RENEWAL_45), _Looked(registration.c.valid_until, _LYING, _RENEWED)),
}


def _mark(duty: Duty) -> ColumnElement[str]:
    """The mark of a reminder that was sent: another date, as after a hold, is reminded of afresh."""
    return literal(f"{duty}@", Text()).concat(func.to_char(cast(_LOOKED[duty].at, Date), "YYYY-MM-DD"))


def _due(duty: Duty) -> Select[Any]:
    looked = _LOOKED[duty]
    kind = looked.at.type
    since, until = bindparam("since", type_=kind), bindparam("until", type_=kind)
    query = select(_a.id, _mark(duty).label("what"), cast(looked.at, Date).label("on")).select_from(looked.source)
    query = query.where(looked.about, looked.at >= since, looked.at < until)
    if duty in STEP_OF:
        return query
    reminded = exists(reminder.c.subject).where(reminder.c.subject == _a.id, reminder.c.what == _mark(duty))
    return query.where(~reminded)


@cache
def _batch(duty: Duty) -> Statement:
    after, size = bindparam("after", type_=Uuid()), bindparam("size", type_=Integer())
    query = _due(duty).where(_a.id > after).order_by(_a.id).limit(size)
    return Statement(query, ["since", "until", "after", "size"])


@cache
def _one(duty: Duty) -> Statement:
    query = _due(duty).where(_a.id == bindparam("key", type_=Uuid()))
    return Statement(query.with_for_update(of=application, skip_locked=True), ["since", "until", "key"])


@dataclass(frozen=True, slots=True)
class Due:
    """A locked application for which a duty falls due, its date, and the mark to be written."""

    id: UUID
    what: str
    on: date


async def batch(tx: Tx, duty: Duty, dates: DateRange, after: UUID, size: int) -> list[UUID]:
    """The applications that a duty seems to fall due for, by id, after one of them."""
    found = await tx.run(_batch(duty), {**_borders(duty, dates), "after": after, "size": size})
    return [row["id"] for row in found]


async def lock(tx: Tx, duty: Duty, dates: DateRange, key: UUID) -> Due | None:
    """The application, locked, if the duty still falls due.

    None also if it is locked by another: there is a next run.
    """
    found = await tx.run(_one(duty), {**_borders(duty, dates), "key": key})
    return Due(found[0]["id"], found[0]["what"], found[0]["on"]) if found else None


def _borders(duty: Duty, dates: DateRange) -> dict[str, Any]:
    moments = isinstance(_LOOKED[duty].at.type, DateTime)
    days = {"since": dates.since, "until": dates.until}
    return {name: datetime.combine(day, time(), SHANGHAI) for name, day in days.items()} if moments else {**days}

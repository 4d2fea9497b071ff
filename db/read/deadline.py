"""The deadline of an application (审批期限) as SQL: which period it has, and how long the authority still has."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from db.read.stranded import stranded
from db.store.tables_application import application, calendar_day
from rules.application import State
from rules.calendar import DayBasis
from rules.deadline import BASIS_OF, SILENT_DAYS
from rules.moves import ANSWERING, CLAIMED_KINDS
from rules.working_days import SILENCE_DAYS

_a = application.c
runs: Final = and_(_a.state == State.ACCEPTED, _a.on_hold.is_(False))
"""True while the authority's period runs."""
_today: Final = func.current_date()


def _working(after: ColumnElement[date], until: ColumnElement[date]) -> ColumnElement[int]:
    """The number of working days after a day, up to and with another one."""
    d = calendar_day.c
    counted = select(func.count(d.day)).where(d.day > after, d.day <= until, d.working)
    return counted.correlate(application).scalar_subquery()


def moves(day: FromClause) -> ColumnElement[bool]:
    """True for a day after the one on which it was settled, otherwise than a due date across it was counted by."""
    d, counted_at = day.c, func.coalesce(_a.due_counted_at, _a.accepted_at)
    later = d.day > cast(d.settled_at, Date)
    return and_(d.guess != d.working, later, d.settled_at > counted_at, d.day <= _a.due_on)


may_move: Final = and_(_a.state.in_([State.ACCEPTED, State.CORRECTION_REQUIRED]), _a.due_on.is_not(None))
"""True while a due date is counted afresh when days across which it runs are settled."""
_open_day: Final = and_(calendar_day.c.basis == DayBasis.PROVISIONAL, calendar_day.c.day <= _a.due_on)
provisional: Final = and_(
    may_move,
    exists(calendar_day.c.day)
    .where(calendar_day.c.day > _today, or_(_open_day, moves(calendar_day)))
    .correlate(application),
)
"""True while the due date may still move because days are not announced yet."""
_unclaimed: Final = and_(
    _a.state == State.INSTITUTION_REVIEW, _a.institution_id.is_(None), _a.kind.in_(sorted(CLAIMED_KINDS))
)
answer_until: Final = case(
    (or_(_a.state.in_(sorted(ANSWERING)), _unclaimed), cast(_a.moved_at, Date) + SILENT_DAYS.days),
)
"""The last day for the nurse's answer, after which the application lapses (逾期失效); null where none is waited for."""
_silent: Final = (
    select(calendar_day.c.day)
    .where(calendar_day.c.working, calendar_day.c.day > cast(_a.queued_at, Date))
    .order_by(calendar_day.c.day)
    .offset(SILENCE_DAYS - 1)
    .limit(1)
    .correlate(application)
    .scalar_subquery()
)
escalates_from: Final = case(
    (and_(_a.state == State.INSTITUTION_REVIEW, _a.institution_id.is_not(None), ~stranded(application)), _silent + 1),
)
"""The first day on which the nurse may go on without her institution's word; null where she waits for none."""
basis: Final = case(*((_a.kind == kind, literal(of.value, Text())) for kind, of in BASIS_OF.items()))
"""The name of the period that an application has, by its kind."""
working_days_left: Final = case(
    (or_(_a.due_on.is_(None), ~runs), null()),
    (_a.due_on >= _today, _working(_today, _a.due_on)),
    # Over since yesterday is over, also on a Sunday.
    else_=-func.greatest(_working(_a.due_on, _today), 1),
)
"""The working days that the authority still has: below 0 once its time is over, null where the period does not run."""

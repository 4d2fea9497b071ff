"""Entries of whose right to practise something is to be said (执业资格预警): found by an index, locked, written down.

A row of `practice_watch` says when the next time is; a trigger keeps it with the last day of validity. Whoever is being
changed at this moment is passed over, and found again by the next run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, exists, or_, select, text

from db.store.engine import Tx
from db.store.practice import granted, may_practise
from db.store.statement import Statement
from db.store.tables import authority, nurse, registration, registration_span
from db.store.tables_application import application, departure, reminder
from db.store.tables_practice import practice_watch
from rules.application import OPEN, State
from rules.departure import DepartureReason
from rules.kinds import Kind
from rules.registration import DeregistrationReason, RegistrationStatus
from rules.suspension import SpanKind

SUSPENSION_ENDED: Final = "SUSPENSION_ENDED"
"""The mark of a suspension of which it was told that it is over."""
LOCK: Final = 0x6875_7368_616C
"""One process at a time says it: two would only wait for the counter of the same authority."""
_ALONE: Final = Statement(text(f"select pg_try_advisory_xact_lock({LOCK}) as alone"), [])
_today: Final = bindparam("today", type_=Date())
_w, _r, _a = practice_watch.c, registration.c, application.c


@dataclass(frozen=True, slots=True)
class Watched:
    """A locked entry, and what is known of it: who she is, where she is registered, what was told."""

    nurse_id: UUID
    name: str
    id_number_masked: str
    certificate_number: str
    valid_until: date
    institution_id: UUID | None
    authority_id: UUID
    may: bool
    window_days: int = 90
    announced: int | None = None
    restores: bool = False
    waiting: bool = False
    """Her renewal waits for the institution or the authority: she has done what there is to do."""
    quiet: bool = False
    """Nobody writes to her any more: her death was filed, or she has retired."""
    span_id: UUID | None = None
    ended_on: date | None = None
    """The last day of a suspension that is over."""


def _hers(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_a.nurse_id == _r.nurse_id, *conditions).correlate(registration)


_AT_WORK: Final = (State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.ACCEPTED)
_WAITING: Final = _hers(_a.kind == Kind.RENEWAL, _a.state.in_(_AT_WORK))
_DEAD: Final = _hers(
    _a.kind == Kind.DEREGISTRATION,
    _a.state.in_(sorted(OPEN - {State.DRAFT})),
    _a.form.op("->>")("reason") == DeregistrationReason.DEATH.name,
)
_left: Final = departure.c
_RETIRED: Final = and_(
    _r.institution_id.is_(None),
    exists()
    .where(_left.nurse_id == _r.nurse_id, _left.reason == DepartureReason.RETIRED, _left.withdrawn_at.is_(None))
    .correlate(registration),
)
_SHE: Final = (
    *(_r.nurse_id, nurse.c.name, nurse.c.id_number_masked, _r.certificate_number, _r.valid_until),
    *(_r.institution_id, _r.authority_id, may_practise(_today).label("may")),
)
_ENTRY: Final = registration.join(
    nurse, and_(nurse.c.id == _r.nurse_id, nurse.c.merged_into.is_(None), _r.status == RegistrationStatus.VALID)
)
_DUE: Final = Statement(
    select(
        *_SHE,
        authority.c.renewal_window_days.label("window_days"),
        *(_w.announced, _w.restores, _WAITING.label("waiting"), or_(_DEAD, _RETIRED).label("quiet")),
    )
    .select_from(
        practice_watch.join(_ENTRY, and_(_r.nurse_id == _w.nurse_id, _r.valid_until == _w.valid_until)).join(
            authority, authority.c.id == _r.authority_id
        )
    )
    # What the law will grant is no end; once it is refused, it is.
    .where(_w.due_on <= _today, or_(_w.restores, _w.valid_until >= _today, ~granted))
    .order_by(_w.due_on, _w.nurse_id)
    .limit(bindparam("size", type_=Integer()))
    .with_for_update(of=[practice_watch, registration], key_share=True, skip_locked=True),
    ["today", "size"],
)
_ANNOUNCED: Final = Statement(
    text("""
update practice_watch w set announced = v.announced, due_on = v.due_on, restores = false
from unnest(cast(:keys as uuid[]), cast(:untils as date[]), cast(:announced as smallint[]), cast(:due as date[]))
  as v(nurse_id, valid_until, announced, due_on)
where w.nurse_id = v.nurse_id and w.valid_until = v.valid_until
"""),
    ["keys", "untils", "announced", "due"],
)
_span: Final = registration_span.c
_OVER: Final = Statement(
    select(*_SHE, _span.id.label("span_id"), _span.ends_on.label("ended_on"))
    .select_from(registration_span.join(_ENTRY, _r.nurse_id == _span.nurse_id))
    .where(
        _span.kind == SpanKind.SUSPENSION.value,
        _span.ends_on < _today,
        ~exists(reminder.c.subject).where(reminder.c.subject == _span.id, reminder.c.what == SUSPENSION_ENDED),
    )
    .order_by(_span.ends_on, _span.id)
    .limit(bindparam("size", type_=Integer()))
    .with_for_update(of=registration, key_share=True, skip_locked=True),
    ["today", "size"],
)


async def alone(tx: Tx) -> bool:
    """True if no other process says what is due at this moment; held until the transaction ends."""
    return bool((await tx.run(_ALONE, {}))[0]["alone"])


async def due(tx: Tx, size: int) -> list[Watched]:
    """The next entries of which something is to be said today, the longest due first, locked."""
    return [Watched(**row) for row in await tx.run(_DUE, {"today": tx.today, "size": size})]


async def suspensions_over(tx: Tx, size: int) -> list[Watched]:
    """The next entries with a suspension whose last day is over, and of which nobody was told, locked."""
    return [Watched(**row) for row in await tx.run(_OVER, {"today": tx.today, "size": size})]


async def write(tx: Tx, announced: Sequence[tuple[Watched, int | None, date | None]]) -> None:
    """Write down what was told of each entry, and when the next time is."""
    values: dict[str, Any] = {
        "keys": [one.nurse_id for one, *_ in announced],
        "untils": [one.valid_until for one, *_ in announced],
        "announced": [days for _, days, _ in announced],
        "due": [on for *_, on in announced],
    }
    await tx.run(_ANNOUNCED, values)


async def mark_over(tx: Tx, spans: Sequence[UUID]) -> None:
    """Write down that it was told of these suspensions that they are over."""
    await tx.execute(reminder.insert(), [{"subject": one, "what": SUSPENSION_ENDED, "at": tx.now} for one in spans])


WATCHED: Final = """
update practice_watch w set announced = n.announced, due_on = w.valid_until - n.next
from (select v.nurse_id, v.valid_until, min(t) filter (where v.valid_until - $1::date <= t) as announced,
    max(t) filter (where v.valid_until - $1::date > t) as next
  from practice_watch v, unnest(array[365, 180, 90, 60, 30, 14, 7, 1, 0, -1]) t
  where v.due_on <= $1::date group by 1, 2) n
where w.nurse_id = n.nurse_id and w.valid_until = n.valid_until
"""
"""A seeded register has told by its day what was due before it."""
OVER: Final = f"""
insert into reminder (subject, what) select id, '{SUSPENSION_ENDED}' from registration_span
where kind = 'SUSPENSION' and ends_on < $1::date on conflict do nothing
"""
"""And of the suspensions that were over."""

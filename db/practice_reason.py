"""Why a nurse may not practise (不得执业原因), for whoever may know it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, func, literal, or_, select

from db.read import scope
from db.read.viewer import single
from db.store.engine import Reader
from db.store.practice import granted
from db.store.tables import nurse, registration, registration_history, registration_span
from rules.people import Actor, Party
from rules.practice_reason import PracticeCause, PracticeReason
from rules.registration import DeregistrationReason, RegistrationStatus
from rules.suspension import SpanKind

_r, _s, _h = registration.c, registration_span.c, registration_history.c
_today: Final = func.current_date()
_RUNNING: Final = and_(
    _s.nurse_id == _r.nurse_id,
    _s.kind == SpanKind.SUSPENSION.value,
    _s.starts_on <= _today,
    or_(_s.ends_on.is_(None), _s.ends_on >= _today),
)
_LAST_PLACE: Final = (
    select(_h.institution_id)
    .where(_h.nurse_id == _r.nurse_id, _h.institution_id.is_not(None))
    .order_by(_h.id.desc())
    .limit(1)
    .correlate(registration)
    .scalar_subquery()
)
_FACTS: Final = (
    select(
        *(_r.status, _r.valid_until, _r.institution_id, _r.deregistration_reason),
        *(_s.id.label("span_id"), _s.ends_on, _s.decision_number),
        and_(_r.valid_until < _today, ~granted).label("expired"),
    )
    .select_from(nurse.join(registration, _r.nurse_id == nurse.c.id).outerjoin(registration_span, _RUNNING))
    .order_by(_s.starts_on)
    .limit(1)
)


def _ended_here(actor: Actor) -> ColumnElement[bool]:
    """Her registration ended while she was at this institution: the end of her span there is the last that it hears."""
    ended = _r.status == RegistrationStatus.DEREGISTERED
    return and_(ended, literal(actor.party_id, Uuid()) == _LAST_PLACE)


async def read(reader: Reader, actor: Actor, nurse_id: UUID) -> PracticeReason | None:
    """The causes, for whoever reads her record or was her institution when her registration ended; None for others."""
    known = scope.nurses(single(actor))
    if actor.party is Party.INSTITUTION and actor.units is None:
        known = or_(known, _ended_here(actor))
    row = (await reader.execute(_FACTS.where(nurse.c.id == nurse_id, known))).one_or_none()
    return None if row is None else _reason(row)


def _reason(row: Any) -> PracticeReason:
    on_register = row.status == RegistrationStatus.VALID
    causes = {
        PracticeCause.EXPIRED: on_register and row.expired,
        PracticeCause.SUSPENDED: on_register and row.span_id is not None,
        PracticeCause.DEREGISTERED: row.status == RegistrationStatus.DEREGISTERED,
        PracticeCause.NO_INSTITUTION: on_register and row.institution_id is None,
    }
    why = row.deregistration_reason
    found = tuple(one for one, holds in causes.items() if holds)
    return PracticeReason(
        found, row.valid_until, row.ends_on, row.decision_number, DeregistrationReason[why] if why else None
    )

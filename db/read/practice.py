"""The times in which a nurse may practise, as SQL on her entry in the register."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, func, or_, select

from db.store.practice import within
from db.store.tables import registration, registration_history, registration_span
from db.store.tables_application import departure, law_setting
from rules.law import LawSubject
from rules.registration import RegistrationStatus
from rules.suspension import SpanKind

suspended: Final = within(SpanKind.SUSPENSION, func.current_date())

_ENDED: Final = select(func.max(cast(registration_history.c.at, Date))).where(
    registration_history.c.nurse_id == registration.c.nurse_id,
    registration_history.c.status == RegistrationStatus.DEREGISTERED,
    registration.c.status == RegistrationStatus.DEREGISTERED,
)
_INTERRUPTED: Final = select(func.min(registration_span.c.starts_on)).where(
    registration_span.c.nurse_id == registration.c.nurse_id,
    registration_span.c.kind == "INTERRUPTION",
    registration_span.c.withdrawn_at.is_(None),
    or_(registration_span.c.ends_on.is_(None), registration_span.c.ends_on >= func.current_date()),
)
# Without an institution nobody practises: it counts from the day on which she left, by itself.
_HERS: Final = registration_history.c.nurse_id == registration.c.nurse_id
_EARLIER: Final = registration_history.alias("earlier")
_PLACED: Final = select(func.max(_EARLIER.c.at)).where(
    _EARLIER.c.nurse_id == registration.c.nurse_id, _EARLIER.c.institution_id.is_not(None)
)
_PLACELESS: Final = (
    select(func.min(registration_history.c.at))
    .where(_HERS, registration_history.c.at > _PLACED.correlate(registration).scalar_subquery())
    .correlate(registration)
    .scalar_subquery()
)
_LEFT: Final = (
    select(func.max(departure.c.left_on))
    .where(
        departure.c.nurse_id == registration.c.nurse_id,
        departure.c.withdrawn_at.is_(None),
        departure.c.reported_at >= _PLACELESS,
    )
    .correlate(registration)
    .scalar_subquery()
)
_AWAY: Final = case((registration.c.institution_id.is_(None), func.coalesce(_LEFT, cast(_PLACELESS, Date))))
practised_until: Final = func.least(
    registration.c.valid_until, _ENDED.scalar_subquery(), _INTERRUPTED.scalar_subquery(), _AWAY, type_=Date
)
"""The last day that can have been practice, if it lies in the past."""

interruption_years: Final = (
    select(cast(law_setting.c.value[1], Integer))
    .where(
        law_setting.c.subject == LawSubject.INTERRUPTION_YEARS.value,
        law_setting.c.authority_id.is_(None),
        law_setting.c.from_day <= func.current_date(),
    )
    .order_by(law_setting.c.from_day.desc())
    .limit(1)
    .scalar_subquery()
)
"""The years without practice after which she is trained again, by the law as it holds today."""


_s: Final = registration_span.c
running: Final = and_(
    _s.withdrawn_at.is_(None),
    _s.starts_on <= func.current_date(),
    or_(_s.ends_on.is_(None), _s.ends_on >= func.current_date()),
)
"""True for a span that runs today."""


def hosted(institution_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The dispatches to an institution that run today: its guests, whose standing it sees for those days only."""
    return and_(_s.to_institution_id == institution_id, running)

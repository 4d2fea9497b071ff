"""The times in which a nurse may practise, as SQL on her entry in the register."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Date, cast, func, or_, select

from db.store.practice import within
from db.store.tables import registration, registration_history, registration_span
from rules.registration import RegistrationStatus
from rules.suspension import SpanKind

suspended, interrupted = (within(kind, func.current_date()) for kind in (SpanKind.SUSPENSION, SpanKind.INTERRUPTION))

_ENDED: Final = select(func.max(cast(registration_history.c.at, Date))).where(
    registration_history.c.nurse_id == registration.c.nurse_id,
    registration_history.c.status == RegistrationStatus.DEREGISTERED,
    registration.c.status == RegistrationStatus.DEREGISTERED,
)
_INTERRUPTED: Final = select(func.min(registration_span.c.starts_on)).where(
    registration_span.c.nurse_id == registration.c.nurse_id,
    registration_span.c.kind == "INTERRUPTION",
    or_(registration_span.c.ends_on.is_(None), registration_span.c.ends_on >= func.current_date()),
)
practised_until: Final = func.least(
    registration.c.valid_until, _ENDED.scalar_subquery(), _INTERRUPTED.scalar_subquery(), type_=Date
)
"""The last day that can have been practice, if it lies in the past."""

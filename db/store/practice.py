"""The right to practise on a day, as SQL on an entry in the register: read by lists, and told by events."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Date, Integer, and_, cast, exists, literal, or_

from db.store.tables import registration, registration_span
from db.store.tables_application import application
from rules.application import State
from rules.deadline import LEGAL_LINE
from rules.kinds import Kind
from rules.registration import RegistrationStatus
from rules.suspension import SpanKind

_a = application.c
grantable: Final = and_(
    _a.state.in_([State.AUTHORITY_INTAKE, State.ACCEPTED]),
    _a.kind == Kind.RENEWAL,
    cast(_a.forwarded_at, Date) <= registration.c.valid_until - literal(LEGAL_LINE.days, Integer()),
)
"""True if the law grants a renewal that nobody decides before the expiry (视为准予延续), joined with the entry."""
granted: Final = exists().where(_a.nurse_id == registration.c.nurse_id, grantable).correlate(registration)
"""True while such a renewal is undecided: what the law will grant stands for the days after the last one."""


def within(kind: SpanKind, today: ColumnElement[date]) -> ColumnElement[bool]:
    """The condition that a registration is within a span of this kind on a day."""
    span = registration_span.c
    over = or_(span.ends_on.is_(None), span.ends_on >= today)
    mine = (span.nurse_id == registration.c.nurse_id, span.kind == kind.value, span.withdrawn_at.is_(None))
    return exists().where(*mine, span.starts_on <= today, over).correlate(registration)


def may_practise(today: ColumnElement[date]) -> ColumnElement[bool]:
    """True if she may practise that day, as rules.registration.may_practise has it; a test proves it."""
    return and_(
        registration.c.status == RegistrationStatus.VALID,
        ~within(SpanKind.SUSPENSION, today),
        or_(registration.c.valid_until >= today, granted),
        registration.c.institution_id.is_not(None),
    )

"""Nurses who may not practise today (执业资格预警): the shape, and the list of a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Date, and_, case, cast, func, literal_column, or_, select

from db.read import scope
from db.read.listing import WITHIN, Listing
from db.read.shape import One, Shape, plain
from db.read.viewer import RECORDS
from db.store.practice import granted
from db.store.tables import nurse, registration, registration_history, registration_span
from rules.suspension import SpanKind

_r, _s, _h = registration.c, registration_span.c, registration_history.c
_today: Final = func.current_date()
_expired: Final = case((and_(_r.valid_until < _today, ~granted), _r.valid_until + 1))
_suspended: Final = (
    select(func.min(_s.starts_on))
    .where(_s.nurse_id == _r.nurse_id, _s.kind == SpanKind.SUSPENSION.value, _s.starts_on <= _today)
    .where(or_(_s.ends_on.is_(None), _s.ends_on >= _today))
    .correlate(registration)
    .scalar_subquery()
)
_before = registration_history.alias("before")
_employed: Final = (
    select(func.max(_before.c.at))
    .where(_before.c.nurse_id == _r.nurse_id, _before.c.institution_id.is_not(None))
    .correlate(registration)
    .scalar_subquery()
)
_left: Final = (
    select(func.min(cast(_h.at, Date)))
    .where(
        _h.nurse_id == _r.nurse_id,
        _h.institution_id.is_(None),
        _h.at > func.coalesce(_employed, literal_column("timestamptz '-infinity'")),
    )
    .correlate(registration)
    .scalar_subquery()
)
since: Final = func.least(_expired, _suspended, case((_r.institution_id.is_(None), _left)), type_=Date)
"""The first day on which she might not practise, by whichever cause came first; null where history does not say."""

SHAPES: Final[Mapping[str, Shape]] = {
    "PracticeAlert": Shape(
        nurse.join(registration, registration.c.nurse_id == nurse.c.id),
        nurse.c.id,
        scope.practice_alerts,
        {
            "nurseName": nurse.c.name,
            **plain(nurse, "idNumberMasked"),
            **plain(registration, "certificateNumber"),
            "since": since,
        },
        {
            "nurse_id": nurse.c.id,
            "unit_id": _r.unit_id,
            "institution_id": _r.institution_id,
            "authority_id": _r.authority_id,
        },
        links={
            **{noun: One(noun.capitalize(), f"{noun}_id") for noun in ("nurse", "unit", "institution", "authority")},
        },
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "practiceAlerts": Listing(
        "PracticeAlert",
        nurse.join(registration, registration.c.nurse_id == nurse.c.id),
        scope.practice_alerts,
        _r.nurse_id,
        {"validUntil": _r.valid_until, "nameOrder": nurse.c.name_order},
        (("validUntil", False),),
        {"nurseName": nurse.c.name, "since": since, "unit": _r.unit_id},
        owner=WITHIN,
        readers=RECORDS,
    ),
}

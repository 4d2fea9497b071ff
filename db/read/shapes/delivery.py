"""Deliveries of decisions (送达): the shape, and the list of what is not delivered yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Date, Integer, case, cast, func, literal, select

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.read.viewer import Readers
from db.store.tables import nurse
from db.store.tables_application import application, calendar_day, delivery, review_decision
from rules.delivery import DECISIVE, DELIVERY_DAYS, REVIEW_DAYS
from rules.people import Party

_SOURCE: Final = (
    delivery.join(review_decision, review_decision.c.id == delivery.c.id)
    .join(application, application.c.id == review_decision.c.application_id)
    .join(nurse, nurse.c.id == delivery.c.nurse_id)
)
_DAY: Final = cast(delivery.c.at, Date)
_DUE: Final = (
    select(calendar_day.c.day)
    .where(calendar_day.c.day > cast(delivery.c.decided_at, Date), calendar_day.c.working)
    .order_by(calendar_day.c.day)
    .offset(DELIVERY_DAYS - 1)
    .limit(1)
    .correlate(delivery)
    .scalar_subquery()
)
_UNTIL: Final = case((review_decision.c.outcome.in_(sorted(DECISIVE)), _DAY + literal(REVIEW_DAYS, Integer())))

SHAPES: Final[Mapping[str, Shape]] = {
    "Delivery": Shape(
        _SOURCE,
        delivery.c.id,
        scope.deliveries,
        {
            "id": delivery.c.id,
            **plain(delivery, "how", "at", "postalNumber", "decidedAt"),
            **plain(application, "nurseName"),
            **plain(review_decision, "outcome"),
            "dueOn": _DUE,
            "overdue": func.coalesce(func.coalesce(_DAY, func.current_date()) > _DUE, False),
            "reviewUntil": _UNTIL,
            "consented": nurse.c.delivery_consent_at.is_not(None),
        },
        {"application_id": application.c.id},
        links={"application": One("Application", "application_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "undeliveredDecisions": Listing(
        "Delivery",
        _SOURCE,
        lambda viewer, *_: scope.undelivered(viewer),
        delivery.c.id,
        {"decidedAt": delivery.c.decided_at},
        (("decidedAt", False),),
        readers=Readers(parties=(Party.AUTHORITY,)),
    ),
}

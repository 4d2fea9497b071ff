"""Dispatches (支援、进修、义诊等派出): the shape, the list of one's own people, and that of one's guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import case

from db.read import scope
from db.read.listing import Listing
from db.read.practice import running
from db.read.shape import One, Shape, plain
from db.read.standing import may_practise, standing
from db.read.viewer import Readers
from db.store.tables import nurse, registration, registration_span
from rules.people import Party

_s: Final = registration_span.c
SHAPES: Final[Mapping[str, Shape]] = {
    "Dispatch": Shape(
        registration_span.join(nurse, nurse.c.id == _s.nurse_id).join(
            registration, registration.c.nurse_id == _s.nurse_id
        ),
        _s.id,
        scope.dispatches,
        {
            "id": _s.id,
            "nurseName": nurse.c.name,
            "certificateNumber": case((running, registration.c.certificate_number)),
            # For the days of the dispatch only: what becomes of her afterwards concerns neither side of it.
            "standing": case((running, standing)),
            "mayPractise": case((running, may_practise)),
            "kind": _s.dispatch_kind,
            "running": running,
            **plain(registration_span, "startsOn", "endsOn", "place", "recordedAt", "withdrawnAt", "rowVersion"),
        },
        {
            "nurse_id": _s.nurse_id,
            "institution_id": _s.institution_id,
            "to_institution_id": _s.to_institution_id,
        },
        links={
            "nurse": One("Nurse", "nurse_id"),
            "institution": One("Institution", "institution_id"),
            "toInstitution": One("Institution", "to_institution_id"),
        },
    ),
}
_ORDERS: Final = {"startsOn": _s.starts_on, "nameOrder": nurse.c.name_order}
_FILTERS: Final = {
    "nurseName": nurse.c.name,
    "kind": _s.dispatch_kind,
    "startsOn": _s.starts_on,
    "endsOn": _s.ends_on,
    "running": running,
    "withdrawn": _s.withdrawn_at.is_not(None),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "dispatches": Listing(
        "Dispatch",
        SHAPES["Dispatch"].source,
        lambda viewer, *_: scope.own_dispatches(viewer),
        _s.id,
        _ORDERS,
        (("startsOn", True),),
        _FILTERS,
    ),
    "guests": Listing(
        "Dispatch",
        SHAPES["Dispatch"].source,
        lambda viewer, *_: scope.guests(viewer),
        _s.id,
        _ORDERS,
        (("nameOrder", False),),
        _FILTERS,
        readers=Readers((Party.INSTITUTION,)),
    ),
}

"""Interruptions of practice (中断执业, I23): the shape, and the list of them (中断信息列表)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.practice import running
from db.read.shape import One, Shape, plain
from db.store.tables import nurse, registration, registration_span

_s: Final = registration_span.c
SHAPES: Final[Mapping[str, Shape]] = {
    "Interruption": Shape(
        registration_span.join(nurse, nurse.c.id == _s.nurse_id).join(
            registration, registration.c.nurse_id == _s.nurse_id
        ),
        _s.id,
        scope.interruptions,
        {
            "id": _s.id,
            "nurseName": nurse.c.name,
            "sex": nurse.c.sex,
            "idNumberMasked": nurse.c.id_number_masked,
            "certificateNumber": registration.c.certificate_number,
            "reason": _s.cause,
            "running": running,
            **plain(registration_span, "startsOn", "endsOn", "recordedAt", "dispute", "disputedAt", "answer"),
            **plain(registration_span, "answeredAt", "withdrawnAt", "rowVersion"),
        },
        {"nurse_id": _s.nurse_id, "institution_id": _s.institution_id},
        links={"nurse": One("Nurse", "nurse_id"), "institution": One("Institution", "institution_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "interruptions": Listing(
        "Interruption",
        SHAPES["Interruption"].source,
        lambda viewer, *_: scope.interruptions(viewer),
        _s.id,
        {"startsOn": _s.starts_on, "nameOrder": nurse.c.name_order},
        (("startsOn", True),),
        {
            "nurseName": nurse.c.name,
            "certificateNumber": registration.c.certificate_number,
            "startsOn": _s.starts_on,
            "endsOn": _s.ends_on,
            "running": running,
            "disputed": _s.disputed_at.is_not(None),
            "answered": _s.answered_at.is_not(None),
            "withdrawn": _s.withdrawn_at.is_not(None),
        },
    ),
}

"""Changes of what the register says of a nurse (信息修改, N13, I14): the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import JsonObject, One, Shape, plain
from db.store.tables import nurse, registration
from db.store.tables_application import information_change

_c: Final = information_change.c
SHAPES: Final[Mapping[str, Shape]] = {
    "InformationChange": Shape(
        information_change.join(nurse, nurse.c.id == _c.nurse_id).join(
            registration, registration.c.nurse_id == _c.nurse_id
        ),
        _c.id,
        scope.information_changes,
        {
            "id": _c.id,
            "nurseName": nurse.c.name,
            "idNumberMasked": nurse.c.id_number_masked,
            **plain(information_change, "state", "filedBy", "acceptedFields", "markedFields", "supersededFields"),
            **plain(information_change, "opinion", "originalsSeen", "version", "createdAt", "queuedAt"),
            **plain(information_change, "escalatedAt", "decidedAt", "rowVersion"),
        },
        {"nurse_id": _c.nurse_id, "asked_json": _c.asked, "recorded_json": _c.recorded},
        links={
            "nurse": One("Nurse", "nurse_id"),
            "asked": JsonObject("asked_json", "InformationForm"),
            "recorded": JsonObject("recorded_json", "InformationForm"),
        },
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "informationChanges": Listing(
        "InformationChange",
        SHAPES["InformationChange"].source,
        lambda viewer, *_: scope.information_changes(viewer),
        _c.id,
        {"queuedAt": _c.queued_at, "createdAt": _c.created_at},
        (("createdAt", True),),
        {
            "state": _c.state,
            "createdAt": _c.created_at,
            "decidedAt": _c.decided_at,
            "nurseName": nurse.c.name,
            "idNumber": nurse.c.id_number_index,
        },
    ),
}

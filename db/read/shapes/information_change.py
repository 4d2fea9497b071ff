"""Changes of what the register says of a nurse (信息修改, N13, I14): the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.information import due_on, facts_sql, objection_until
from db.read.listing import Listing
from db.read.shape import CHANGE_STEPS, Computed, JsonObject, One, Shape, plain
from db.store.tables import nurse, registration
from db.store.tables_application import information_change

_c: Final = information_change.c
_due_on: Final = due_on(information_change, registration.c.institution_id)
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
            **plain(information_change, "escalatedAt", "decidedAt", "rowVersion", "objection", "objectedAt"),
            **plain(information_change, "proofFileName"),
            "dueOn": _due_on,
            "objectionUntil": objection_until(information_change),
        },
        {"nurse_id": _c.nurse_id, "asked_json": _c.asked, "recorded_json": _c.recorded},
        links={
            "nurse": One("Nurse", "nurse_id"),
            "asked": JsonObject("asked_json", "InformationForm"),
            "recorded": JsonObject("recorded_json", "InformationForm"),
            "availableSteps": Computed(CHANGE_STEPS, "id", facts_sql, personal=True),
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
            "filedBy": _c.filed_by,
            "dueOn": _due_on,
            "escalated": _c.escalated_at.is_not(None),
            "nurseName": nurse.c.name,
            "idNumber": nurse.c.id,
        },
    ),
}

"""Good and bad records (良好记录、不良记录, 条例 11): the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.store.tables import nurse, registration
from db.store.tables_conduct import conduct_record

_c: Final = conduct_record.c
SHAPES: Final[Mapping[str, Shape]] = {
    "ConductRecord": Shape(
        conduct_record.join(nurse, nurse.c.id == _c.nurse_id).join(
            registration, registration.c.nurse_id == _c.nurse_id
        ),
        _c.id,
        scope.conduct_records,
        {
            "id": _c.id,
            "nurseName": nurse.c.name,
            "certificateNumber": registration.c.certificate_number,
            **plain(conduct_record, "kind", "state", "source", "text", "decisionNumber", "decidedOn", "servedOn"),
            **plain(conduct_record, "issuer", "createdAt", "recordedAt", "declinedWhy", "statement", "statedAt"),
            "correctionAsked": _c.asked,
            "correctionAskedAt": _c.asked_at,
            "correctionAnswer": _c.answer,
            "correctionAnsweredAt": _c.answered_at,
            **plain(conduct_record, "withdrawnAt", "withdrawalGround", "withdrawalNumber", "rowVersion"),
        },
        {"nurse_id": _c.nurse_id, "institution_id": _c.institution_id, "authority_id": _c.authority_id},
        links={
            "nurse": One("Nurse", "nurse_id"),
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
        },
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "conductRecords": Listing(
        "ConductRecord",
        SHAPES["ConductRecord"].source,
        lambda viewer, *_: scope.conduct_records(viewer),
        _c.id,
        filters={
            "nurseName": nurse.c.name,
            "kind": _c.kind,
            "state": _c.state,
            "decisionNumber": _c.decision_number,
            "correctionWaits": _c.asked_at.is_not(None) & _c.answered_at.is_(None),
        },
        newest_first=True,
    ),
}

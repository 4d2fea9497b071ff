"""Photos (个人相片, N15): the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.store.tables import nurse, registration
from db.store.tables_application import photo
from rules.photo import PhotoState

_c: Final = photo.c


def of_nurse(state: PhotoState) -> ColumnElement[Any]:
    """The photo of a nurse that stands there: one at most."""
    hers = select(photo.c.id).where(photo.c.nurse_id == nurse.c.id, photo.c.state == state)
    return hers.correlate(nurse).scalar_subquery()


SHAPES: Final[Mapping[str, Shape]] = {
    "Photo": Shape(
        photo.join(nurse, nurse.c.id == _c.nurse_id).join(registration, registration.c.nurse_id == _c.nurse_id),
        _c.id,
        scope.photos,
        {
            "id": _c.id,
            "nurseName": nurse.c.name,
            "idNumberMasked": nurse.c.id_number_masked,
            **plain(photo, "state", "filedBy", "size", "whiteBorder", "cut", "warnings", "reasons", "opinion"),
            **plain(photo, "version", "createdAt", "queuedAt", "escalatedAt", "decidedAt", "endedAt", "rowVersion"),
            "erased": _c.blob_id.is_(None),
        },
        {"nurse_id": _c.nurse_id},
        links={"nurse": One("Nurse", "nurse_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "photos": Listing(
        "Photo",
        SHAPES["Photo"].source,
        lambda viewer, *_: scope.photo_list(viewer),
        _c.id,
        {"queuedAt": _c.queued_at, "createdAt": _c.created_at, "decidedAt": _c.decided_at},
        (("createdAt", True),),
        {
            "state": _c.state,
            "createdAt": _c.created_at,
            "queuedAt": _c.queued_at,
            "decidedAt": _c.decided_at,
            "nurseName": nurse.c.name,
            "idNumber": nurse.c.id,
        },
    ),
}

"""Reports that a nurse has left (离职报告, I9): the shape, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.store.tables import nurse, registration
from db.store.tables_application import departure

SHAPES: Final[Mapping[str, Shape]] = {
    "Departure": Shape(
        departure.join(nurse, nurse.c.id == departure.c.nurse_id).join(
            registration, registration.c.nurse_id == departure.c.nurse_id
        ),
        departure.c.id,
        scope.departures,
        {
            "id": departure.c.id,
            "nurseName": nurse.c.name,
            **plain(departure, "reason", "leftOn", "remarks", "reportedAt", "dispute", "disputedAt", "withdrawnAt"),
            **plain(departure, "rowVersion"),
        },
        {"nurse_id": departure.c.nurse_id, "institution_id": departure.c.institution_id},
        links={"nurse": One("Nurse", "nurse_id"), "institution": One("Institution", "institution_id")},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "departures": Listing(
        "Departure",
        SHAPES["Departure"].source,
        lambda viewer, *_: scope.departures(viewer),
        departure.c.id,
        newest_first=True,
    ),
}

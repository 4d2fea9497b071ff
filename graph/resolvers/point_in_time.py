"""Reading a nurse as she stood on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from db import point_in_time
from db.point_in_time import PointInTime
from graph.context import Info
from graph.schema.node import parsed
from graph.schema.point_in_time import NurseAsOf, RecordAsOf, RegistrationAsOf
from rules.point_in_time import Held

Id = Annotated[strawberry.ID, strawberry.argument(description="The nurse's global id.")]
Day = Annotated[date, strawberry.argument(description="The day, not before her birth and not to come: its end counts.")]
Known = Annotated[
    datetime | None,
    strawberry.argument(
        description="Only what the register knew at this moment: without it, what it knows now. Who she was before her "
        "name or document was put right is told to her and to the authority that did it."
    ),
]


@strawberry.type
class PointInTimeQuery:
    """Looking."""

    @strawberry.field
    async def nurse_as_of(self, info: Info, id: Id, as_of: Day, known_at: Known = None) -> NurseAsOf | None:
        """A nurse whom you may read, as she stood on a day (时点查询).

        An institution reads the days on which she was registered with it. Null where she is none of yours to read.
        """
        viewer, found = info.context.actor, parsed(id)
        if found is None or found[0] != "Nurse":
            return None
        async with info.context.db.read() as reader:
            held = await point_in_time.read(reader, viewer, found[1], as_of, known_at)
        return None if held is None else _shown(held, as_of)


def _shown(held: PointInTime, day: date) -> NurseAsOf:
    entry = held.registration
    return NurseAsOf(
        as_of=day,
        registration=None if entry is None else _entry(entry, day),
        registration_unknown_before=held.registration_since,
        record=None if held.facts is None else RecordAsOf(**held.facts),
        record_unknown_before=held.facts_since,
    )


def _entry(held: Held, day: date) -> RegistrationAsOf:
    return RegistrationAsOf(
        since=held.at,
        status=held.status,
        expired=held.expired_by(day),
        certificate_number=held.certificate_number,
        valid_until=held.valid_until,
        annulled=held.annulled,
        institution_id=held.institution_id,
        authority_id=held.authority_id,
    )

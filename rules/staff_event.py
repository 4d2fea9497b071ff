"""The facts of an event about the people of an institution or authority, as it is stored and told."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from rules.people import Party, Role
from rules.staff import Workplace

MANAGER_REPLACED: Final = "staff.manager_replaced"
HANDED_OVER: Final = "staff.handed_over"
DEPUTY_NAMED: Final = "staff.deputy_named"
DEPUTY_ENDED: Final = "staff.deputy_ended"
UNATTENDED: Final = "staff.unattended"


def staff_body(
    place: Workplace,
    name: str,
    by: Party | None,
    *,
    account_id: UUID | None = None,
    absent_id: UUID | None = None,
    missing: Collection[Role] = (),
) -> dict[str, Any]:
    """The body of an event: the place, by its name then; whose account it is about, and for whom she stands in; the
    roles that nobody holds.
    """
    people = {"account": account_id, "absent": absent_id}
    about = {name: str(key) for name, key in people.items() if key}
    return {place.party.lower(): str(place.id), "placeName": name, **about, "missing": list(missing), "by": by}

"""A manager limits a colleague to units (限定科室病区): what she can do no more goes back to the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import unit as units
from rules.staff import StaffStep
from rules.ticket import require_all
from rules.unit import require_may_limit
from workflow.staff import StaffChange, colleague
from workflow.staff_disabling import StaffLeaving, held, put_back
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class StaffSetUnits(StaffLeaving):
    """Limit a colleague to units, with those below them; none is no limit, but for a ward head, who sees nothing."""

    unit_ids: tuple[UUID, ...]
    move = StaffStep.SET_UNITS

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """The units, where they are open ones of her institution."""
        place = step[colleague].place
        require_may_limit(place.party, step[colleague].roles)
        known = await units.by_ids(step.tx, place.id, self.unit_ids)
        require_all(self.unit_ids, {key for key, one in known.items() if not one.closed}, path="units")
        within = await units.within(step.tx, self.unit_ids)
        for one in held(step):
            if self.unit_ids and one.unit_id not in within:
                await put_back(step, one)
        step.detail["units"] = sorted(self.unit_ids)
        return {"unit_ids": sorted(set(self.unit_ids))}

"""A colleague is shut out (停用), and leaves nothing behind that the others would wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db import session as sessions
from rules.application import Step
from rules.guard import holds
from rules.staff import StaffStep
from workflow.case import Case, heard, write
from workflow.staff import StaffChange, at_hand, colleague
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class StaffDisable(StaffChange):
    """Shut a colleague out at once (停用): whatever she works on goes back to the others, who see it live.

    What none of them may act on goes on at once (回避).
    """

    move = StaffStep.DISABLE
    reads = (at_hand, colleague)
    writes = frozenset({"account", "application", "review_decision"})

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """Her sessions end, and her leases."""
        for one in (each for each in step[at_hand] if holds(self.account_id, each, step.tx.now)):
            back = Case(step.tx, step.actor, Step.PUT_BACK, one, one.state, {"holder_id": None, "held_until": None})
            await write(back)
            step.news += heard(back)
        await sessions.end(step.tx, self.account_id)
        step.tx.woken.add(step[colleague].place.id)
        return {}

"""A colleague is shut out (停用), and leaves nothing behind that the others would wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db import application as applications
from db import lease as leases
from db import session as sessions
from rules.application import Application, Step
from rules.staff import StaffStep
from workflow.case import Case, heard, write
from workflow.staff import StaffChange, colleague
from workflow.step import Lock, Underway, read


@read(Lock.APPLICATION)
async def held(step: Underway[StaffChange]) -> list[Application]:
    """The applications that the colleague works on just now, locked."""
    keys = await leases.held_by(step.tx, step.command.account_id)
    return [await applications.lock(step.tx, key) for key in keys]


@dataclass(frozen=True, slots=True, repr=False)
class StaffDisable(StaffChange):
    """Shut a colleague out at once (停用): whatever she works on goes back to the others, who see it live."""

    move = StaffStep.DISABLE
    reads = (held, colleague)
    writes = frozenset({"account", "application"})

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """Her sessions end, and her leases."""
        for one in step[held]:
            back = Case(step.tx, step.actor, Step.PUT_BACK, one, one.state, {"holder_id": None, "held_until": None})
            await write(back)
            step.news += heard(back)
        await sessions.end(step.tx, self.account_id)
        step.tx.woken.add(step[colleague].place.id)
        return {}

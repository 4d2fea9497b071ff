"""The weekly summary (每周工作提示) of one's own account, switched off and on; notices by law have no switch."""

from __future__ import annotations

from dataclasses import dataclass

from db import work_summary
from rules.errors import NotFound
from rules.people import Party, require, require_active, require_party
from rules.work_summary import LEADS
from workflow.step import USUAL, Command, Underway


@dataclass(frozen=True, slots=True, repr=False)
class AccountSetWeeklySummary(Command):
    """Somebody's wish to be written to each week about what waits in her office, or not to be; gives her account."""

    wanted: bool
    refuses = USUAL - {NotFound}
    writes = frozenset({"account"})

    async def take(self, step: Underway[AccountSetWeeklySummary]) -> None:
        """Keep the wish."""
        require_party(step.actor, Party.INSTITUTION, Party.AUTHORITY)
        require_active(step.actor)
        require(step.actor, *LEADS)
        step.key = step.actor.account_id
        step.detail = {"wanted": self.wanted}
        await work_summary.want(step.tx, step.key, self.wanted)

"""An investigation is opened by one officer and confirmed by another (调查): then their looks are withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from db import investigation as investigations
from rules.investigation import Investigation, checked, investigator, require_may_confirm
from workflow.step import Command, Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False)
class InvestigationOpen(Command):
    """An officer's wish to look without the nurse being told for a time (调查立案); gives the investigation."""

    case_number: str
    legal_ground: str
    withheld_until: date
    writes = frozenset({"investigation"})

    async def take(self, step: Underway[InvestigationOpen]) -> None:
        """Keep case number, legal ground and last day; nothing is withheld before another has confirmed it."""
        authority_id = investigator(step.actor)
        number, ground, day = checked(self.case_number, self.legal_ground, self.withheld_until, step.tx.today)
        said = {"case_number": number, "legal_ground": ground, "withheld_until": day}
        by = {"authority_id": authority_id, "opened_by": step.actor.account_id}
        await investigations.insert(step.tx, step.key, **by, **said)
        step.detail = {"investigation": step.key}


@read(Lock.REQUEST)
async def investigation(step: Underway[InvestigationConfirm]) -> Investigation:
    """The investigation, locked."""
    return await investigations.lock(step.tx, step.command.investigation_id)


@dataclass(frozen=True, slots=True, repr=False)
class InvestigationConfirm(Command):
    """A second officer's word on an investigation (确认调查), as last seen."""

    investigation_id: UUID
    expected_version: int
    reads = (investigation,)
    writes = frozenset({"investigation"})

    @property
    def subject(self) -> UUID:
        """The investigation."""
        return self.investigation_id

    async def take(self, step: Underway[InvestigationConfirm]) -> None:
        """Looks of the two under it are withheld from now on, until its day."""
        found = step[investigation]
        require_may_confirm(step.actor, found, self.expected_version)
        await investigations.confirm(step.tx, found, step.actor.account_id)
        step.detail = {"investigation": found.id}

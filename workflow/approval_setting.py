"""An institution says which authority decides on each kind of application (审批机关设置, I6)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import approval_setting as settings
from db import institution as institutions
from db.institution import Institution
from rules.errors import FieldProblem, Invalid
from rules.kinds import Kind
from rules.people import Role, require
from workflow.institution import OFF_CHAIN
from workflow.step import Command, Lock, Underway, read


@read(Lock.PLACE)
async def own_institution(step: Underway[Command]) -> Institution:
    """The manager's own institution, locked."""
    require(step.actor, Role.MANAGER)
    assert step.actor.party_id is not None, "a manager has an institution"
    return await institutions.lock(step.tx, step.actor.party_id)


@read()
async def off_chain(step: Underway[ApprovalSettingSet]) -> bool:
    """True where the authority asked for is neither the licensing one nor one above it."""
    asked = {one for one in (step.command.authority_id,) if one is not None}
    return bool(await institutions.off_chain(step.tx, step[own_institution].authority_id, asked))


@dataclass(frozen=True, slots=True, repr=False)
class ApprovalSettingSet(Command):
    """A manager's wish that this authority decides on a kind from now on, or nobody yet; gives the institution.

    Only what is forwarded from now on goes there. The audit trail keeps every change.
    """

    kind: Kind
    authority_id: UUID | None
    reads = (own_institution, off_chain)
    writes = frozenset({"approval_setting"})

    async def take(self, step: Underway[ApprovalSettingSet]) -> None:
        """Set it where the authority is on the institution's chain."""
        if step[off_chain]:
            raise Invalid(FieldProblem("authorityId", "OFF_CHAIN", OFF_CHAIN))
        step.key = step[own_institution].id
        before = await settings.replace(step.tx, step.key, self.kind, self.authority_id)
        step.detail = {"institution": step.key, "kind": self.kind, "from": before, "to": self.authority_id}

"""The materials that each province asks for of each kind (申请材料目录), set by its admin, from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from db import requirement as requirements
from db.requirement import Own
from rules.errors import NotFound
from rules.requirement import Requirement, check_end, check_requirement, require_sets
from workflow.step import USUAL, Command, Lock, Underway, read


@read(Lock.PLACE)
async def province(step: Underway[Command]) -> UUID:
    """The province of whoever asks, locked: its requirements are set one after the other."""
    authority_id = require_sets(step.actor)
    await requirements.lock_codes(step.tx, authority_id)
    return authority_id


@dataclass(frozen=True, slots=True, repr=False)
class MaterialRequirementSet(Command):
    """A provincial admin's wish to ask for something, instead of what was asked before; gives the requirement."""

    requirement: Requirement
    refuses = USUAL - {NotFound}
    reads = (province,)
    writes = frozenset({"material_requirement"})

    async def take(self, step: Underway[MaterialRequirementSet]) -> None:
        """Ask for it from a day on; applications filed before keep the list of their day."""
        one = self.requirement
        check_requirement(one, step.tx.today)
        titles = {"title_zh": one.title.zh.strip(), "title_en": one.title.en.strip()}
        asked = {"kind": one.kind, "code": one.code, "needed": one.needed, "paper": one.paper, **titles}
        row = {**asked, "valid_from": one.valid_from, "valid_until": one.valid_until}
        await requirements.set_requirement(step.tx, step.key, step[province], row)
        step.detail = {"requirement": step.key, "kind": one.kind, "code": one.code}


@read(Lock.PLACE)
async def own(step: Underway[MaterialRequirementEnd]) -> Own:
    """One of her own province's, locked."""
    return await requirements.lock_own(step.tx, step.command.requirement_id, require_sets(step.actor))


@dataclass(frozen=True, slots=True, repr=False)
class MaterialRequirementEnd(Command):
    """A provincial admin's wish to ask for something no longer after a day; gives the requirement."""

    requirement_id: UUID
    valid_until: date
    reads = (own,)
    writes = frozenset({"material_requirement"})

    @property
    def subject(self) -> UUID:
        """The requirement."""
        return self.requirement_id

    async def take(self, step: Underway[MaterialRequirementEnd]) -> None:
        """Set the last day."""
        check_end(step[own].valid_from, step[own].valid_until, self.valid_until, step.tx.today)
        await requirements.end_requirement(step.tx, self.requirement_id, self.valid_until)
        step.detail = {"requirement": self.requirement_id, "until": self.valid_until}

"""An authority's steps on the institutions that it licensed: name, suspension, end (A7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from db import institution as institutions
from db.institution import Institution
from rules.errors import FieldProblem, Invalid
from rules.institution import (
    MERGED_INTO_ITSELF,
    InstitutionState,
    InstitutionStep,
    next_institution_state,
    require_licenser,
    require_may_take_over,
    standard_name,
)
from workflow import institution_ending
from workflow.step import Command, Lock, Read, Underway, read


@read(Lock.PLACE)
async def places(step: Underway[InstitutionChange]) -> Mapping[UUID, Institution]:
    """The institutions of a step, locked in the order of their keys.

    Of two that are to be merged into each other, one waits for the other.
    """
    return {key: await institutions.lock(step.tx, key) for key in sorted(step.command.touched)}


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionChange(Command):
    """An officer's wish to take one step on an institution; the rules judge, then comes the step's own part."""

    institution_id: UUID
    move: ClassVar[InstitutionStep]
    reads: ClassVar[tuple[Read[Any, Any], ...]] = (places,)
    writes = frozenset({"institution"})

    @property
    def subject(self) -> UUID:
        """The institution."""
        return self.institution_id

    @property
    def touched(self) -> frozenset[UUID]:
        """The institutions that the step moves or moves something to."""
        return frozenset({self.institution_id})

    async def take(self, step: Underway[InstitutionChange]) -> None:
        """Judge it, do the step's own part, and write the state that it leads to."""
        locked = step[places][self.institution_id]
        require_licenser(step.actor, locked.authority_id, locked.path, self.move)
        state = next_institution_state(locked.state, self.move)
        step.detail = {"institution": locked.id}
        into = await self.effect(step, locked)
        if state is not locked.state:
            closed_at = step.tx.now if state is InstitutionState.CLOSED else None
            await institutions.set_state(step.tx, locked.id, state, closed_at=closed_at, into=into)
            step.tx.woken.add(locked.id)

    async def effect(self, step: Underway[InstitutionChange], locked: Institution) -> UUID | None:
        """The step's own part; gives the institution that takes over, if one does."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionSetName(InstitutionChange):
    """Set its standard name right (标准名称, A7): what everybody compares (X4), so no two have the same."""

    name: str
    move = InstitutionStep.RENAME

    async def effect(self, step: Underway[InstitutionChange], locked: Institution) -> None:
        """Rename it."""
        name = standard_name(self.name)
        await institutions.rename(step.tx, locked.id, name)
        step.detail |= {"from": locked.name, "to": name}


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionReasoned(InstitutionChange):
    """A step that is taken for a reason, which the audit trail keeps."""

    reason: str

    async def effect(self, step: Underway[InstitutionChange], locked: Institution) -> UUID | None:
        """Its codes are no longer good, or are again: who vouches hears who waits for one."""
        state = next_institution_state(locked.state, self.move)
        step.detail["reason"] = self.reason
        step.news += await institution_ending.issued_by(step.tx, locked.id, locked.id, state)
        return None


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionSuspend(InstitutionReasoned):
    """Let it confirm nothing for a while (暂停)."""

    move = InstitutionStep.SUSPEND


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionReopen(InstitutionReasoned):
    """End its suspension (恢复)."""

    move = InstitutionStep.REOPEN


_PASSED_ON: Final = frozenset(
    {
        "institution",
        "application",
        "registration",
        "registration_history",
        "registration_span",
        "activation_code",
        "departure",
        "outbox",
        "unit",
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionClose(InstitutionReasoned):
    """Close it for good (关闭): that it is CLOSED ends its people's sessions by itself."""

    move = InstitutionStep.CLOSE
    writes = _PASSED_ON

    async def effect(self, step: Underway[InstitutionChange], locked: Institution) -> None:
        """Its reviews go on without it, and its nurses are without an institution."""
        nurses, heard = await institution_ending.close(step.tx, step.actor, locked)
        step.detail |= {"reason": self.reason, "nurses": nurses}
        step.news += heard


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionMerge(InstitutionReasoned):
    """Merge it into another (合并), to which its nurses and its unfinished work pass."""

    into: UUID
    move = InstitutionStep.MERGE
    writes = _PASSED_ON

    @property
    def touched(self) -> frozenset[UUID]:
        """Both."""
        return frozenset({self.institution_id, self.into})

    async def effect(self, step: Underway[InstitutionChange], locked: Institution) -> UUID:
        """Its nurses and its work are the other's from now on."""
        if self.into == self.institution_id:
            raise Invalid(FieldProblem("into", "INTO_ITSELF", MERGED_INTO_ITSELF))
        into = step[places][self.into]
        require_may_take_over(into.state, into.path, locked.path)
        nurses, heard = await institution_ending.merge(step.tx, step.actor, locked, into)
        step.detail |= {"reason": self.reason, "nurses": nurses, "into": into.id}
        step.news += heard
        return into.id

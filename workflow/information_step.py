"""The frame of a step on a change of information (信息修改): the rows it reads, where it goes, and who hears of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import information_change as changes
from db import registration
from db.feed.event import Addressed
from db.read.information import Seen
from db.registration import Entry
from rules.information_change import ChangeState, ChangeStep, InformationChange
from rules.information_step import require_step
from rules.people import Actor, Party
from rules.registration import Registration
from workflow.ending import news
from workflow.step import Command, Lock, Underway, read

PENDING, RETURNED = ChangeState.PENDING, ChangeState.RETURNED


def place(registration: Registration, *, escalated: bool) -> UUID | None:
    """The place that reviews a change."""
    at = registration.institution_id
    return registration.authority_id if escalated or at is None else at


def heard(
    type: str,
    entry: Entry,
    by: Actor,
    *also: UUID | None,
    escalated: bool = False,
    filed_by: Party = Party.NURSE,
) -> list[Addressed]:
    """The event of a change: she, whoever reviews it and those named besides hear; of an edit also who made it."""
    her = entry.registration
    editor = her.institution_id if filed_by is Party.INSTITUTION else None
    return news(type, entry, by, editor, place(her, escalated=escalated), *also)


def unreviewed(step: Underway[Any], asked: Collection[str]) -> dict[str, Any]:
    """The columns of a change that nobody reviews."""
    decided = {"decided_at": step.tx.now, "decided_by": step.actor.account_id}
    return {"state": ChangeState.APPROVED, "accepted_fields": [*asked], **decided}


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeStep(Command):
    """Somebody's wish to take a step on a change, as last seen; gives it."""

    change_id: UUID
    expected_version: int

    @property
    def subject(self) -> UUID:
        """The change."""
        return self.change_id


@read(Lock.NURSE)
async def her_entry(step: Underway[InformationChangeStep]) -> Entry:
    """The entry of the nurse whom it is about, locked."""
    return await registration.lock(step.tx, await changes.nurse_of(step.tx, step.command.change_id))


@read()
async def seen(step: Underway[InformationChangeStep]) -> Seen:
    """The change, locked with the nurse, and what its steps hang on besides."""
    return await changes.seen(step.tx, step.command.change_id)


def judged(step: Underway[Any], what: ChangeStep) -> InformationChange:
    """The change, where this person may take that step on it now."""
    found: Seen = step[seen]
    require_step(what, step.actor, found.change, found.around, step.command.expected_version)
    return found.change


async def go(step: Underway[Any], state: ChangeState, type: str, **values: Any) -> None:
    """Write where the change stands now, and tell her and whoever reviews it."""
    found, her = step[seen].change, step[her_entry]
    escalated = found.escalated_at is not None or "escalated_at" in values
    await changes.move(step.tx, found, state, step.actor.account_id, **values)
    step.nurse_id, step.detail = found.nurse_id, {"change": found.id, "state": state}
    step.news += heard(type, her, step.actor, escalated=escalated, filed_by=found.filed_by)

"""A change of information is reviewed (护士信息修改审核, I15): agreed to in part or whole, refused, or sent back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from db import information_change as changes
from db import recusal
from db.store.engine import Tx
from rules.information_change import (
    ChangeState,
    InformationChange,
    require_accepted,
    require_marks,
    require_may_review,
    require_open,
    values_of,
)
from rules.people import Actor, Party, Role
from rules.registration import Registration
from rules.wording import remark, wording
from workflow.information_change import PENDING, RETURNED, InformationChangeStep, change, go, her_entry
from workflow.step import Underway, read


async def officer_for(tx: Tx, her: Registration, by: Actor) -> Actor:
    """The actor as an officer of her authority: also one of the nearest above, where that has no other (回避)."""
    if by.party is not Party.AUTHORITY or her.authority_id is None or her.authority_id == by.party_id:
        return by
    office = await recusal.officer_on(tx, her.authority_id, her.nurse_id, Role.REVIEWER)
    return replace(by, party_id=her.authority_id) if office == by.party_id else by


@read()
async def reviewer(step: Underway[InformationChangeReview]) -> Actor:
    """The actor as an officer of her authority."""
    return await officer_for(step.tx, step[her_entry].registration, step.actor)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReview(InformationChangeStep):
    """A word of whoever reviews a change (护士信息修改审核, I15)."""

    reads = (her_entry, change, reviewer)
    writes = frozenset({"information_change"})

    def reviewed(self, step: Underway[Any]) -> InformationChange:
        """The change, where this person reviews it and it waits for that."""
        require_may_review(step[reviewer], step[change], step[her_entry].registration)
        require_open(step[change], self.expected_version, PENDING)
        found: InformationChange = step[change]
        return found


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeApprove(InformationChangeReview):
    """Agreement (同意): to all fields, or to those that are named; of the others `opinion` says why not."""

    accepted_fields: tuple[str, ...] | None = None
    originals_seen: bool = False
    opinion: str | None = None
    writes = frozenset({"information_change", "nurse"})

    async def take(self, step: Underway[InformationChangeApprove]) -> None:
        """The record says what was accepted from now on."""
        found = self.reviewed(step)
        opinion = remark("opinion", self.opinion)
        accepted = require_accepted(found, self.accepted_fields, opinion, originals_seen=self.originals_seen)
        await changes.write_record(step.tx, found.nurse_id, values_of(found.asked, accepted))
        values = {"accepted_fields": [*accepted], "originals_seen": self.originals_seen, "opinion": opinion}
        await go(step, ChangeState.APPROVED, "information.decided", **values)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReject(InformationChangeReview):
    """Disagreement (不同意), with a reason that she reads."""

    opinion: str

    async def take(self, step: Underway[InformationChangeReject]) -> None:
        """The end of the change; nothing of the record changes."""
        self.reviewed(step)
        await go(step, ChangeState.REJECTED, "information.decided", opinion=wording("opinion", self.opinion))


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReturn(InformationChangeReview):
    """A request to correct marked fields (退回), with the reason."""

    marked_fields: tuple[str, ...]
    opinion: str

    async def take(self, step: Underway[InformationChangeReturn]) -> None:
        """The change waits for her answer, for thirty days."""
        found = self.reviewed(step)
        marked, opinion = require_marks(found, self.marked_fields), wording("opinion", self.opinion)
        values = {"marked_fields": [*marked], "opinion": opinion, "queued_at": step.tx.now}
        await go(step, RETURNED, "information.returned", **values)

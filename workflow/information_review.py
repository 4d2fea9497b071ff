"""A change of information is reviewed (护士信息修改审核, I15): agreed to in part or whole, refused, or sent back."""

from __future__ import annotations

from dataclasses import dataclass

from rules.errors import Together
from rules.information_change import ChangeState, ChangeStep
from rules.information_form import values_of
from rules.information_review import require_accepted, require_marks
from rules.wording import remark, wording
from workflow.information_carry import carry
from workflow.information_step import RETURNED, InformationChangeStep, go, her_entry, judged, seen
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReview(InformationChangeStep):
    """A word of whoever reviews a change (护士信息修改审核, I15), or decides on an edit that she objects to."""

    reads = (her_entry, seen)
    writes = frozenset({"information_change"})


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeApprove(InformationChangeReview):
    """Agreement (同意): to all fields, or to those that are named; of the others `opinion` says why not."""

    accepted_fields: tuple[str, ...] | None = None
    originals_seen: bool = False
    opinion: str | None = None
    writes = frozenset({"information_change", "nurse"})

    async def take(self, step: Underway[InformationChangeApprove]) -> None:
        """The record says what was accepted from now on."""
        found = judged(step, ChangeStep.APPROVE)
        disputed = found.state is ChangeState.DISPUTED
        seen = self.originals_seen
        with Together() as each:
            opinion = each(lambda: wording("opinion", self.opinion) if disputed else remark("opinion", self.opinion))
            accepted = each(lambda: require_accepted(found, self.accepted_fields, opinion, originals_seen=seen))
        values = {"accepted_fields": [*accepted], "originals_seen": seen, "opinion": opinion}
        await go(step, ChangeState.APPROVED, "information.decided", **values)
        step.news += await carry(step.tx, step[her_entry], values_of(found.asked, accepted), step.actor)


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReject(InformationChangeReview):
    """Disagreement (不同意), with a reason that she reads."""

    opinion: str

    async def take(self, step: Underway[InformationChangeReject]) -> None:
        """The end of the change; nothing of the record changes."""
        judged(step, ChangeStep.REJECT)
        await go(step, ChangeState.REJECTED, "information.decided", opinion=wording("opinion", self.opinion))


@dataclass(frozen=True, slots=True, repr=False)
class InformationChangeReturn(InformationChangeReview):
    """A request to correct marked fields (退回), with the reason."""

    marked_fields: tuple[str, ...]
    opinion: str

    async def take(self, step: Underway[InformationChangeReturn]) -> None:
        """The change waits for her answer, for thirty days."""
        found = judged(step, ChangeStep.RETURN)
        with Together() as each:
            marked = each(lambda: require_marks(found, self.marked_fields))
            opinion = each(lambda: wording("opinion", self.opinion))
        values = {"marked_fields": [*marked], "opinion": opinion, "queued_at": step.tx.now}
        await go(step, RETURNED, "information.returned", **values)

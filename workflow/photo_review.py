"""A photo is reviewed (相片审核, I15): agreed to, or refused with reasons that she reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from db import photo as photos
from rules.information_change import require_place
from rules.people import Actor
from rules.photo import Photo, PhotoReason, PhotoState, require_reasons, require_state
from workflow.information_review import officer_for
from workflow.photo import PENDING, PhotoStep, her_entry, photo, report
from workflow.step import Underway, read


@read()
async def reviewer(step: Underway[PhotoReview]) -> Actor:
    """The actor as an officer of her authority."""
    return await officer_for(step.tx, step[her_entry].registration, step.actor)


@dataclass(frozen=True, slots=True, repr=False)
class PhotoReview(PhotoStep):
    """A word of whoever reviews a photo: an operator where she is registered, or else a reviewer of her 注册机关."""

    reads = (her_entry, photo, reviewer)
    writes = frozenset({"photo"})

    def reviewed(self, step: Underway[Any]) -> Photo:
        """The photo, where this person reviews it and it waits for that."""
        found: Photo = step[photo]
        require_place(step[reviewer], step[her_entry].registration, escalated=found.escalated_at is not None)
        require_state(found, self.expected_version, PENDING)
        return found


@dataclass(frozen=True, slots=True, repr=False)
class PhotoApprove(PhotoReview):
    """Agreement (同意): it is her photo from now on."""

    writes = frozenset({"photo", "nurse"})

    async def take(self, step: Underway[PhotoApprove]) -> None:
        """Put it on record, in place of the last one."""
        found, by = self.reviewed(step), step.actor.account_id
        await photos.put_on_record(step.tx, found, decided_at=step.tx.now, decided_by=by)
        report(step, "photo.decided", escalated=found.escalated_at is not None)


@dataclass(frozen=True, slots=True, repr=False)
class PhotoReject(PhotoReview):
    """Disagreement (不同意), with coded reasons and, where they do not say all, words."""

    reasons: tuple[PhotoReason, ...]
    opinion: str | None = None

    async def take(self, step: Underway[PhotoReject]) -> None:
        """The end of the photo; the one on record stays."""
        found = self.reviewed(step)
        reasons, opinion = require_reasons(self.reasons, self.opinion)
        decided = {"decided_at": step.tx.now, "decided_by": step.actor.account_id}
        await photos.move(step.tx, found, PhotoState.REJECTED, reasons=reasons, opinion=opinion, **decided)
        report(step, "photo.decided", escalated=found.escalated_at is not None)

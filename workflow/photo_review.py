"""A photo is reviewed (相片审核, I15): agreed to, or refused with reasons that she reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db import photo as photos
from db import recusal
from rules.information_step import require_reviewer
from rules.people import Role
from rules.photo import Photo, PhotoReason, PhotoState, require_reasons, require_state
from workflow.photo import PENDING, PhotoStep, her_entry, photo, report
from workflow.step import Underway, read


@read()
async def office(step: Underway[PhotoReview]) -> UUID | None:
    """The authority whose reviewers act for her 注册机关: that, or the nearest above that has another one (回避)."""
    her = step[her_entry].registration
    if her.authority_id is None:
        return None
    return await recusal.officer_on(step.tx, her.authority_id, her.nurse_id, Role.REVIEWER)


@dataclass(frozen=True, slots=True, repr=False)
class PhotoReview(PhotoStep):
    """A word of whoever reviews a photo: an operator where she is registered, or else a reviewer of her 注册机关."""

    reads = (her_entry, photo, office)
    writes = frozenset({"photo"})

    def reviewed(self, step: Underway[Any]) -> Photo:
        """The photo, where this person reviews it and it waits for that."""
        found: Photo = step[photo]
        her = step[her_entry].registration
        with_authority = found.escalated_at is not None or her.institution_id is None
        require_reviewer(step.actor, her, with_authority=with_authority, office=step[office])
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

"""A nurse accepts the privacy notice (同意隐私政策), at registering or once it has changed."""

from __future__ import annotations

from dataclasses import dataclass

from db import privacy
from rules.errors import NotFound, RateLimited
from rules.people import Party, require_party
from rules.privacy_notice import Acceptance, Notice, require_current
from workflow.step import USUAL, Command, Lock, Underway, read


@read(Lock.NONE)
async def in_force(step: Underway[PrivacyNoticeAccept]) -> Notice:
    """The notice of today."""
    return await privacy.in_force(step.tx, step.tx.today)


@dataclass(frozen=True, slots=True, repr=False)
class PrivacyNoticeAccept(Command):
    """A nurse's word on the notice in force, and her separate consent, given or withdrawn; the last word counts."""

    acceptance: Acceptance
    refuses = USUAL - {NotFound, RateLimited}
    reads = (in_force,)
    writes = frozenset({"privacy_acceptance"})

    async def take(self, step: Underway[PrivacyNoticeAccept]) -> None:
        """Keep it."""
        require_party(step.actor, Party.NURSE)
        require_current(self.acceptance, step[in_force], needed=True, path="version")
        await privacy.insert(step.tx, step.key, step.actor.account_id, self.acceptance)
        step.nurse_id = step.actor.nurse_id
        step.detail = {"version": self.acceptance.version, "sensitive": self.acceptance.sensitive}

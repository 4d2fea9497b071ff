"""Effects of time on an application where nobody acted: it lapses, or is granted by law."""

from __future__ import annotations

from dataclasses import dataclass

from rules.application import Step
from rules.deadline import deemed
from rules.errors import NotAllowed, Words
from rules.kinds import form_from_json
from workflow.application_step import ApplicationStep, OpinionStep, case, entry
from workflow.approval import enter
from workflow.case import Case
from workflow.information_carry import carry
from workflow.pause import cease
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationLapse(ApplicationStep):
    """The end of an application after 30 days without an answer (逾期失效)."""

    step = Step.LAPSE
    writes = frozenset({"application", "application_pause"})

    async def effect(self, step: Underway[ApplicationLapse], moving: Case) -> None:
        """End it, and the pause for a correction that nobody made."""
        moving.values = {"decided_at": step.tx.now}
        await cease(moving)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationDeem(OpinionStep):
    """The grant by law of a renewal that was filed in time and is undecided at the expiry (视为准予延续, 许可法 50).

    Nobody judges it: what the authority would have had to look at, it had its time for. Its `opinion` is the article.
    """

    step = Step.DEEM
    reads = (case, entry)
    writes = frozenset(
        {
            *("application", "application_pause", "delivery", "review_decision"),
            *("registration", "registration_history", "registration_span", "nurse", "information_change"),
        }
    )

    async def effect(self, step: Underway[ApplicationDeem], moving: Case) -> None:
        """Enter it, where the law grants it."""
        application, tx = moving.application, step.tx
        assert application.forwarded_at is not None
        valid_until = step[entry].registration.valid_until
        if valid_until is None or not deemed(valid_until, tx.date_of(application.forwarded_at), tx.today):
            words = Words("不符合视为准予延续的条件", "Not granted by law: not expired, or forwarded too late.")
            raise NotAllowed("NOT_DEEMED", words)
        form = form_from_json(application.kind, application.form)
        await moving.decide("AUTHORITY_DECISION", "DEEMED", opinion=self.opinion)
        await enter(moving, step[entry], form, granted_by=self.opinion)
        moving.also += await carry(tx, step[entry], form.record(), moving.actor)
        moving.values = {"decided_at": tx.now, "deemed": True}
        await cease(moving)

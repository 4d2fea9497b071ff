"""A ward head says whether the facts of an application are right (预审); she decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import application as applications
from db import unit as units
from db.feed.event import Addressed
from rules.application import Application
from rules.errors import WrongState
from rules.unit import pre_review_note, require_may_pre_review, require_unsaid
from workflow.step import USUAL, Command, Lock, Underway, read


@read(Lock.APPLICATION)
async def reviewed(step: Underway[ApplicationPreReview]) -> Application:
    """The application, locked."""
    return await applications.lock(step.tx, step.command.application_id)


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationPreReview(Command):
    """A ward head's word on an application of a nurse of hers (预审): confirmed, or what is not right; gives it."""

    application_id: UUID
    expected_version: int
    confirmed: bool
    note: str | None = None
    refuses = USUAL | {WrongState}
    reads = (reviewed,)
    writes = frozenset({"pre_review"})

    @property
    def subject(self) -> UUID:
        """The application."""
        return self.application_id

    async def take(self, step: Underway[ApplicationPreReview]) -> None:
        """Keep it beside the application, which stays where it is."""
        one, by = step[reviewed], step.actor
        require_may_pre_review(by, one, self.expected_version)
        said = {"confirmed": self.confirmed, "note": pre_review_note(self.note, confirmed=self.confirmed)}
        word = {"revision": one.revision, **said, "account_id": by.account_id, "on_behalf_of_id": by.on_behalf_of}
        last = await units.last_pre_review(step.tx, one.id)
        require_unsaid(last is not None and last == {**last, **word})
        await units.insert_pre_review(step.tx, application_id=one.id, **word)
        step.nurse_id, step.detail = one.nurse_id, {"application": one.id, "confirmed": self.confirmed}
        body = {"kind": one.kind, "step": None, "from": one.state, "to": one.state, "version": one.version}
        assert one.institution_id is not None
        step.news.append(
            Addressed(
                one.institution_id, "application.pre_reviewed", one.id, by.account_id, None, {**body, "by": by.party}
            )
        )

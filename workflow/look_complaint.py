"""A nurse complains about a look at her data (查阅投诉, rights 13), and the supervisor of that place answers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import look_complaint as complaints
from db import registration
from db.look_complaint import Complained
from db.registration import Entry
from rules.conflict import Situation
from rules.errors import Conflict
from rules.look_complaint import LookComplaint, complaining, require_may_answer
from rules.wording import wording
from workflow.ending import news
from workflow.step import Command, Lock, Underway, read


@read(Lock.NURSE)
async def herself(step: Underway[LookComplain]) -> Entry:
    """The entry of the nurse who complains, locked."""
    return await registration.lock(step.tx, complaining(step.actor))


@read()
async def look(step: Underway[LookComplain]) -> Complained:
    """The look, as she is told of it, and the authority that answers for the place."""
    nurse_id = step[herself].registration.nurse_id
    return await complaints.look(step.tx, step.actor, nurse_id, step.command.look_id)


@dataclass(frozen=True, slots=True, repr=False)
class LookComplain(Command):
    """A nurse's complaint about a look (查阅投诉); gives it."""

    look_id: UUID
    words: str
    reads = (herself, look)
    writes = frozenset({"look_complaint"})

    async def take(self, step: Underway[LookComplain]) -> None:
        """Keep it with the look as it was; her supervisor and she hear of it."""
        about, her = step[look], step[herself]
        words = wording("words", self.words)
        if not await complaints.insert(step.tx, step.key, about, words):
            raise Conflict(Situation.LOOK_COMPLAINED)
        step.nurse_id, step.detail = her.registration.nurse_id, {"complaint": step.key, "look": self.look_id}
        step.news = news("look.complained", her, step.actor, about.authority_id)


@read(Lock.REQUEST)
async def complaint(step: Underway[LookComplaintAnswer]) -> LookComplaint:
    """The complaint, locked."""
    return await complaints.lock(step.tx, step.command.complaint_id)


@read()
async def complainant(step: Underway[LookComplaintAnswer]) -> Entry:
    """The entry of the nurse who complained."""
    return await registration.get(step.tx, step[complaint].nurse_id)


@dataclass(frozen=True, slots=True, repr=False)
class LookComplaintAnswer(Command):
    """A supervisor's answer to a complaint (答复查阅投诉), as last seen."""

    complaint_id: UUID
    expected_version: int
    upheld: bool
    answer: str
    reads = (complaint, complainant)
    writes = frozenset({"look_complaint"})

    @property
    def subject(self) -> UUID:
        """The complaint."""
        return self.complaint_id

    async def take(self, step: Underway[LookComplaintAnswer]) -> None:
        """Keep the answer, which she reads."""
        found = step[complaint]
        require_may_answer(step.actor, found, self.expected_version)
        answer = wording("answer", self.answer)
        by = {"answered_by": step.actor.account_id, "answered_at": step.tx.now}
        await complaints.answer(step.tx, found, upheld=self.upheld, answer=answer, **by)
        step.nurse_id = step[complainant].registration.nurse_id
        step.detail = {"complaint": found.id, "upheld": self.upheld}
        step.news = news("look.answered", step[complainant], step.actor, found.authority_id)

"""Questions on a desk (答复提问): taken, put back, answered, handed over to the authority in competence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from db import message
from db import question as questions
from db.store.engine import Tx
from rules import question as rules
from rules.errors import NotFound
from rules.message import Template
from rules.notice import by_day
from rules.people import Party
from rules.question import LEASE, Question, QuestionStep, Said
from workflow.question import QuestionCommand, due, heard, moved
from workflow.step import UNKEPT, Underway


@dataclass(frozen=True, slots=True, repr=False)
class QuestionTake(QuestionCommand):
    """A wish to work on it for half an hour, or for another one (领取); only colleagues see it."""

    step = QuestionStep.TAKE

    async def take(self, step: Underway[QuestionTake]) -> None:
        """Give it to her."""
        question, to = self.judged(step)
        await questions.hold(step.tx, question.id, step.actor.account_id, step.tx.now + LEASE)
        step.news += heard(question, "question.taken", step.actor.party, to)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionPutBack(QuestionCommand):
    """A wish to leave it to the others (放回)."""

    step = QuestionStep.PUT_BACK

    async def take(self, step: Underway[QuestionPutBack]) -> None:
        """Take it from her."""
        question, to = self.judged(step)
        await questions.hold(step.tx, question.id, None, None)
        step.news += heard(question, "question.put_back", step.actor.party, to)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionAnswer(QuestionCommand):
    """A desk's answer (答复): how it is done, or what the law says; it decides nothing on anybody's registration."""

    text: str
    help_url: str | None = field(default=None, metadata=UNKEPT)
    step = QuestionStep.ANSWER
    writes = frozenset({"question", "question_message", "outbox"})

    async def take(self, step: Underway[QuestionAnswer]) -> None:
        """Keep it and tell who has asked; somebody without an account gets a link to it."""
        question, to = self.judged(step)
        text, by = rules.words(self.text), step.actor
        if question.account_id is None:
            await _write_to(step.tx, question, self.help_url)
        free = {"holder_id": None, "held_until": None, "overdue_at": None}
        await questions.move(step.tx, question, to, answered_at=step.tx.now, **free)
        await questions.say(step.tx, question.id, Said.ANSWERED, text, by.account_id)
        step.news += heard(moved(question), "question.answered", by.party, to)


async def _write_to(tx: Tx, question: Question, help_url: str | None) -> None:
    """A message with her token, in the part of an address that no server is sent; alone where there is no page."""
    channel, to, token = await questions.contact_of(tx, question.id)
    values = {"link": f"{help_url}#{token}" if help_url else token}
    await message.post(tx, [message.Post(channel, to, Template.QUESTION_GUEST_ANSWERED, values)], by_day(tx.now))


@dataclass(frozen=True, slots=True, repr=False)
class QuestionHandOver(QuestionCommand):
    """A wish that the authority in competence answers, because it is about law or about a decision (转办)."""

    text: str
    authority_id: UUID | None = None
    step = QuestionStep.HAND_OVER
    writes = frozenset({"question", "question_message"})

    async def take(self, step: Underway[QuestionHandOver]) -> None:
        """Put it on that desk; who has asked, who had it and who gets it hear."""
        question, to = self.judged(step)
        text, by = rules.words(self.text), step.actor
        target = rules.require_target(question, self.authority_id)
        if not await questions.authority_there(step.tx, target):
            raise NotFound
        free = {"holder_id": None, "held_until": None, "overdue_at": None}
        afresh = {"queued_at": step.tx.now, "due_on": await due(step.tx)}
        await questions.move(step.tx, question, to, authority_id=target, **free, **afresh)
        await questions.say(step.tx, question.id, Said.HANDED_OVER, text, by.account_id)
        before = () if by.party is Party.HELP_DESK or question.authority_id is None else (question.authority_id,)
        now_there = replace(moved(question), authority_id=target)
        step.detail["authority"] = target
        step.news += heard(now_there, "question.handed_over", by.party, to, *before)

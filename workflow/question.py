"""Questions to the help desk (提问): asked, added to, closed by who has asked, with an account of any state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from db import blob, calendar
from db import question as questions
from db import session as sessions
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database, Tx
from rules import question as rules
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited, Together, WrongState
from rules.form_checks import REQUIRED
from rules.material import UploadedFile, clean_name, media_type_of
from rules.people import HELP_DESK_FEED, Party
from rules.question import ANSWER_DAYS, Question, QuestionState, QuestionStep, QuestionTopic, Said
from rules.working_days import CalendarEnds, due_on
from workflow.decoding import require_opens
from workflow.material import count_file
from workflow.step import USUAL, Command, Lock, Read, Underway, read, take


async def due(tx: Tx) -> date | None:
    """The last day for an answer that is asked for today; None where the calendar ends before."""
    try:
        return due_on(tx.today, ANSWER_DAYS, await calendar.working_days(tx, tx.today, ANSWER_DAYS))
    except CalendarEnds:
        return None


async def count(tx: Tx, subject: bytes, span: tuple[timedelta, int]) -> None:
    """Count one more word of somebody; raises RateLimited."""
    if wait := await sessions.count_attempt(tx, subject, *span):
        raise RateLimited(wait)


def heard(question: Question, type: str, by: Party | None, state: QuestionState, *also: UUID) -> list[Addressed]:
    """An event for who has asked, for the help desk, and for the authority that has the question."""
    body = {"question": str(question.id), "topic": question.topic, "state": state, "version": question.version}
    body |= {"by": by, "authority": question.authority_id and str(question.authority_id)}
    scopes = dict.fromkeys((question.feed, HELP_DESK_FEED, question.authority_id, *also))
    if type in ("question.taken", "question.put_back"):
        scopes.pop(question.feed, None)
    units = {scope: question.units if scope == question.feed else () for scope in scopes}
    return [Addressed(one, type, None, None, None, body, units[one]) for one in scopes if one is not None]


@dataclass(frozen=True, slots=True, repr=False)
class QuestionAsk(Command):
    """Somebody's wish to have something answered; gives the question."""

    topic: QuestionTopic
    title: str
    text: str
    application_id: UUID | None = None
    refuses = USUAL | {RateLimited}
    writes = frozenset({"question", "question_message", "attempt"})

    async def take(self, step: Underway[QuestionAsk]) -> None:
        """Put it on the help desk."""
        tx, by = step.tx, step.actor
        with Together() as each:
            title, text = each(lambda: rules.title(self.title)), each(lambda: rules.words(self.text))
        if self.application_id is not None and not await questions.own_application(tx, by, self.application_id):
            raise NotFound
        await count(tx, sha256(b"ask:" + by.account_id.bytes).digest(), rules.ASKED_A_DAY)
        row = {"topic": self.topic, "title": title, "application_id": self.application_id, "due_on": await due(tx)}
        await questions.insert(tx, step.key, **row, account_id=by.account_id, asker_party=by.party)
        await questions.say(tx, step.key, Said.ASKED, text, by.account_id)
        step.detail = {"question": step.key}
        step.news += heard(await questions.lock(tx, step.key), "question.asked", by.party, QuestionState.OPEN)


@read(Lock.REQUEST)
async def asked(step: Underway[QuestionCommand]) -> Question:
    """The question, locked."""
    return await questions.lock(step.tx, step.command.question_id)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionCommand(Command):
    """Somebody's wish to take a step on a question, as last seen; gives it."""

    question_id: UUID
    expected_version: int
    step: ClassVar[QuestionStep]
    refuses = USUAL | {WrongState}
    reads: ClassVar[tuple[Read[Any, Any], ...]] = (asked,)
    writes = frozenset({"question"})

    @property
    def subject(self) -> UUID:
        """The question."""
        return self.question_id

    def judged(self, step: Underway[Any]) -> tuple[Question, QuestionState]:
        """The question, and where the step leads it, if this person may take it."""
        question: Question = step[asked]
        step.detail = {"question": question.id}
        return question, rules.require_step(step.actor, question, self.step, self.expected_version, step.tx.now)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionReply(QuestionCommand):
    """The asker's further words (补充、再次提问): after an answer they open the question again."""

    text: str
    step = QuestionStep.REPLY
    refuses = USUAL | {WrongState, RateLimited}
    writes = frozenset({"question", "question_message", "attempt"})

    async def take(self, step: Underway[QuestionReply]) -> None:
        """Keep them; the desk has its working days afresh where it had answered."""
        question, to = self.judged(step)
        text = rules.words(self.text)
        await count(step.tx, sha256(b"say:" + step.actor.account_id.bytes).digest(), rules.SAID_A_DAY)
        step.news += await reply(step.tx, question, to, text, step.actor.account_id, step.actor.party)


async def reply(
    tx: Tx, question: Question, to: QuestionState, text: str, by: UUID | None, party: Party | None
) -> list[Addressed]:
    """Further words of who has asked, and who hears of them."""
    again = to is not question.state
    afresh = {"queued_at": tx.now, "due_on": await due(tx), "answered_at": None, "overdue_at": None} if again else {}
    await questions.move(tx, question, to, **afresh)
    await questions.say(tx, question.id, Said.ADDED, text, by)
    return heard(moved(question), "question.reopened" if again else "question.added", party, to)


def moved(question: Question) -> Question:
    """The question after a step that has raised its version."""
    return replace(question, version=question.version + 1)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionClose(QuestionCommand):
    """The asker's wish to be done with it (关闭)."""

    step = QuestionStep.CLOSE

    async def take(self, step: Underway[QuestionClose]) -> None:
        """Its end, also where it was not answered."""
        question, to = self.judged(step)
        step.news += await close(step.tx, question, to, step.actor.party)


async def close(tx: Tx, question: Question, to: QuestionState, by: Party | None) -> list[Addressed]:
    """The end of a question, and who hears of it."""
    await questions.move(tx, question, to, closed_at=tx.now, holder_id=None, held_until=None)
    return heard(moved(question), "question.closed", by, to)


@read()
async def files(step: Underway[QuestionAddFile]) -> int:
    """The number of its files."""
    return await questions.files(step.tx, step.command.question_id)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionAddFile(QuestionCommand):
    """The asker's wish to show something (附件): a picture of the screen, a paper."""

    file: UploadedFile
    step = QuestionStep.ADD_FILE
    refuses = USUAL | {WrongState, RateLimited}
    reads = (asked, files)
    writes = frozenset({"question", "question_file", "blob"})

    async def take(self, step: Underway[QuestionAddFile]) -> None:
        """Keep it sealed, until ninety days after the question is closed."""
        question, to = self.judged(step)
        rules.require_room(step[files])
        content, media = self.file.content, media_type_of(self.file.content)
        name = clean_name(self.file.name, media, "附件")
        kept = await blob.keep(step.tx, content, media)
        await questions.add_file(
            step.tx, question.id, file_name=name, media_type=media, size=len(content), blob_id=kept
        )
        await questions.move(step.tx, question, to)
        step.news += heard(moved(question), "question.added", step.actor.party, to)


async def add_file(
    db: Database, session: Session, question_id: UUID, version: int, file: UploadedFile, retry: str | None
) -> UUID:
    """Add a file: counted and opened before anything is locked; gives the question."""
    await count_file(db, session)
    if not file.content:
        raise Invalid(FieldProblem("file", "FIELD_REQUIRED", REQUIRED))
    await require_opens(media_type_of(file.content), file.content)
    return await take(db, session, QuestionAddFile(question_id, version, file, idempotency_key=retry))

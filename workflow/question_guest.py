"""Questions of people without an account (未注册人员提问): a captcha, a contact that a code has proved, and a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from secrets import randbelow, token_urlsafe
from typing import ClassVar, Final

from db import contact, contact_code, message
from db import question as questions
from db.store.engine import Database
from rules import question as rules
from rules.contact import contact as checked_contact
from rules.errors import NotAllowed, NotFound, RateLimited, Together, WrongState
from rules.message import Template, mask_recipient
from rules.question import ASKED_A_DAY, MOVES, Question, QuestionState, QuestionStep, QuestionTopic, Said
from rules.verification import Channel
from workflow import captcha as captchas
from workflow.code import DIGITS, LIFETIME, RESEND, TRIES, WRONG, count_sent, written
from workflow.question import close, count, due, heard, reply
from workflow.session import CaptchaAnswer
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read, take_unsigned

_UNSIGNED: Final = USUAL - {NotFound} | {RateLimited}


@dataclass(frozen=True, slots=True, repr=False)
class QuestionGuestSendCode(Command):
    """A wish to have a code sent to a phone or mail box, so that it is proved."""

    channel: Channel
    to: str
    refuses = _UNSIGNED
    writes = frozenset({"contact_code", "outbox", "attempt"})
    audited = False

    async def take(self, step: Underway[QuestionGuestSendCode]) -> None:
        """Send it, once a minute; whose contact it is nobody asks."""
        target = contact.index_of(step.tx.keyring, self.channel, self.to)
        await count_sent(step.tx, target)
        if wait := await contact_code.wait(step.tx, target, RESEND):
            raise RateLimited(wait)
        digits = f"{randbelow(10**DIGITS):0{DIGITS}d}"
        await contact_code.replace(step.tx, target, digits, LIFETIME)
        values = {"code": digits, "minutes": str(int(LIFETIME.total_seconds()) // 60)}
        await message.send(step.tx, channel=self.channel, to=self.to, template=Template.CONTACT_CODE, values=values)


async def send_code(db: Database, channel: Channel, to: str, captcha: CaptchaAnswer) -> None:
    """Send a code; the captcha is judged once the contact is one."""
    wish = QuestionGuestSendCode(channel, checked_contact(channel, to, path="to"))
    await captchas.check(db, captcha.id, captcha.answer, captcha.address)
    await take_unsigned(db, wish)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionGuestAsk(Command):
    """A question of somebody without an account, whose contact the code has proved; the token is shown this once."""

    channel: Channel
    to: str
    topic: QuestionTopic
    title: str
    text: str
    token: str = field(default_factory=partial(token_urlsafe, 24), metadata=UNKEPT)
    refuses = _UNSIGNED
    writes = frozenset({"question", "question_message", "contact_code", "attempt"})

    async def take(self, step: Underway[QuestionGuestAsk]) -> None:
        """Put it on the help desk."""
        tx = step.tx
        target = contact.index_of(tx.keyring, self.channel, self.to)
        await count(tx, sha256(b"guest-ask:" + target).digest(), ASKED_A_DAY)
        if not await contact_code.burn(tx, target):
            raise NotAllowed("WRONG_CODE", WRONG)
        masked = mask_recipient(self.channel, self.to)
        reached = questions.contact_columns(tx.keyring, self.channel, self.to, masked, self.token)
        row = {"topic": self.topic, "title": self.title, "due_on": await due(tx)}
        await questions.insert(tx, step.key, **row, **reached)
        await questions.say(tx, step.key, Said.ASKED, self.text, None)
        step.detail = {"question": step.key}
        step.news += heard(await questions.lock(tx, step.key), "question.asked", None, QuestionState.OPEN)


async def ask(db: Database, channel: Channel, to: str, code: str, wish: tuple[QuestionTopic, str, str]) -> str:
    """Ask; the try of the code is counted and committed before it is looked at. Gives the token."""
    topic, title, text = wish
    with Together() as each:
        contact_given = each(lambda: checked_contact(channel, to, path="to"))
        said = each(lambda: rules.title(title)), each(lambda: rules.words(text))
        digits = each(lambda: written(code))
    command = QuestionGuestAsk(channel, contact_given, topic, *said)
    target = contact.index_of(db.keyring, channel, contact_given)
    async with db.begin() as tx:
        await tx.ask_time()
        fits = await contact_code.fits(tx, target, digits, TRIES)
    if not fits:
        raise NotAllowed("WRONG_CODE", WRONG)
    return (await take_unsigned(db, command)).command.token


@read(Lock.REQUEST)
async def asked(step: Underway[QuestionGuestStep]) -> Question:
    """The question of the token, locked."""
    return await questions.lock_by_token(step.tx, step.command.token)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionGuestStep(Command):
    """A step of somebody without an account, by the token of her question."""

    token: str
    step: ClassVar[QuestionStep]
    refuses = USUAL | {RateLimited, WrongState}
    reads = (asked,)

    def judged(self, step: Underway[QuestionGuestStep]) -> tuple[Question, QuestionState]:
        """The question, and where the step leads."""
        question = step[asked]
        step.key, step.detail = question.id, {"question": question.id}
        if question.state not in MOVES[self.step]:
            raise WrongState(question.state)
        return question, MOVES[self.step][question.state]


@dataclass(frozen=True, slots=True, repr=False)
class QuestionGuestReply(QuestionGuestStep):
    """Further words of hers."""

    text: str
    step = QuestionStep.REPLY
    writes = frozenset({"question", "question_message", "attempt"})

    async def take(self, step: Underway[QuestionGuestReply]) -> None:
        """Keep them."""
        question, to = self.judged(step)
        text = rules.words(self.text)
        await count(step.tx, sha256(b"guest-say:" + question.id.bytes).digest(), rules.SAID_A_DAY)
        step.news += await reply(step.tx, question, to, text, None, None)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionGuestClose(QuestionGuestStep):
    """Her wish to be done with it."""

    step = QuestionStep.CLOSE
    writes = frozenset({"question"})

    async def take(self, step: Underway[QuestionGuestClose]) -> None:
        """Its end."""
        question, to = self.judged(step)
        step.news += await close(step.tx, question, to, None)

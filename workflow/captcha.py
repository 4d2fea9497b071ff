"""Captchas (验证码): made in a thread, answered once."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import ClassVar, Final
from uuid import UUID

from captcha.image import ImageCaptcha
from uuid_utils.compat import uuid7

from db import captcha as captchas
from db.store.engine import Database
from db.store.keys import Keyring
from rules.captcha import LETTER_COUNT, LETTERS, LIVES, CaptchaForm, answer_of, readings, wrong
from rules.captcha_question import drawn
from rules.errors import Language, NotFound, RateLimited
from workflow.address import give_back
from workflow.step import USUAL, Command, Underway, take_unsigned

AT_ONCE: Final = 2
WAITING: Final = 20


@dataclass(frozen=True, slots=True, repr=False)
class Captcha:
    """A new captcha: a PNG to look at, or a question in words."""

    id: UUID
    expires_at: datetime
    picture: bytes | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CaptchaCreate(Command):
    """Somebody's wish for a captcha; only the keyed hash of its answer is kept."""

    captcha_id: UUID
    answer: str
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"captcha"})
    audited = False
    purpose: ClassVar[str] = "captcha"
    """The door that it opens, and no other."""

    @property
    def subject(self) -> UUID:
        """The captcha."""
        return self.captcha_id

    async def take(self, step: Underway[CaptchaCreate]) -> None:
        """Keep it for five minutes."""
        answer_hash = _hash(step.tx.keyring, self.captcha_id, self.answer, self.purpose)
        await captchas.insert(step.tx, self.captcha_id, answer_hash, step.tx.now + LIVES)


@dataclass(frozen=True, slots=True, repr=False)
class PublicCaptchaCreate(CaptchaCreate):
    """Somebody's wish for a captcha of the public register, which opens no other door."""

    purpose = "public captcha"


class Captchas:
    """Draws the pictures, two at once and never on the event loop; one a process for each door that asks for them.

    Who may ask for how many is counted by address: one budget of all would be spent by one.
    """

    def __init__(self, command: type[CaptchaCreate] = CaptchaCreate) -> None:
        self._command = command
        self._waiting = 0
        self._places = asyncio.Semaphore(AT_ONCE)

    async def create(self, db: Database, form: CaptchaForm, language: Language = Language.CHINESE) -> Captcha:
        """A new captcha, good for five minutes and one answer. Words are in `language`."""
        captcha_id, picture, question = uuid7(), None, None
        if form is CaptchaForm.WORDS:
            asked = drawn(secrets.SystemRandom())
            answer, question = answer_of(asked), asked.text.within(language)
        else:
            answer = "".join(secrets.choice(LETTERS) for _ in range(LETTER_COUNT))
            picture = await self._drawn(answer)
        step = await take_unsigned(db, self._command(captcha_id, answer))
        return Captcha(captcha_id, step.tx.now + LIVES, picture, question)

    async def _drawn(self, letters: str) -> bytes:
        if self._waiting >= WAITING:
            raise RateLimited(1)
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(draw, letters)
        finally:
            self._waiting -= 1


async def check(
    db: Database, captcha_id: UUID, answer: str, address: str = "", made_by: type[CaptchaCreate] = CaptchaCreate
) -> None:
    """Judge an answer; the captcha is used up whatever it was. Raises Invalid where it is wrong or too late.

    A solved one counts no more against the address that asked for it.
    """
    given = [_hash(db.keyring, captcha_id, one, made_by.purpose) for one in readings(answer)]
    async with db.begin() as tx:
        await tx.ask_time()
        kept = await captchas.take(tx, captcha_id)
        solved = kept is not None and any(hmac.compare_digest(kept, one) for one in given)
        if solved:
            await give_back(tx, address, made_by.mutation())
    if not solved:
        raise wrong()


def draw(letters: str) -> bytes:
    """A picture of the letters, as PNG."""
    return _artist().generate(letters).getvalue()


@cache
def _artist() -> ImageCaptcha:
    """Its fonts are read once."""
    return ImageCaptcha(width=160, height=60)


def _hash(keyring: Keyring, captcha_id: UUID, answer: str, purpose: str) -> bytes:
    return keyring.blind_index(f"{captcha_id} {answer}", purpose)

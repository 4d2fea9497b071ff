"""The desk of the public register (上网公示, A10): everybody may ask, and no crowd there keeps anybody from her work.

It has few places, captchas and budgets of its own: whoever waits there holds no connection of the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final

from db import public_register as register
from db import session as sessions
from db import signing_key as signing_keys
from db.store.engine import Database, Tx
from db.store.signing import is_signed
from rules import spelling
from rules.captcha import CaptchaForm
from rules.errors import Language, NotFound, RateLimited
from rules.public_register import (
    BY_NUMBER,
    BY_NUMBER_AND_ADDRESS,
    PACE,
    WINDOW,
    PublicCertificate,
    PublicNurse,
    require_given,
)
from rules.receipt import ReceiptOutcome, SigningKey, Statement, judged, stated, unpacked
from workflow import captcha as captchas
from workflow.address import Budget, count_try, place_of
from workflow.captcha import Captcha, Captchas, PublicCaptchaCreate
from workflow.session import CaptchaAnswer
from workflow.step import USUAL, Command, Underway, read, take_unsigned

AT_ONCE: Final = 3
"""So many look-ups use the database at once: it has more connections than that for everybody else."""
WAITING: Final = 40
SOON: Final = 5
BY_NAME: Final = "publicLookUp"
BY_TOKEN: Final = "publicCertificate"
BY_RECEIPT: Final = "receiptCheck"
LONGEST: Final = 64


@read()
async def listed(step: Underway[PublicLookUp]) -> PublicNurse | None:
    """The listed nurse of this number and this full name.

    It is counted first, by the number, and counted no more where the name was right. Raises RateLimited where a wrong
    name was given to this number too often.
    """
    tx, command = step.tx, step.command
    subject = all_together = tx.keyring.blind_index(command.number, BY_NAME)
    if await sessions.count_attempt(tx, subject, WINDOW, BY_NUMBER):
        subject = tx.keyring.blind_index(f"{all_together.hex()}:{place_of(command.address)}", BY_NAME)
        if wait := await sessions.count_attempt(tx, subject, WINDOW, BY_NUMBER_AND_ADDRESS):
            raise RateLimited(wait)
    found = await register.by_number(tx, command.number)
    if found is None or not spelling.same_name(found.name, command.name):
        return None
    await sessions.forget_attempt(tx, subject)
    return found


@dataclass(frozen=True, slots=True, repr=False)
class PublicLookUp(Command):
    """Anybody's wish to know whether a nurse may practise, by the number of her certificate and her full name."""

    number: str
    name: str
    address: str
    refuses = USUAL - {NotFound} | {RateLimited}
    reads = (listed,)
    writes = frozenset({"attempt"})
    audited = False

    async def take(self, step: Underway[PublicLookUp]) -> None:
        """Nothing changes but the count."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt that was verified: with what result, and what it says where it says something."""

    outcome: ReceiptOutcome
    statement: Statement | None = None


class PublicRegister:
    """The public register of one process."""

    def __init__(self) -> None:
        self._captchas = Captchas(PublicCaptchaCreate)
        self._waiting = 0
        self._places = asyncio.Semaphore(AT_ONCE)

    async def captcha(
        self, db: Database, form: CaptchaForm, language: Language, address: str, budget: Budget
    ) -> Captcha:
        """A captcha of this door."""
        async with self._place():
            await count_try(db, address, PublicCaptchaCreate.mutation(), budget)
            return await self._captchas.create(db, form, language)

    async def nurse(
        self, db: Database, number: str, name: str, answer: CaptchaAnswer, budget: Budget
    ) -> PublicNurse | None:
        """The listed nurse of this number and this full name, for whoever has solved a captcha.

        Nobody of the number, another name and a number that cannot be one are answered alike, and no sooner.
        """
        began, address = monotonic(), answer.address
        require_given(number, name)
        wish = PublicLookUp(spelling.certificate(number[:LONGEST]), name[:LONGEST], address)
        async with self._place():
            await count_try(db, address, BY_NAME, budget)
            await captchas.check(db, answer.id, answer.answer, address, PublicCaptchaCreate)
            found = (await take_unsigned(db, wish))[listed]
        await _paced(began)
        return found

    async def certificate(self, db: Database, token: str, address: str, budget: Budget) -> PublicCertificate | None:
        """The certificate on which this token is printed; None for tokens that are none, or no longer."""
        began = monotonic()
        async with self._place():
            await count_try(db, address, BY_TOKEN, budget)
            async with db.begin() as tx:
                found = await register.by_token(tx, register.token_of(token))
        await _paced(began)
        return found

    async def receipt(self, db: Database, text: str, address: str, budget: Budget) -> Checked:
        """The worth of a receipt by the published keys and the serials that are known, for whoever cannot verify it."""
        async with self._place():
            await count_try(db, address, BY_RECEIPT, budget)
            async with db.begin() as tx:
                await tx.ask_time()
                return await _checked(tx, text)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING:
            raise RateLimited(SOON)
        self._waiting += 1
        try:
            async with self._places:
                yield
        finally:
            self._waiting -= 1


async def _checked(tx: Tx, text: str) -> Checked:
    signed = unpacked(text)
    statement = stated(signed[0]) if signed else None
    if signed is None or statement is None:
        return Checked(ReceiptOutcome.NOT_GENUINE)
    keys: dict[str, SigningKey] = {one.id: one for one in await signing_keys.every(tx)}
    key = keys.get(statement.key_id)
    if key is None:
        return Checked(ReceiptOutcome.UNKNOWN_KEY)
    if not is_signed(key.public_key, *signed):
        return Checked(ReceiptOutcome.NOT_GENUINE)
    outcome = judged(statement, key, tx.now)
    if outcome is ReceiptOutcome.CONFIRMED:
        stands = await register.is_in_force(tx, statement.serial)
        outcome = {True: outcome, False: ReceiptOutcome.REPLACED, None: ReceiptOutcome.BEING_RESTORED}[stands]
    return Checked(outcome, statement)


async def _paced(began: float) -> None:
    """Wait until so long after the beginning, with no place taken."""
    await asyncio.sleep(max(0.0, began + PACE - monotonic()))

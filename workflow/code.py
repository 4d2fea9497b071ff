"""Codes (校验码): six digits that prove a phone or a mail box."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import randbelow
from types import MappingProxyType
from typing import Final
from uuid import UUID

from db import code as codes
from db import contact, message
from db import session as sessions
from db.code import Which
from db.store.engine import Database, Tx
from rules import spelling
from rules.errors import FieldProblem, Invalid, NotAllowed, RateLimited, Words
from rules.message import Template
from rules.verification import Channel, CodePurpose

DIGITS: Final = 6
LONGEST_GIVEN: Final = 64
LIFETIME: Final = timedelta(minutes=10)
RESEND: Final = timedelta(seconds=60)
TRIES: Final = 5
ALL_TRIES: Final = (timedelta(hours=1), 20)
"""Of one account for one purpose, however many codes it had sent."""
BUDGETS: Final[Mapping[str, tuple[timedelta, int]]] = {
    "everybody": (timedelta(minutes=1), 1000),
    "everybody's day": (timedelta(days=1), 50_000),
    "target": (timedelta(days=1), 10),
    "account": (timedelta(days=1), 20),
}
"""Numbers of codes that may be sent, and in which time; the common ones first, so that no deadlock is possible."""
WRONG: Final = Words(
    "校验码不正确或已失效，请核对或重新获取", "The code is wrong or no longer good; check it, or ask for another."
)
FORMAT: Final = Words(
    f"校验码为{DIGITS}位数字，请填写收到的校验码", f"A code has {DIGITS} digits: enter the one that came."
)


async def issue(
    tx: Tx,
    *,
    account_id: UUID,
    purpose: CodePurpose,
    channel: Channel,
    to: str,
    template: Template,
    besides: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Send a code in place of the one before, with what the template says besides.

    Raises RateLimited before anything is sent. For an account that does not exist nothing is sent, after the same work.
    """
    which, target = Which(account_id, purpose, channel), contact.index_of(tx.keyring, channel, to)
    await count_sent(tx, target, account_id)
    if seconds := await codes.wait(tx, which, RESEND):
        raise RateLimited(seconds)
    digits = f"{randbelow(10**DIGITS):0{DIGITS}d}"
    kept = await codes.replace(tx, which, target, digits, LIFETIME)
    values = {"code": digits, "minutes": str(LIFETIME // timedelta(minutes=1)), **besides}
    async with codes.undone_unless(tx, kept):
        await message.send(tx, channel=channel, to=to, template=template, values=values)


async def count_sent(tx: Tx, target: bytes, account_id: UUID | None = None) -> None:
    """Count one more code to a contact, of an account if of one; raises RateLimited before anything is sent."""
    spent = {"everybody": b"", "everybody's day": b"", "target": target}
    spent |= {} if account_id is None else {"account": account_id.bytes}
    for name, (window, allowed) in BUDGETS.items():
        if name not in spent:
            continue
        subject = tx.keyring.blind_index(f"{name}:{spent[name].hex()}", "code-budget")
        if seconds := await sessions.count_attempt(tx, subject, window, allowed):
            raise RateLimited(seconds)


@dataclass(frozen=True, slots=True)
class Judged:
    """A code as it was judged: if it fits, where it was sent, and the tries that it has left; None where none is good.

    It is used up by `use`, in the transaction of what it proves: what is refused besides costs no more than a try.
    """

    id: UUID
    target: bytes
    fits: bool
    left: int | None
    signed_in: bool = True
    """False where nobody is signed in: then nobody is told whether there is a code at all."""

    @property
    def words(self) -> Words:
        """The words of its refusal, with the tries that it has left."""
        if self.left is None or self.fits or not self.signed_in:
            return WRONG
        zh, en = f"还可输入{self.left}次", f"check it: it may be entered {self.left} times more."
        if self.left == 0:
            zh, en = "且已失效，请重新获取", "and no longer good: ask for another."
        return Words(f"校验码不正确，{zh}", f"The code is wrong; {en}")

    def problem(self, path: str) -> FieldProblem:
        """The problem of one of several codes."""
        return FieldProblem(path, "WRONG_CODE", self.words)


def written(given: str, path: str = "code") -> str:
    """A code as it is compared; raises Invalid where it cannot be one, which costs no try."""
    digits = spelling.code(given[:LONGEST_GIVEN])
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits):
        raise Invalid(FieldProblem(path, "CODE_FORMAT", FORMAT))
    return digits


async def judge(db: Database, *, account_id: UUID, purpose: CodePurpose, channel: Channel, given: str) -> Judged:
    """Judge a code: the try is counted and committed before the code is looked at.

    Without a live code the work and the answer are the same as for a wrong one.
    """
    which = Which(account_id, purpose, channel)
    subject = db.keyring.blind_index(f"{account_id}:{purpose}", "code-tries")
    # At a recovery the gate before it counts, and lets whoever has solved a captcha through.
    gated = purpose is CodePurpose.RECOVERY
    async with db.begin() as tx:
        await tx.ask_time()
        seconds = 0 if gated else await sessions.count_attempt(tx, subject, *ALL_TRIES)
        live = None if seconds else await codes.count_try(tx, which, TRIES)
    if seconds:
        raise RateLimited(seconds)
    code_id, kept = (live.id, live.code_hash) if live else (UUID(int=0), b"")
    fits = hmac.compare_digest(codes.hashed(db.keyring, code_id, spelling.code(given[:LONGEST_GIVEN])), kept)
    left = None if live is None else TRIES - live.tries
    return Judged(code_id, live.target_index if live else b"", live is not None and fits, left, signed_in=not gated)


async def use(tx: Tx, judged: Judged) -> None:
    """End a code that fits: of two who give it at once one gets through. The last try has ended it already."""
    if not judged.fits or not (judged.left == 0 or await codes.burn(tx, judged.id)):
        raise NotAllowed("WRONG_CODE", judged.words)


async def prove(db: Database, *, account_id: UUID, purpose: CodePurpose, channel: Channel, given: str) -> bytes:
    """Judge a code and use it up: the blind index of where it was sent, which must still be what the account has."""
    judged = await judge(db, account_id=account_id, purpose=purpose, channel=channel, given=given)
    async with db.begin() as tx:
        await tx.ask_time()
        await use(tx, judged)
    return judged.target

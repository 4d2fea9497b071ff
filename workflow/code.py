"""Codes (校验码): six digits that prove a phone or a mail box."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
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
from rules.errors import NotAllowed, RateLimited, Words
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


async def prove(db: Database, *, account_id: UUID, purpose: CodePurpose, channel: Channel, given: str) -> bytes:
    """Judge a code: the blind index of where it was sent, which must still be what the account has.

    The try is counted and committed before the code is looked at; without a live code the work and the answer are
    the same as for a wrong one.
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
    if live is None or not fits or not (live.tries == TRIES or await _burn(db, live.id)):
        raise NotAllowed("WRONG_CODE", WRONG)
    target: bytes = live.target_index
    return target


async def _burn(db: Database, code_id: UUID) -> bool:
    """End the code that fits; of two who give it at once one gets True."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await codes.burn(tx, code_id)

"""A password given again (重新输入密码) by somebody who is signed in: whoever finds her screen does not know it."""

from __future__ import annotations

from typing import Final

from db import contact as contacts
from db import session as sessions
from db.contact import Holder
from db.session import Session
from db.store.engine import Database, Tx
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, RateLimited, Words
from rules.session import TRIES, WINDOW
from workflow.password import PasswordWork

WRONG: Final = Words("当前密码不正确", "The current password is wrong.")


async def count_try(db: Database, session: Session) -> None:
    """Count a try before anything is compared; raises Unauthenticated or RateLimited."""
    async with db.begin() as tx:
        await sessions.require(tx, session)
        wait = await sessions.count_attempt(tx, _subject(db, session.actor.account_id.hex), WINDOW, TRIES)
    if wait:
        raise RateLimited(wait)


async def proved(db: Database, work: PasswordWork, session: Session, given: str) -> str:
    """The stored hash that the given password fits, after its try was counted; raises NotAllowed or RateLimited."""
    await count_try(db, session)
    async with db.read() as reader:
        known = await contacts.get(reader, session.actor.account_id)
    await require(work, known, given)
    return known.password_hash


async def require(work: PasswordWork, known: Holder, given: str) -> None:
    """Refuse what is not the account's password."""
    if not await work.verify(known.password_hash, given):
        raise NotAllowed("WRONG_CREDENTIALS", WRONG)


async def settle(tx: Tx, holder: Holder, stored: str) -> None:
    """Within the step: refuse where the password has changed since it was proved; its tries are forgotten."""
    if holder.password_hash != stored:
        raise Conflict(Situation.PASSWORD_CHANGED)
    await sessions.forget_attempts(tx, _subject(tx, holder.id.hex))


def _subject(by: Database | Tx, account: str) -> bytes:
    """The key by which tries are counted."""
    return by.keyring.blind_index(account, "password")

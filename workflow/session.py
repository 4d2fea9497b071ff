"""Signing in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db import session as sessions
from db.engine import Database
from db.session import Session
from rules.errors import NotAllowed, RateLimited, Words
from rules.people import AccountState
from workflow.password import Passwords

TRIES: Final = 10
WINDOW: Final = timedelta(minutes=15)
WRONG: Final = Words("用户名或密码不正确", "The user name or the password is wrong.")
LONGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; the token is shown this once."""

    token: str
    expires_at: datetime


async def sign_in(db: Database, passwords: Passwords, user_name: str, password: str) -> SignedIn:
    """Sign in by user name (N4, I3).

    The try is counted and committed before the password is looked at. A wrong password and an unknown user name
    get the same answer after the same work.
    """
    subject = db.keyring.blind_index(user_name.lower()[:LONGEST], "sign-in")
    async with db.begin() as tx:
        await tx.ask_time()
        wait = await sessions.count_attempt(tx, subject, WINDOW, TRIES)
    if wait:
        raise RateLimited(wait)
    async with db.read() as reader:
        found = await sessions.credentials(reader, user_name[:LONGEST])
    known = found is not None and found.state in (AccountState.ACTIVE, AccountState.INACTIVE)
    fits = await passwords.verify(found.password_hash if found is not None else None, password[:LONGEST])
    if not (known and fits) or found is None:
        raise NotAllowed("WRONG_CREDENTIALS", WRONG)
    async with db.begin() as tx:
        await tx.ask_time()
        await sessions.forget_attempts(tx, subject)
        token, expires_at = await sessions.insert(tx, found.id)
    return SignedIn(token, expires_at)


async def sign_out(db: Database, session: Session) -> None:
    """End this session; its sockets are closed within seconds."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        await sessions.revoke(tx, session.token_hash)
        if actor.party_id is not None:
            tx.woken.add(actor.party_id)

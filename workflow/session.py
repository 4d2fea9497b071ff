"""Signing in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from db import contact as contacts
from db import session as sessions
from db.contact import Holder
from db.session import Session
from db.store.engine import Database
from rules.contact import normal
from rules.errors import NotAllowed, RateLimited, Unauthenticated, Words
from rules.people import AccountState
from rules.verification import Channel
from workflow import captcha as captchas
from workflow.password import Passwords

TRIES: Final = 10
WINDOW: Final = timedelta(minutes=15)
FREE_TRIES: Final = 3
"""So many without a captcha (验证码)."""
WRONG: Final = Words("用户名或密码不正确", "The user name or the password is wrong.")
CAPTCHA: Final = Words(
    "多次登录失败，请填写图片验证码", "Several sign-ins have failed: answer a captcha with the next."
)
FIRST: Final = Words(
    "首次登录须用预留手机校验并设置新密码", "The first sign-in needs a code to the reserved phone, and a new password."
)
LONGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class Captcha:
    """An answer to a captcha."""

    id: UUID
    answer: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; the token is shown this once."""

    token: str
    expires_at: datetime


async def sign_in(
    db: Database, passwords: Passwords, name: str, password: str, captcha: Captcha | None = None
) -> SignedIn:
    """Sign in by user name, or by a phone or mail box once it is proved (N4, I3)."""
    found = await judge(db, passwords, name, password, captcha)
    if found.must_set_password:
        raise NotAllowed("FIRST_SIGN_IN", FIRST)
    async with db.begin() as tx:
        await tx.ask_time()
        await sessions.forget_attempts(tx, subject_of(db, name))
        token, expires_at = await sessions.insert(tx, found.id)
    return SignedIn(token, expires_at)


async def judge(db: Database, passwords: Passwords, name: str, password: str, captcha: Captcha | None = None) -> Holder:
    """The account that a name and a password open.

    The try is counted and committed before the password is looked at. A wrong password and an unknown name get the
    same answer after the same work.
    """
    await _count(db, subject_of(db, name), captcha)
    async with db.read() as reader:
        found = await contacts.named(reader, name[:LONGEST])
    fits = await passwords.verify(found.password_hash if found is not None else None, password[:LONGEST])
    if found is None or not fits or not _may_enter(found):
        raise NotAllowed("WRONG_CREDENTIALS", WRONG)
    return found


def subject_of(db: Database, name: str) -> bytes:
    """What tries are counted by: the same however a phone number is spaced."""
    return db.keyring.blind_index(normal(Channel.SMS, name[:LONGEST]).lower(), "sign-in")


async def _count(db: Database, subject: bytes, captcha: Captcha | None) -> None:
    async with db.begin() as tx:
        await tx.ask_time()
        wait = await sessions.count_attempt(tx, subject, WINDOW, TRIES)
        asked = not wait and await sessions.attempts(tx, subject, WINDOW) > FREE_TRIES
        if asked and captcha is None:
            # Nothing was judged, so this does not stay counted.
            raise NotAllowed("CAPTCHA_REQUIRED", CAPTCHA)
    if wait:
        raise RateLimited(wait)
    if asked and captcha is not None:
        await captchas.check(db, captcha.id, captcha.answer)


def _may_enter(found: Holder) -> bool:
    invited = found.state is AccountState.INVITED and found.must_set_password
    return invited or found.state in sessions.SIGNED_IN


async def sign_out(db: Database, session: Session) -> None:
    """End this session; its sockets are closed within seconds."""
    async with db.begin() as tx:
        if not await sessions.revoke(tx, session.token_hash):
            raise Unauthenticated
        if session.actor.party_id is not None:
            tx.woken.add(session.actor.party_id)

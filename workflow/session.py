"""Signing in and out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from db import contact as contacts
from db import session as sessions
from db.contact import Holder
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import NotFound, RateLimited
from rules.session import (
    FREE_TRIES,
    LONGEST,
    TRIES,
    WINDOW,
    captcha_required,
    require_may_enter,
    require_not_first,
    wrong,
)
from rules.spelling import sign_in_name
from workflow import captcha as captchas
from workflow.address import place_of
from workflow.password import Passwords, PasswordWork
from workflow.step import USUAL, Command, Underway, take, take_unsigned


@dataclass(frozen=True, slots=True)
class CaptchaAnswer:
    """An answer to a captcha, and the address that it comes from."""

    id: UUID
    answer: str
    address: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class SignIn(Command):
    """A new session of somebody who has given her password; the token is shown once."""

    user_name: str
    account_id: UUID
    token: str
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"attempt"})
    audited = False

    @property
    def subject(self) -> UUID:
        """Her account."""
        return self.account_id

    async def take(self, step: Underway[SignIn]) -> None:
        """Forget the tries, and open the session."""
        await sessions.forget_attempts(step.tx, subject_of(step.tx, self.user_name))
        await sessions.insert(step.tx, self.account_id, self.token)


async def sign_in(
    db: Database, passwords: Passwords, name: str, password: str, captcha: CaptchaAnswer | None = None
) -> str:
    """Sign in by user name, or by a phone or mail box once it is proved (N4, I3); the token of the session."""
    async with passwords.place() as work:
        found = await judge(db, work, name, password, captcha)
        if found.must_set_password:
            # The right password is no failure: who tries it here first is not asked for a captcha for that.
            async with db.begin() as tx:
                await sessions.forget_attempts(tx, subject_of(db, name))
        require_not_first(found.must_set_password)
        command = SignIn(name, found.id, sessions.new_token())
        await take_unsigned(db, command)
    return command.token


async def judge(
    db: Database, work: PasswordWork, name: str, password: str, captcha: CaptchaAnswer | None = None
) -> Holder:
    """The account that a name and a password open.

    The try is counted and committed before the password is looked at, and counts no more where that was broken off. A
    wrong password and an unknown name get the same answer after the same work; whoever has the right one is told where
    the account is shut.
    """
    counted = await pass_gate(db, subject_of(db, name), captcha)
    try:
        async with db.read() as reader:
            found = await contacts.named(reader, name[:LONGEST])
        fits = await work.verify(found.password_hash if found is not None else None, password[:LONGEST])
    except asyncio.CancelledError:
        async with db.begin() as tx:
            await sessions.forget_attempt(tx, counted)
        raise
    if found is None or not fits:
        raise wrong()
    require_may_enter(found.state, first=found.must_set_password)
    return found


def subject_of(by: Database | Tx, name: str) -> bytes:
    """The key by which tries are counted: the same for every spelling that finds an account."""
    return by.keyring.blind_index(sign_in_name(name[:LONGEST]), "sign-in")


async def pass_gate(db: Database, subject: bytes, captcha: CaptchaAnswer | None, *, free: int = FREE_TRIES) -> bytes:
    """Count a try at a secret; a few are free, and then only those with a solved captcha are looked at, and counted.

    Nobody keeps the owner out by this: once the tries of all are spent, each address has its own. Gives what the try
    was counted by.
    """
    if not await _counted(db, subject, free):
        return subject
    if captcha is None:
        raise captcha_required()
    await captchas.check(db, captcha.id, captcha.answer, captcha.address)
    if not await _counted(db, subject, TRIES):
        return subject
    own = db.keyring.blind_index(f"{subject.hex()}:{place_of(captcha.address)}", "sign-in")
    if wait := await _counted(db, own, TRIES):
        raise RateLimited(wait)
    return own


async def _counted(db: Database, subject: bytes, allowed: int) -> int:
    async with db.begin() as tx:
        await tx.ask_time()
        return await sessions.count_attempt(tx, subject, WINDOW, allowed)


@dataclass(frozen=True, slots=True, repr=False)
class SignOut(Command):
    """Somebody's wish to end this session; every server drops it with the next wake-up."""

    token_hash: bytes
    refuses = USUAL - {NotFound}
    audited = False

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """Her sessions, before one of them is read: of two who end the same one, one waits."""
        await sessions.lock(tx, session.actor.account_id)

    async def take(self, step: Underway[SignOut]) -> None:
        """End it."""
        await sessions.revoke(step.tx, self.token_hash)
        if step.actor.party_id is not None:
            step.tx.woken.add(step.actor.party_id)


async def sign_out(db: Database, session: Session) -> None:
    """End this session."""
    await take(db, session, SignOut(session.token_hash))

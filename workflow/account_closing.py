"""A nurse closes her own account (账户注销, PIPL 47): the register's entry about her stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from db import activation as activations
from db import activation_code as codes
from db import application as applications
from db import delivery as deliveries
from db import ending as endings
from db import information_change as changes
from db import registration
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.account_closing import require_free, require_nothing_open
from rules.activation import Candidate
from rules.application import Application
from rules.errors import RateLimited
from rules.message import Template
from rules.people import AccountState, Party, require_party
from workflow import account_news, contact, fresh_password
from workflow.password import Passwords
from workflow.password_change import own
from workflow.revocation import withdraw
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read, take


@read(Lock.APPLICATION)
async def unfinished(step: Underway[AccountClose]) -> list[Application]:
    """Her drafts and all that is open about her, whoever filed it, locked."""
    require_party(step.actor, Party.NURSE)
    nurse_id = step.actor.nurse_id
    keys = [] if nurse_id is None else await endings.lock_open(step.tx, nurse_id)
    return [await applications.lock(step.tx, key) for key in keys]


@read(Lock.NURSE)
async def change_open(step: Underway[AccountClose]) -> bool:
    """True if a change of her information is under way; she is locked."""
    nurse_id = step.actor.nurse_id
    if nurse_id is None:
        return False
    await registration.lock(step.tx, nurse_id)
    return await changes.is_open(step.tx, nurse_id)


@read(Lock.ACCOUNT)
async def before(step: Underway[AccountClose]) -> Candidate:
    """Her account as it was."""
    return await activations.lock(step.tx, step.actor.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class AccountClose(Command):
    """A nurse's wish to close her account; worked out before the step: what is stored of the password she gave."""

    password: str
    stored: str = field(default="", metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (unfinished, change_open, before, own)
    writes = frozenset({"account", "application", "activation_code", "attempt", "nurse", "outbox"})

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """Her own sessions, which are to end."""
        await sessions.lock(tx, session.actor.account_id)

    async def take(self, step: Underway[AccountClose]) -> None:
        """End it, and all that hangs on it: drafts, codes, sessions."""
        tx, her = step.tx, step[before]
        await fresh_password.settle(tx, step[own], self.stored)
        require_free(step[own].held_until, tx.now)
        require_nothing_open(step[unfinished], change_open=step[change_open])
        drafts = [
            news
            for one in step[unfinished]
            if one.filed_by is Party.NURSE
            for news in await withdraw(tx, her.account_id, one)
        ]
        await contact.tell(tx, step[own], Template.ACCOUNT_CLOSED)
        if her.nurse_id is not None:  # decisions about her come on paper from now on
            await deliveries.consent(tx, her.nurse_id, None)
        await sessions.end(tx, her.account_id)
        await codes.void(tx, her.account_id)
        await activations.write(tx, her.account_id, state=AccountState.REVOKED)
        step.key, step.nurse_id, step.detail = her.account_id, her.nurse_id, {"account": her.account_id}
        step.news = [*drafts, *account_news.revoked(her, Party.NURSE)]


async def close(db: Database, passwords: Passwords, session: Session, wish: AccountClose) -> None:
    """Close it, with her password given again."""
    require_party(session.actor, Party.NURSE)
    async with passwords.place() as work:
        stored = await fresh_password.proved(db, work, session, wish.password)
    await take(db, session, replace(wish, stored=stored))

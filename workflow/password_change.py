"""Another password (修改登录密码): the current one is proved, every other session ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from db import contact as contacts
from db import session as sessions
from db.contact import Holder
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import FieldProblem, Invalid, RateLimited
from rules.message import Template
from rules.passwords import PasswordPolicy
from workflow import fresh_password
from workflow.contact import SAME, tell
from workflow.password import Passwords, PasswordWork
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read, take, was_taken


@read(Lock.ACCOUNT)
async def own(step: Underway[Command]) -> Holder:
    """One's own account, locked."""
    return await contacts.lock(step.tx, step.actor.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class PasswordChange(Command):
    """Another password, and the one it replaces; worked out before the step: what is stored of both.

    The session in which it is asked for goes on.
    """

    current: str
    new: str
    stored: str = field(default="", metadata=UNKEPT)
    stored_new: str = field(default="", metadata=UNKEPT)
    asked_in: bytes = field(default=b"", metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (own,)
    writes = frozenset({"account", "attempt", "outbox"})

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """One's own sessions, which are to end."""
        await sessions.lock(tx, session.actor.account_id)

    async def take(self, step: Underway[PasswordChange]) -> None:
        """Set it, where the current one is still the same."""
        await fresh_password.settle(step.tx, step[own], self.stored)
        await set_password(step, step[own], self.stored_new, but=self.asked_in)


async def change_password(db: Database, passwords: Passwords, session: Session, wish: PasswordChange) -> None:
    """Change the password (N12): every other session ends, and whoever can be reached is told."""
    if await was_taken(db, session, wish) is not None:
        return
    async with passwords.place() as work:
        await fresh_password.count_try(db, session)
        stored = await _judged(db, work, passwords.policy, session, wish)
        stored_new = await work.hash(wish.new)
    await take(db, session, replace(wish, stored=stored, stored_new=stored_new, asked_in=session.token_hash))


async def _judged(
    db: Database, work: PasswordWork, policy: PasswordPolicy, session: Session, wish: PasswordChange
) -> str:
    """The stored hash of the current password, once both passwords are what they should be."""
    async with db.read() as reader:
        known = await contacts.get(reader, session.actor.account_id)
    policy.of(known.party).require(wish.new, user_name=known.user_name, path="newPassword")
    await fresh_password.require(work, known, wish.current)
    if wish.new == wish.current:
        raise Invalid(FieldProblem("newPassword", "SAME_PASSWORD", SAME))
    return known.password_hash


async def set_password(step: Underway[Command], holder: Holder, stored: str, *, but: bytes = b"") -> None:
    """Another password: the held sessions end except one, the proved contacts are told."""
    await contacts.set_password(step.tx, holder.id, stored)
    await sessions.end(step.tx, holder.id, but=but)
    await tell(step.tx, holder, Template.PASSWORD_CHANGED)
    step.nurse_id = holder.nurse_id
    if holder.scope is not None:
        step.tx.woken.add(holder.scope)

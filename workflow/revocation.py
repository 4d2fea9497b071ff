"""The end of a nurse's account (账号撤销, I8): she may register again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import activation as activations
from db import activation_code as codes
from db import application as applications
from db import session as sessions
from db.feed.event import Addressed
from db.store.engine import Tx
from rules import activation as rules
from rules.activation import Candidate
from rules.application import Application, Step
from rules.message import Template
from rules.people import AccountState, Actor, Party, Role
from workflow import account_news, filing
from workflow.activation import send
from workflow.case import Case, heard
from workflow.step import Command, Lock, Underway, read


@read(Lock.REQUEST)
async def seen(step: Underway[AccountRevoke]) -> Candidate:
    """The account as it is seen before anything is locked, by somebody who vouches for it; its sessions are held."""
    rules.require_vouching(step.actor)
    found = await activations.get(step.tx, step.command.account_id)
    rules.require_issuer(step.actor, found)
    await sessions.lock(step.tx, found.account_id)
    return found


@read(Lock.APPLICATION)
async def unfinished(step: Underway[AccountRevoke]) -> list[Application]:
    """The nurse's applications under way, locked; refused where an application of hers was ever approved."""
    nurse_id = step[seen].nurse_id
    if nurse_id is None:
        return []
    keys = await activations.unfinished_applications(step.tx, nurse_id)
    if await activations.business_done(step.tx, nurse_id):
        raise rules.refusal("BUSINESS_DONE")
    return [await applications.lock(step.tx, key) for key in keys]


@read(Lock.ACCOUNT)
async def candidate(step: Underway[AccountRevoke]) -> Candidate:
    """The account, locked."""
    return await activations.lock(step.tx, step.command.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class AccountRevoke(Command):
    """A wish to revoke a nurse's account: signed out, her applications withdrawn, her ID number free; gives it."""

    account_id: UUID
    reason: str
    reads = (seen, unfinished, candidate)
    writes = frozenset({"account", "application", "activation_code", "outbox"})

    @property
    def subject(self) -> UUID:
        """The account."""
        return self.account_id

    async def take(self, step: Underway[AccountRevoke]) -> None:
        """End it, and tell her why."""
        tx, her, reason = step.tx, step[candidate], rules.require_reason(self.reason)
        rules.require_issuer(step.actor, her)
        await sessions.end(tx, self.account_id)
        withdrawn = [news for one in step[unfinished] for news in await withdraw(step.tx, step.actor.account_id, one)]
        await send(tx, her, Template.ACCOUNT_REVOKED, {"reason": reason})
        await codes.void(tx, self.account_id)
        await activations.write(tx, self.account_id, state=AccountState.REVOKED)
        step.nurse_id, step.detail = her.nurse_id, {"account": self.account_id, "reason": reason}
        # Who hears of it is woken, so that her sockets are closed now rather than at the next look.
        step.news = [*withdrawn, *account_news.revoked(her, step.actor.party)]


async def withdraw(tx: Tx, by: UUID, locked: Application) -> list[Addressed]:
    """Take one application back in the nurse's name; the events of it."""
    nurse_id = locked.nurse_id
    nurse = Actor(by, Party.NURSE, nurse_id, frozenset({Role.NURSE}), nurse_id=nurse_id)
    case = Case.judged(tx, nurse, Step.WITHDRAW, locked)
    await filing.withdraw(case)
    await applications.move(tx, locked, case.target, by, case.values)
    return heard(case)

"""The activation code (激活码): whoever vouches for a nurse issues it, and she enters it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import activation as activations
from db import activation_code as codes
from db import session as sessions
from db.activation_code import Live
from db.session import Session
from db.store.engine import Database, Tx
from rules import activation as rules
from rules.account import AccountStep
from rules.activation import Candidate
from rules.activation_code import new_code, written_code
from rules.errors import NotAllowed, RateLimited
from rules.message import Template
from workflow.activation import lock_own, own, send, tell_active
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read, take, taken

DAY: Final = timedelta(days=1)


@read(Lock.ACCOUNT)
async def hers(step: Underway[ActivationIssueCode]) -> Candidate:
    """The account that the code is for, locked."""
    rules.require_vouching(step.actor)
    return await activations.lock(step.tx, step.command.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class ActivationIssueCode(Command):
    """An institution's or a 注册机关's wish for a new code (生成激活码, I7), to hand on; the one before is void.

    It is sent to what she has verified, and shown this once: a retry gives the id of the code that was issued.
    """

    account_id: UUID
    code_id: UUID = field(default_factory=uuid7, metadata=UNKEPT)
    code: str = field(default_factory=new_code, metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (hers,)
    writes = frozenset({"activation_code", "outbox"})

    @property
    def subject(self) -> UUID:
        """The code."""
        return self.code_id

    async def take(self, step: Underway[ActivationIssueCode]) -> None:
        """Issue it, within the budget of a day."""
        tx, candidate = step.tx, step[hers]
        rules.require_issuer(step.actor, candidate)
        rules.require_waits_for_code(candidate)
        await _within_budget(tx, candidate)
        await codes.insert(tx, candidate, step.actor, self.code_id, self.code)
        issuer = await activations.issuer_name(tx, candidate)
        values = {"code": self.code, "institution": issuer, "days": str(rules.LIFETIME.days)}
        await send(tx, candidate, Template.ACTIVATION_CODE, values)
        step.nurse_id = candidate.nurse_id


async def _within_budget(tx: Tx, candidate: Candidate) -> None:
    """At most three codes a day; the account is locked, so they are counted one by one."""
    issued = await codes.issued_within(tx, candidate.account_id, DAY)
    if len(issued) >= rules.CODES_A_DAY:
        raise rules.CodesSpent(max(1, int((issued[-rules.CODES_A_DAY] + DAY - tx.now).total_seconds())))


async def issue_code(db: Database, session: Session, wish: ActivationIssueCode) -> str | None:
    """A new code; None where a retry asks for it again."""
    step = await taken(db, session, wish)
    return None if step.repeated else wish.code


@read()
async def live(step: Underway[Command]) -> Live | None:
    """The code of one's own account that is neither used nor void."""
    return await codes.live(step.tx, step.actor.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class ActivationActivate(Command):
    """A code that the nurse enters (N10), once its try is counted: it must still be the same one."""

    code: str
    tried: UUID
    reads = (own, live)
    writes = frozenset({"account", "activation_code", "outbox"})
    audited = False

    async def take(self, step: Underway[ActivationActivate]) -> None:
        """She is active if it fits."""
        candidate, kept = step[own], step[live]
        rules.require_turn(candidate, AccountStep.ACTIVATE)
        if kept is None or kept.id != self.tried or not kept.good(candidate, step.tx.now):
            raise rules.refusal("NO_CODE")
        if not codes.fits(step.tx.keyring, kept, self.code):
            raise rules.wrong_code(kept.tries)
        step.key = candidate.account_id
        await codes.use(step.tx, kept.id)
        await activations.activate(step.tx, candidate)
        await tell_active(step, candidate)


async def activate(db: Database, session: Session, given: str) -> UUID:
    """The nurse enters the code of her institution (N10) and is active; at most five are looked at, each counted."""
    tried, last = await _count_try(db, session, given)
    try:
        return await take(db, session, ActivationActivate(written_code(given), tried))
    except NotAllowed as refusal:
        if last and refusal.reason == "WRONG_CODE":
            async with db.begin() as tx:
                await tx.ask_time()
                await codes.void_spent(tx, tried)
        raise


async def _count_try(db: Database, session: Session, given: str) -> tuple[UUID, bool]:
    """Count before comparing, on the code that is then judged, and whether that was the last try.

    A code of a former institution is void.
    """
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        candidate = await lock_own(tx, actor)
        rules.require_turn(candidate, AccountStep.ACTIVATE)
        kept = await codes.live(tx, actor.account_id)
        good = kept is not None and kept.good(candidate, tx.now) and kept.tries < rules.CODE_TRIES
        if kept is not None and good:
            written_code(given)  # what cannot be a code costs no try
            await codes.count_try(tx, kept.id)
    if kept is None or not good:
        raise rules.refusal("NO_CODE")
    return kept.id, kept.tries + 1 >= rules.CODE_TRIES

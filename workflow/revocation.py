"""The end of a nurse's account (账号撤销): she may register again."""

from __future__ import annotations

from uuid import UUID

from db import activation as activations
from db import activation_code as codes
from db import application as applications
from db import audit, idempotency
from db import session as sessions
from db.feed import event
from db.store.engine import Database, Tx
from rules import activation as rules
from rules.activation import Candidate
from rules.application import Step, next_state
from rules.message import Template
from rules.people import AccountState, Actor, Party, Role
from workflow import account_news, filing
from workflow.activation import About, send
from workflow.case import Case, heard


async def revoke(db: Database, about: About) -> UUID:
    """Revoke a nurse's account (账号撤销, I8): signed out, her open applications withdrawn, her ID number free again.

    Refused when an application of hers was ever approved.
    """
    reason = rules.require_reason(about.reason)
    async with db.begin() as tx:
        actor = await sessions.require(tx, about.session)
        key = idempotency.Key(actor.account_id, "ACCOUNT_REVOKE", about.idempotency_key)
        if not await idempotency.first_time(tx, key, [about.account_id, reason], about.account_id):
            return about.account_id
        seen = await activations.get(tx, about.account_id)
        rules.require_issuer(actor, seen)
        await sessions.hold(tx, about.account_id)
        await sessions.end(tx, about.account_id)
        withdrawn = await _withdraw(tx, actor, seen)
        candidate = await activations.lock(tx, about.account_id)
        rules.require_issuer(actor, candidate)
        await send(tx, candidate, Template.ACCOUNT_REVOKED, {"reason": reason})
        await codes.void(tx, about.account_id)
        await activations.write(tx, about.account_id, state=AccountState.REVOKED)
        told = {"account": about.account_id, "reason": reason}
        await audit.record(tx, "account.revoked", actor.account_id, told, nurse_id=candidate.nurse_id)
        # Who hears of it is woken, so that her sockets are closed now rather than at the next look.
        ended = account_news.revoked(candidate, actor.party)
        await event.record(tx, [*(one for case in withdrawn for one in heard(case)), *ended])
    return about.account_id


async def _withdraw(tx: Tx, actor: Actor, candidate: Candidate) -> list[Case]:
    """Take back in the nurse's name what she has under way; refuses where an application was ever approved."""
    if candidate.nurse_id is None:
        return []
    open_ones = await activations.unfinished_applications(tx, candidate.nurse_id)
    if await activations.business_done(tx, candidate.nurse_id):
        raise rules.refusal("BUSINESS_DONE")
    party, roles = Party.NURSE, frozenset({Role.NURSE})
    nurse = Actor(actor.account_id, party, candidate.nurse_id, roles, nurse_id=candidate.nurse_id)
    cases = []
    for application_id in open_ones:
        application = await applications.lock(tx, application_id)
        target = next_state(nurse, application, Step.WITHDRAW, tx.now)
        case = Case(tx, nurse, Step.WITHDRAW, application, target)
        await filing.withdraw(case)
        await applications.move(tx, application, case.target, actor.account_id, case.values)
        cases.append(case)
    return cases

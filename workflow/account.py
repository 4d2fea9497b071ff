"""The registration of a nurse's account (护士账户注册, N1-N3).

Whether an ID number has an account already is told to nobody. Who registers with such a number gets the same answer
after the same work, and an account that does not own the number: nothing of the register is ever found by it. The
holder is told through the channel she has proved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import account as accounts
from db import message, privacy
from db import session as sessions
from db.account import Holder
from db.store.engine import Database, Tx
from rules.account import AccountForm, Applicant, checked
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited, Together, Words
from rules.identity import Identity
from rules.message import Template
from rules.people import AccountState, Party, Role
from rules.privacy import mask_email, mask_phone
from rules.privacy_notice import Acceptance, require_current
from rules.verification import Channel
from workflow import captcha
from workflow.password import Passwords
from workflow.session import CaptchaAnswer
from workflow.step import UNKEPT, USUAL, Command, Underway, take_unsigned, was_taken

WARNED: Final = 3
"""So often in 24 hours the holder of an ID number is told that it was registered again."""
VERSION: Final = "privacyNoticeVersion"
_TAKEN: Final = Words("该用户名已被使用，请换一个", "This user name is taken; choose another.")


@dataclass(frozen=True, slots=True, repr=False)
class AccountRegister(Command):
    """A registration form (护士账户注册, N1, N2); worked out before the step: who applies, what is stored."""

    form: AccountForm
    applicant: Applicant | None = field(default=None, metadata=UNKEPT)
    password_hash: str = field(default="", metadata=UNKEPT)
    accepted: Acceptance | None = None
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"account", "attempt", "outbox", "privacy_acceptance"})

    async def take(self, step: Underway[AccountRegister]) -> None:
        """Make the account."""
        assert self.applicant is not None
        step.by = step.key
        await _make(step.tx, step.key, self.applicant, self.password_hash)
        if self.accepted is not None:
            await privacy.insert(step.tx, uuid7(), step.key, self.accepted)


async def register(
    db: Database, passwords: Passwords, wish: AccountRegister, answer: CaptchaAnswer, *, notice_needed: bool = False
) -> Applicant:
    """Make an account; what is registered comes back (N3).

    The captcha is judged, and with that used up, once the form itself is in order.
    """
    async with db.begin() as tx:
        await tx.ask_time()
        notice = await privacy.in_force(tx, tx.today)
        with Together() as each:
            applicant = each(lambda: checked(wish.form, tx.today, passwords.policy))
            each(lambda: require_current(wish.accepted, notice, needed=notice_needed, path=VERSION))
    if await was_taken(db, None, wish) is None:
        async with passwords.place() as work:  # before the captcha is used up
            await captcha.check(db, answer.id, answer.answer, answer.address)
            password_hash = await work.hash(wish.form.password)
        await take_unsigned(db, replace(wish, applicant=applicant, password_hash=password_hash))
    return applicant


async def _make(tx: Tx, account_id: UUID, applicant: Applicant, password_hash: str) -> None:
    identity = applicant.stated.identity
    values = _row(tx, account_id, applicant, password_hash)
    holder = await accounts.holder(tx, identity, account_id)
    if not await accounts.insert(tx, {**values, **accounts.document(tx.keyring, identity, owns=holder is None)}):
        # Where it is not the user name, the number was claimed in this very moment.
        holder = await accounts.holder(tx, identity, account_id)
        if not await accounts.insert(tx, {**values, **accounts.document(tx.keyring, identity, owns=False)}):
            raise Invalid(FieldProblem("userName", "TAKEN", _TAKEN))
    await _warn(tx, holder, identity, applicant.phone)


def _row(tx: Tx, account_id: UUID, applicant: Applicant, password_hash: str) -> dict[str, Any]:
    return {
        "id": account_id,
        "party": Party.NURSE,
        "roles": [Role.NURSE],
        "state": AccountState.INACTIVE,
        "user_name": applicant.user_name,
        "display_name": applicant.stated.name,
        "password_hash": password_hash,
        "created_at": tx.now,
        **accounts.sealed(tx.keyring, "phone", applicant.phone, mask_phone),
        **accounts.sealed(tx.keyring, "email", applicant.email, mask_email),
    }


async def _warn(tx: Tx, holder: Holder | None, identity: Identity, decoy: str) -> None:
    """Tell the holder of a number that it was registered again; where there is none, the same work for nothing."""
    subject = tx.keyring.blind_index(f"{identity.type}:{identity.number}", "registered again")
    wait = await sessions.count_attempt(tx, subject, timedelta(days=1), WARNED + 1)
    warned = holder if holder and holder.channel and holder.to and not wait else None
    channel, to = (warned.channel, warned.to) if warned else (Channel.SMS, decoy)
    assert channel is not None
    assert to is not None
    attempt = await tx.connection.begin_nested()
    await message.send(tx, channel=channel, to=to, template=Template.REGISTERED_AGAIN, values={})
    await (attempt.commit() if warned else attempt.rollback())

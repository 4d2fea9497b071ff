"""How a nurse comes to an account (护士账户注册, N1-N3).

Whether an ID number has an account already is told to nobody. Who registers with such a number gets the same answer
after the same work, and an account that does not claim the number: nothing of the register is ever found by it. The
holder is told through the channel she has proved.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from db import account as accounts
from db import audit, idempotency, message
from db import session as sessions
from db.account import Holder
from db.store.engine import Database, Tx
from rules.account import Applicant, RegistrationForm, checked
from rules.errors import FieldProblem, Invalid, Words
from rules.identity import Identity
from rules.message import Template
from rules.people import AccountState, Party, Role
from rules.privacy import mask_email, mask_phone
from rules.verification import Channel
from workflow import captcha
from workflow.password import Passwords

STRANGER: Final = UUID(int=0)
"""Whose retry keys those are that come without a sign-in."""
WARNED: Final = 3
"""So often in 24 hours the holder of an ID number is told that it was registered again."""
_TAKEN: Final = Words("该用户名已被使用，请换一个", "This user name is taken; choose another.")


@dataclass(frozen=True, slots=True, repr=False)
class Registration:
    """A registration form with the answer to its captcha."""

    form: RegistrationForm
    captcha_id: UUID
    captcha_answer: str
    idempotency_key: str | None = None


async def register(db: Database, passwords: Passwords, given: Registration) -> Applicant:
    """Make an account (护士账户注册, N1, N2); what is registered comes back (N3).

    The captcha is judged, and with that used up, once the form itself is in order.
    """
    account_id, form = uuid7(), given.form
    key = idempotency.Key(STRANGER, "ACCOUNT_REGISTER", given.idempotency_key)
    # Keyed, because there is a password in it.
    content = db.keyring.blind_index(orjson.dumps(asdict(form)).decode(), "registration form").hex()
    async with db.begin() as tx:
        await tx.ask_time()
        applicant = checked(form, tx.today, passwords.policy)
        if await idempotency.seen(tx, key, content):
            return applicant
    await captcha.check(db, given.captcha_id, given.captcha_answer)
    password_hash = await passwords.hash(form.password)
    async with db.begin() as tx:
        await tx.ask_time()
        if await idempotency.first_time(tx, key, content, account_id):
            await _make(tx, account_id, applicant, password_hash)
    return applicant


async def _make(tx: Tx, account_id: UUID, applicant: Applicant, password_hash: str) -> None:
    identity = applicant.claim.identity
    values = _row(tx, account_id, applicant, password_hash)
    holder = await accounts.holder(tx, identity, account_id)
    if not await accounts.insert(tx, {**values, **accounts.document(tx.keyring, identity, claims=holder is None)}):
        # Where it is not the user name, the number was claimed in this very moment.
        holder = await accounts.holder(tx, identity, account_id)
        if not await accounts.insert(tx, {**values, **accounts.document(tx.keyring, identity, claims=False)}):
            raise Invalid(FieldProblem("userName", "USER_NAME_TAKEN", _TAKEN))
    await audit.record(tx, "account.registered", account_id)
    await _warn(tx, holder, identity, applicant.phone)


def _row(tx: Tx, account_id: UUID, applicant: Applicant, password_hash: str) -> dict[str, Any]:
    return {
        "id": account_id,
        "party": Party.NURSE,
        "roles": [Role.NURSE],
        "state": AccountState.INACTIVE,
        "user_name": applicant.user_name,
        "display_name": applicant.claim.name,
        "password_hash": password_hash,
        "created_at": tx.now,
        **accounts.sealed(tx.keyring, "phone", applicant.phone, mask_phone),
        **accounts.sealed(tx.keyring, "email", applicant.email, mask_email),
    }


async def _warn(tx: Tx, holder: Holder | None, identity: Identity, decoy: str) -> None:
    """Tell the holder of a number that it was registered again; where there is none, the same work for nothing."""
    subject = tx.keyring.blind_index(f"{identity.type}:{identity.number}", "registered again")
    wait = await sessions.count_attempt(tx, subject, timedelta(days=1), WARNED + 1)
    told = holder if holder and holder.channel and holder.to and not wait else None
    channel, to = (told.channel, told.to) if told else (Channel.SMS, decoy)
    assert channel is not None
    assert to is not None
    attempt = await tx.connection.begin_nested()
    await message.send(tx, channel=channel, to=to, template=Template.REGISTERED_AGAIN, values={})
    await (attempt.commit() if told else attempt.rollback())

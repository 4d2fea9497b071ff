"""A desk frees an account from a lost phone and mail box (重置联系方式)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import message, staff
from db import session as sessions
from db.session import Session
from db.staff import Person
from db.store.engine import Tx
from rules.errors import FieldProblem, Invalid, Words
from rules.message import Template
from rules.staff import HELD_FOR, require_may_reset
from workflow.step import Command, Lock, Underway, read

NOT_SEEN: Final = Words("请先当面核验身份证件", "See her identity document first.")


@read(Lock.ACCOUNT)
async def recognised(step: Underway[AccountResetContacts]) -> Person:
    """The account of whoever stands at the desk, locked with one's own."""
    return await staff.lock_person(step.tx, step.command.account_id, by=step.actor.account_id)


@dataclass(frozen=True, slots=True, repr=False)
class AccountResetContacts(Command):
    """Somebody who has lost her phone and her mail box stands at the desk, and was recognised (identitySeen).

    That her contacts were proved is forgotten; they cannot be changed for 72 hours, and the old ones are told at once.
    """

    account_id: UUID
    identity_seen: bool
    reads = (recognised,)
    writes = frozenset({"account", "outbox"})

    @property
    def subject(self) -> UUID:
        """Her account."""
        return self.account_id

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """Her sessions and one's own, before the accounts."""
        await sessions.lock(tx, session.actor.account_id, self.account_id)

    async def take(self, step: Underway[AccountResetContacts]) -> None:
        """Forget them, end her sessions, and tell the old contacts."""
        person = step[recognised]
        herself = person.is_actor or self.account_id == step.actor.on_behalf_of
        require_may_reset(step.actor, person.vouchers, person.path, herself=herself)
        if not self.identity_seen:
            raise Invalid(FieldProblem("identitySeen", "IDENTITY_NOT_SEEN", NOT_SEEN))
        for channel, to, masked in person.contacts:
            values = {"masked": masked}
            await message.send(step.tx, channel=channel, to=to, template=Template.CONTACT_CHANGED, values=values)
        cleared = {"phone_verified_at": None, "email_verified_at": None, "contact_verified": False}
        await staff.change(step.tx, self.account_id, contact_held_until=step.tx.now + HELD_FOR, **cleared)
        await sessions.end(step.tx, self.account_id)
        step.detail = {"account": self.account_id}

"""A colleague is let in afresh (重新邀请): with a new first password, to whichever phone she has at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from db import message, staff
from db.store.engine import Tx
from rules.contact import phone_number
from rules.errors import RateLimited
from rules.message import Template
from rules.staff import INVITED_FOR, StaffStep
from rules.verification import Channel
from workflow.password import FirstPassword
from workflow.staff import StaffChange, spend
from workflow.step import UNKEPT, USUAL, Underway


def opens_again(tx: Tx, first: FirstPassword, phone: str) -> Mapping[str, Any]:
    """The columns of an account that is to be signed in to like a new one: nothing of before opens it."""
    opens = {"password_hash": first.stored, "must_set_password": True, "invited_until": tx.now + INVITED_FOR}
    unproved = {"phone_verified_at": None, "contact_verified": False}
    return {**opens, **unproved, **staff.sealed_phone(tx.keyring, phone)}


@dataclass(frozen=True, slots=True, repr=False)
class StaffInviteAgain(StaffChange):
    """Send a new first password, for another seven days (重新邀请); maybe to another `phone` than the last.

    Whoever was shut out so comes back though she has lost both password and phone.
    """

    phone: str | None = None
    first: FirstPassword = field(metadata=UNKEPT, kw_only=True)
    move = StaffStep.INVITE_AGAIN
    refuses = USUAL | {RateLimited}
    writes = frozenset({"account", "attempt", "outbox"})

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """The new password, which goes to the reserved phone."""
        known_as, reserved, place = await staff.reserved(step.tx, self.account_id)
        phone = phone_number(self.phone or reserved)
        await spend(step.tx, step.actor, phone)
        values = {"userName": known_as, "password": self.first.plain, "party": place}
        await message.send(step.tx, channel=Channel.SMS, to=phone, template=Template.INVITATION, values=values)
        return opens_again(step.tx, self.first, phone)

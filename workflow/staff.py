"""What managers do about their colleagues' accounts: invite, disable, give roles, free from a lost phone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, institution, message, staff
from db import session as sessions
from db.session import Session
from db.store.engine import Database, Tx
from rules.account import phone_number, user_name
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited, Words
from rules.message import Template
from rules.people import Actor, Party, Role
from rules.staff import (
    HELD_FOR,
    INVITED_FOR,
    Colleague,
    Place,
    StaffStep,
    check_roles,
    display_name,
    next_staff_state,
    require_manages,
    require_may_change,
    require_may_reset,
)
from rules.verification import Channel
from workflow.password import Passwords

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH: Final = 14
INVITATIONS: Final = 50
TO_ONE_PHONE: Final = 5
"""How many a day."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A manager's wish to have a colleague; without `authority_id` at her own place."""

    session: Session
    roles: tuple[Role, ...]
    display_name: str
    user_name: str
    phone: str
    authority_id: UUID | None = None
    idempotency_key: str | None = None

    def content(self) -> list[Any]:
        """What makes two requests the same request."""
        return [sorted(self.roles), self.display_name, self.user_name, self.phone, self.authority_id]


@dataclass(frozen=True, slots=True)
class StaffOrder:
    """A manager's wish to change a colleague's account; an invitation may go to another `phone` than the last."""

    session: Session
    step: StaffStep
    account_id: UUID
    roles: tuple[Role, ...] = ()
    idempotency_key: str | None = None
    phone: str | None = None

    def content(self) -> list[Any]:
        """What makes two requests the same request."""
        return [self.account_id, sorted(self.roles), *([self.phone] if self.phone else [])]


async def spend(tx: Tx, actor: Actor, phone: str) -> None:
    """Count an invitation before it is sent; raises RateLimited where somebody sends too many, or to one phone."""
    for name, allowed in ((str(actor.account_id), INVITATIONS), (phone, TO_ONE_PHONE)):
        subject = tx.keyring.blind_index(name, "invitation")
        if seconds := await sessions.count_attempt(tx, subject, timedelta(days=1), allowed):
            raise RateLimited(seconds)


def initial_password() -> str:
    """A first password that can be read off a telephone: nothing in it is mistaken for something else."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


async def invite(db: Database, passwords: Passwords, order: Invitation) -> UUID:
    """Invite a colleague: the user name and a first password go to her phone; she has seven days to sign in."""
    key, first = uuid7(), initial_password()
    hashed = await passwords.hash(first)
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, "staffInvite", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, order.content(), key):
            return await idempotency.result(tx, retry)
        place, name = await _place(tx, actor, order.authority_id)
        require_manages(actor, place)
        roles, phone = check_roles(actor, place, order.roles), phone_number(order.phone)
        row = {"id": key, "display_name": display_name(order.display_name), "password_hash": hashed, "roles": roles}
        await insert(tx, place, {**row, "user_name": user_name(order.user_name)}, phone)
        await spend(tx, actor, phone)
        told = {"userName": order.user_name, "password": first, "party": name}
        await message.send(tx, channel=Channel.SMS, to=phone, template=Template.INVITATION, values=told)
        await audit.record(tx, "staff.invited", actor.account_id, {"account": key, "roles": sorted(roles)})
    return key


async def insert(tx: Tx, place: Place, values: dict[str, Any], phone: str) -> None:
    """An invited account of a place; its first password is nowhere but in the message."""
    of = {"institution_id": None, "authority_id": None, f"{place.party.lower()}_id": place.id}
    more = {"party": place.party, "roles": sorted(values["roles"]), "invited_until": tx.now + INVITED_FOR}
    await staff.insert(tx, {**values, **of, **more}, phone)


async def _place(tx: Tx, actor: Actor, authority_id: UUID | None) -> tuple[Place, str]:
    """Where the colleague will work, and its name."""
    if actor.party not in (Party.INSTITUTION, Party.AUTHORITY) or actor.party_id is None:
        raise NotFound
    if actor.party is Party.INSTITUTION:
        locked = await institution.lock(tx, actor.party_id)
        return Place(Party.INSTITUTION, locked.id), locked.name
    found = await institution.find_authority(tx, authority_id or actor.party_id)
    return Place(Party.AUTHORITY, found.id, found.path, found.level), found.name


async def change(db: Database, passwords: Passwords, order: StaffOrder) -> UUID:
    """Take one step on a colleague's account. Nobody changes herself, so a place never loses its last manager."""
    first = initial_password()
    hashed = await passwords.hash(first) if order.step is StaffStep.INVITE_AGAIN else ""
    async with db.begin() as tx:
        rows = await _lock(tx, order.session, order.account_id)
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, f"staff.{order.step}", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, order.content(), order.account_id):
            return order.account_id
        colleague = staff.colleague(rows.get(order.account_id))
        require_may_change(actor, colleague)
        state = next_staff_state(colleague, order.step)
        values = await _effect(tx, actor, order, colleague, first)
        if hashed:
            values["password_hash"] = hashed
        await staff.change(tx, order.account_id, state=state, **values)
        detail = {"account": order.account_id, "roles": sorted(order.roles)}
        await audit.record(tx, f"staff.{order.step.lower()}", actor.account_id, detail)
    return order.account_id


async def _lock(tx: Tx, session: Session, account_id: UUID) -> dict[UUID, Any]:
    """One's own account and a colleague's, with their sessions: of two who disable each other, one waits."""
    both = session.actor.account_id, account_id
    await sessions.hold(tx, *both)
    return await staff.lock(tx, *both)


async def _effect(tx: Tx, actor: Actor, order: StaffOrder, colleague: Colleague, first: str) -> dict[str, Any]:
    """What a step writes besides the state."""
    match order.step:
        case StaffStep.DISABLE:
            await sessions.end(tx, order.account_id)
            tx.woken.add(colleague.place.id)
        case StaffStep.ENABLE if colleague.must_set_password:
            return {"invited_until": tx.now + INVITED_FOR}
        case StaffStep.SET_ROLES:
            return {"roles": sorted(check_roles(actor, colleague.place, order.roles))}
        case StaffStep.INVITE_AGAIN:
            known_as, phone, place = await staff.reserved(tx, order.account_id)
            phone = phone_number(order.phone or phone)
            await spend(tx, actor, phone)
            told = {"userName": known_as, "password": first, "party": place}
            await message.send(tx, channel=Channel.SMS, to=phone, template=Template.INVITATION, values=told)
            return {"invited_until": tx.now + INVITED_FOR, **staff.sealed_phone(tx.keyring, phone)}
    return {}


@dataclass(frozen=True, slots=True)
class ContactReset:
    """Somebody who has lost her phone and her mail box stands at the desk, and was recognised (identitySeen)."""

    session: Session
    account_id: UUID
    identity_seen: bool
    idempotency_key: str | None = None


async def reset_contacts(db: Database, order: ContactReset) -> UUID:
    """Forget that contacts were proved; they cannot be changed for 72 hours, and the old ones are told at once."""
    async with db.begin() as tx:
        rows = await _lock(tx, order.session, order.account_id)
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, "accountResetContacts", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, [order.account_id, order.identity_seen], order.account_id):
            return order.account_id
        row = rows.get(order.account_id)
        vouchers = await staff.vouchers(tx, row)
        assert row is not None
        require_may_reset(actor, order.account_id, row.nurse_id, vouchers)
        if not order.identity_seen:
            words = Words("请先当面核验身份证件", "See her identity document first.")
            raise Invalid(FieldProblem("identitySeen", "IDENTITY_NOT_SEEN", words))
        for channel, to, masked in staff.channels(tx.keyring, row):
            told = {"masked": masked}
            await message.send(tx, channel=channel, to=to, template=Template.CONTACT_CHANGED, values=told)
        cleared = {"phone_verified_at": None, "email_verified_at": None, "contact_verified": False}
        await staff.change(tx, order.account_id, contact_held_until=tx.now + HELD_FOR, **cleared)
        await sessions.end(tx, order.account_id)
        await audit.record(tx, "account.contacts_reset", actor.account_id, {"account": order.account_id})
    return order.account_id

"""Managers' steps on their colleagues' accounts: invite, disable, give roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from db import activation as activations
from db import application as applications
from db import institution, message, recusal, staff
from db import session as sessions
from db.session import Session
from db.store.engine import Tx
from rules.account import user_name
from rules.application import Application
from rules.contact import phone_number
from rules.errors import NotFound, RateLimited, Together
from rules.identity import DocumentType, Identity, identify
from rules.message import Template
from rules.people import Actor, Party, Role
from rules.staff import (
    INVITED_FOR,
    Colleague,
    StaffStep,
    Workplace,
    check_roles,
    display_name,
    next_staff_state,
    require_identity_open,
    require_manages,
    require_may_change,
)
from rules.verification import Channel
from workflow import account_news
from workflow.password import FirstPassword
from workflow.recusal import go_on
from workflow.step import UNKEPT, USUAL, Command, Lock, Read, Underway, read

INVITATIONS: Final = 50
TO_ONE_PHONE: Final = 5
"""Invitations a day."""


@read(Lock.PLACE)
async def workplace(step: Underway[StaffInvite]) -> tuple[Workplace, str]:
    """The place where the colleague will work, and its name: the manager's institution, locked, or an authority."""
    actor = step.actor
    if actor.party not in (Party.INSTITUTION, Party.AUTHORITY) or actor.party_id is None:
        raise NotFound
    if actor.party is Party.INSTITUTION:
        locked = await institution.lock(step.tx, actor.party_id)
        return Workplace(Party.INSTITUTION, locked.id), locked.name
    found = await institution.find_authority(step.tx, step.command.authority_id or actor.party_id)
    return Workplace(Party.AUTHORITY, found.id, found.path, found.level), found.name


@dataclass(frozen=True, slots=True, repr=False)
class StaffInvite(Command):
    """A manager's wish to have a colleague; without `authority_id` at her own place.

    The user name and a first password go to the colleague's phone; she has seven days to sign in. By her document she
    is known as the nurse who she may be, now or later: nobody acts about herself.
    """

    roles: frozenset[Role]
    display_name: str
    user_name: str
    phone: str
    document_type: DocumentType
    id_number: str
    authority_id: UUID | None
    first: FirstPassword = field(metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (workplace,)
    writes = frozenset({"account", "attempt", "outbox"})

    async def take(self, step: Underway[StaffInvite]) -> None:
        """Make the account, and send what opens it."""
        place, name = step[workplace]
        require_manages(step.actor, place)
        with Together() as each:
            roles = each(lambda: check_roles(step.actor, place, self.roles))
            shown = each(lambda: display_name(self.display_name))
            chosen = each(lambda: user_name(self.user_name))
            phone = each(lambda: phone_number(self.phone))
            identity = each(lambda: identify(self.document_type, self.id_number, step.tx.today))
        row = {"id": step.key, "display_name": shown, "roles": roles}
        opens = {"user_name": chosen, "password_hash": self.first.stored}
        await insert(step.tx, place, {**row, **opens}, phone, identity)
        await spend(step.tx, step.actor, phone)
        values = {"userName": self.user_name, "password": self.first.plain, "party": name}
        await message.send(step.tx, channel=Channel.SMS, to=phone, template=Template.INVITATION, values=values)
        step.detail = {"account": step.key, "roles": sorted(roles)}


async def spend(tx: Tx, actor: Actor, phone: str) -> None:
    """Count an invitation before it is sent; raises RateLimited where somebody sends too many, or to one phone."""
    for name, allowed in ((str(actor.account_id), INVITATIONS), (phone, TO_ONE_PHONE)):
        subject = tx.keyring.blind_index(name, "invitation")
        if seconds := await sessions.count_attempt(tx, subject, timedelta(days=1), allowed):
            raise RateLimited(seconds)


async def insert(tx: Tx, place: Workplace, values: Mapping[str, Any], phone: str, identity: Identity) -> None:
    """An invited account of a place; its first password is nowhere but in the message."""
    of = {"institution_id": None, "authority_id": None, f"{place.party.lower()}_id": place.id}
    more = {"party": place.party, "roles": sorted(values["roles"]), "invited_until": tx.now + INVITED_FOR}
    await staff.insert(tx, {**values, **of, **more}, phone, identity)


@read(Lock.APPLICATION)
async def at_hand(step: Underway[StaffChange]) -> list[Application]:
    """The applications that the colleague works on just now, and those that nobody could act on without her, locked."""
    keys = await recusal.left_by(step.tx, step.command.account_id)
    return [await applications.lock(step.tx, key) for key in keys]


@read(Lock.ACCOUNT)
async def colleague(step: Underway[StaffChange]) -> Colleague:
    """The colleague's account, locked with one's own: of two who disable each other, one waits."""
    rows = await staff.lock(step.tx, step.actor.account_id, step.command.account_id)
    return staff.colleague(rows.get(step.command.account_id), rows[step.actor.account_id])


@dataclass(frozen=True, slots=True, repr=False)
class StaffChange(Command):
    """A manager's wish to change a colleague's account.

    Nobody changes herself, so a place never loses its last manager.
    """

    account_id: UUID
    move: ClassVar[StaffStep]
    reads: ClassVar[tuple[Read[Any, Any], ...]] = (colleague,)
    writes = frozenset({"account"})

    @property
    def subject(self) -> UUID:
        """The colleague's account."""
        return self.account_id

    async def lock_first(self, tx: Tx, session: Session) -> None:
        """Her sessions and one's own, before the accounts."""
        await sessions.lock(tx, session.actor.account_id, self.account_id)

    async def take(self, step: Underway[StaffChange]) -> None:
        """Judge the change, and write it with the state that it leads to."""
        require_may_change(step.actor, step[colleague])
        state = next_staff_state(step[colleague], self.move)
        step.detail = {"account": self.account_id}
        columns = {"state": state, **await self.columns(step)}
        if at_hand not in self.reads:
            await staff.change(step.tx, self.account_id, **columns)
            return
        place = step[colleague].place.id
        before = {one.account_id for one in await activations.alone_at(step.tx, place)}
        await staff.change(step.tx, self.account_id, **columns)
        step.news += await go_on(step.tx, [one.id for one in step[at_hand]])
        alone = [one for one in await activations.alone_at(step.tx, place) if one.account_id not in before]
        step.news += account_news.awaiting_code(alone)

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """The columns that are written besides the state."""
        return {}


@dataclass(frozen=True, slots=True, repr=False)
class StaffEnable(StaffChange):
    """Let a colleague in again (启用)."""

    move = StaffStep.ENABLE

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """An account that never signed in has another seven days for it."""
        return {"invited_until": step.tx.now + INVITED_FOR} if step[colleague].must_set_password else {}


@dataclass(frozen=True, slots=True, repr=False)
class StaffSetIdentity(StaffChange):
    """The document of a colleague who has none on record yet, or has not signed in yet (登记证件)."""

    document_type: DocumentType
    id_number: str
    move = StaffStep.SET_IDENTITY

    async def columns(self, step: Underway[StaffChange]) -> Mapping[str, Any]:
        """The document is kept sealed; from now on she is known as the nurse who she may be."""
        require_identity_open(step[colleague])
        await staff.identify(step.tx, self.account_id, identify(self.document_type, self.id_number, step.tx.today))
        return {}

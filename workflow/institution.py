"""What an authority does about the institutions that it licensed: account, name, suspension, end (I1, A1, A7)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import audit, idempotency, message
from db import institution as institutions
from db import session as sessions
from db.feed import event
from db.feed.event import Addressed
from db.institution import Institution
from db.session import Session
from db.store.engine import Database, Tx
from rules.account import phone_number
from rules.errors import FieldProblem, Invalid, Words
from rules.institution import (
    MERGED_INTO_ITSELF,
    InstitutionDocument,
    InstitutionState,
    InstitutionStep,
    division_code,
    institution_code,
    next_institution_state,
    require_documents,
    require_licenser,
    require_may_take_over,
    standard_name,
)
from rules.kinds import Kind
from rules.message import Template
from rules.people import Actor, Party, Role, require
from rules.staff import Place, display_name
from rules.verification import Channel
from workflow import institution_ending, staff
from workflow.password import Passwords

OFF_CHAIN: Final = Words(
    "审批机关只能是核发许可证的部门或其上级", "Only the licensing authority or one above it may approve."
)
_DIGITS: Final = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class NewInstitution:
    """An officer's wish to let an institution in, after its three documents were seen on the spot."""

    session: Session
    code: str
    name: str
    division: str
    responsible_name: str
    responsible_phone: str
    documents_seen: frozenset[InstitutionDocument]
    approval_settings: Mapping[Kind, UUID] = field(default_factory=dict)
    idempotency_key: str | None = None

    def content(self) -> list[Any]:
        """What makes two requests the same request."""
        settings = sorted((kind, str(key)) for kind, key in self.approval_settings.items())
        person = [self.responsible_name, self.responsible_phone]
        return [self.code, self.name, self.division, *person, sorted(self.documents_seen), settings]


async def create(db: Database, passwords: Passwords, order: NewInstitution) -> UUID:
    """Let an institution in (I1): its first manager's user name and password go to the responsible person's phone.

    It is PENDING until that person has signed in for the first time; the password is kept nowhere else.
    """
    key, first = uuid7(), staff.initial_password()
    hashed = await passwords.hash(first)
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, "institutionCreate", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, order.content(), key):
            return await idempotency.result(tx, retry)
        require(actor, Role.REVIEWER, Role.PROVINCIAL_ADMIN)
        name, phone = await _insert(tx, actor, order, key)
        user_name = _user_name()
        manager = {"id": uuid7(), "display_name": display_name(order.responsible_name, path="responsibleName")}
        more = {"user_name": user_name, "password_hash": hashed, "roles": {Role.MANAGER}}
        await staff.insert(tx, Place(Party.INSTITUTION, key), {**manager, **more}, phone)
        await staff.spend(tx, actor, phone)
        told = {"userName": user_name, "password": first, "institution": name}
        await message.send(tx, channel=Channel.SMS, to=phone, template=Template.INITIAL_CREDENTIALS, values=told)
        await audit.record(tx, "institution.create", actor.account_id, {"institution": key})
    return key


async def _insert(tx: Tx, actor: Actor, order: NewInstitution, key: UUID) -> tuple[str, str]:
    """The institution as the table holds it; gives its standard name and the reserved phone."""
    code, name = institution_code(order.code), standard_name(order.name)
    phone, division = phone_number(order.responsible_phone, path="responsiblePhone"), division_code(order.division)
    require_documents(order.documents_seen)
    assert actor.party_id is not None
    if await institutions.off_chain(tx, actor.party_id, set(order.approval_settings.values())):
        raise Invalid(FieldProblem("approvalSettings", "OFF_CHAIN", OFF_CHAIN))
    row = {"id": key, "code": code, "name": name, "division": division, "state": InstitutionState.PENDING}
    responsible = display_name(order.responsible_name, path="responsibleName")
    await institutions.insert(tx, {**row, "authority_id": actor.party_id, "responsible_name": responsible})
    await institutions.insert_documents(tx, key, order.documents_seen, actor.account_id)
    await institutions.insert_settings(tx, key, order.approval_settings)
    return name, phone


def _user_name() -> str:
    """A user name that nobody has to think of: jg (机构) and eight characters."""
    return "jg" + "".join(secrets.choice(_DIGITS) for _ in range(8))


@dataclass(frozen=True, slots=True)
class InstitutionOrder:
    """An officer's wish to take one step on an institution; `name` and `into` where the step asks for one."""

    session: Session
    step: InstitutionStep
    institution_id: UUID
    reason: str = ""
    name: str = ""
    into: UUID | None = None
    idempotency_key: str | None = None

    def content(self) -> list[Any]:
        """What makes two requests the same request."""
        return [self.institution_id, self.reason, self.name, *([self.into] if self.into else [])]


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a step did besides the new state: for the audit, and for whoever hears of it."""

    detail: Mapping[str, Any] = field(default_factory=dict)
    heard: Sequence[Addressed] = ()


async def take(db: Database, order: InstitutionOrder) -> UUID:
    """Take one step on an institution: the row is locked, the rules judge, then the step's own part."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, order.session)
        retry = idempotency.Key(actor.account_id, f"institution.{order.step}", order.idempotency_key)
        if not await idempotency.first_time(tx, retry, order.content(), order.institution_id):
            return order.institution_id
        # In the order of their keys: of two that are to be merged into each other, one waits for the other.
        keys = sorted({order.institution_id, order.into or order.institution_id})
        places = {key: await institutions.lock(tx, key) for key in keys}
        locked = places[order.institution_id]
        require_licenser(actor, locked.authority_id, locked.path, order.step)
        state = next_institution_state(locked.state, order.step)
        effect = await _effect(tx, actor, order, places)
        if state is not locked.state:
            closed_at = tx.now if state is InstitutionState.CLOSED else None
            await institutions.set_state(tx, locked.id, state, closed_at=closed_at, into=order.into)
            tx.woken.add(locked.id)
        told = {"institution": locked.id, "reason": order.reason or None, **effect.detail}
        await audit.record(tx, f"institution.{order.step.lower()}", actor.account_id, told)
        await event.record(tx, effect.heard)
    return order.institution_id


async def _effect(tx: Tx, actor: Actor, order: InstitutionOrder, places: Mapping[UUID, Institution]) -> _Effect:
    """A step's own part; that an institution is CLOSED ends its people's sessions by itself."""
    locked = places[order.institution_id]
    match order.step:
        case InstitutionStep.RENAME:
            # What everybody compares (X4), so no two institutions have the same.
            name = standard_name(order.name)
            await institutions.rename(tx, locked.id, name)
            return _Effect({"from": locked.name, "to": name})
        case InstitutionStep.SUSPEND:
            return _Effect(
                heard=await institution_ending.issued_by(tx, locked.id, locked.id, InstitutionState.SUSPENDED)
            )
        case InstitutionStep.REOPEN:
            return _Effect(heard=await institution_ending.issued_by(tx, locked.id, locked.id, InstitutionState.ACTIVE))
        case InstitutionStep.CLOSE:
            nurses, heard = await institution_ending.close(tx, actor, locked)
            return _Effect({"nurses": nurses}, heard)
        case InstitutionStep.MERGE:
            return await _merge(tx, actor, locked, places.get(order.into or locked.id, locked))
    return _Effect()


async def _merge(tx: Tx, actor: Actor, merged: Institution, into: Institution) -> _Effect:
    if into.id == merged.id:
        raise Invalid(FieldProblem("into", "INTO_ITSELF", MERGED_INTO_ITSELF))
    require_may_take_over(into.state, into.path, merged.path)
    nurses, heard = await institution_ending.merge(tx, actor, merged, into)
    return _Effect({"nurses": nurses, "into": into.id}, heard)

"""What the tests of institutions and their people have in common: officers, unused codes and phones, what was sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from db import message
from db.store.engine import Database
from graph.context import Services
from rules.errors import NotAllowed, RegistryError
from rules.identity import DocumentType
from rules.institution import InstitutionDocument, InstitutionStep
from rules.people import Party, Role
from rules.staff import StaffStep
from tests.support.people import resident
from tests.support.world import Cast, Person, World, new_code
from workflow.institution import InstitutionCreate
from workflow.institution_change import (
    InstitutionClose,
    InstitutionMerge,
    InstitutionReopen,
    InstitutionSetName,
    InstitutionSuspend,
)
from workflow.password import FirstPassword
from workflow.staff import StaffEnable
from workflow.staff_disabling import StaffDisable, StaffSetRoles
from workflow.staff_inviting import StaffInviteAgain
from workflow.step import take

ALL_SEEN = frozenset(InstitutionDocument)


def new_name() -> str:
    """A standard name that nobody has."""
    return f"新建医院{secrets.token_hex(8)}"


def new_phone() -> str:
    """A phone number that nobody has."""
    return f"139{secrets.randbelow(10**8):08d}"


def new_user_name() -> str:
    """A user name that nobody has."""
    return f"u{secrets.token_hex(5)}"


def new_institution(**changes: Any) -> InstitutionCreate:
    """An institution whose three documents have been seen."""
    values = {
        "code": new_code(),
        "name": new_name(),
        "division": "110102",
        "responsible_name": "李主任",
        "responsible_phone": new_phone(),
        "responsible_document_type": DocumentType.RESIDENT_ID,
        "responsible_id_number": resident(),
        "documents_seen": ALL_SEEN,
        "first": FirstPassword("", ""),
    }
    return InstitutionCreate(**{**values, **changes})


async def create(services: Services, officer: Person, wish: InstitutionCreate) -> UUID:
    """Let an institution in."""
    first = await services.passwords.first()
    return await take(services.db, officer.session, replace(wish, first=first))


async def change_institution(
    db: Database, officer: Person, step: InstitutionStep, key: UUID, *, name: str = "", into: UUID | None = None
) -> UUID:
    """Take a step on an institution."""
    if step is InstitutionStep.RENAME:
        return await take(db, officer.session, InstitutionSetName(key, name))
    if step is InstitutionStep.MERGE:
        return await take(db, officer.session, InstitutionMerge(key, "医联体整合", into or key))
    reasoned = {one.move: one for one in (InstitutionSuspend, InstitutionReopen, InstitutionClose)}
    return await take(db, officer.session, reasoned[step](key, "复核"))


async def change_colleague(
    services: Services, who: Person, step: StaffStep, key: UUID, *roles: Role, phone: str | None = None, **retry: str
) -> UUID:
    """Take a step on a colleague's account."""
    if step is StaffStep.INVITE_AGAIN:
        again = StaffInviteAgain(key, phone, first=await services.passwords.first(), **retry)
        return await take(services.db, who.session, again)
    if step is StaffStep.SET_ROLES:
        return await take(services.db, who.session, StaffSetRoles(key, frozenset(roles)))
    return await take(services.db, who.session, {one.move: one for one in (StaffDisable, StaffEnable)}[step](key))


async def sent_to(db: Database, phone: str) -> list[tuple[str, Mapping[str, str]]]:
    """What was sent to a phone, the newest first: the template and its values."""
    async with db.read() as reader:
        letters = await message.newest(reader, 500)
    return [(letter.template, letter.values) for letter in letters if letter.to == phone]


async def supervisor(world: World, cast: Cast) -> Person:
    """A supervisor of the cast's district."""
    return await world.person(Party.AUTHORITY, cast.district, Role.SUPERVISOR)


async def audited(world: World, person: Person) -> list[str]:
    """What somebody is on record for, in order."""
    rows = await world.owner.fetch("select action from audit where account_id = $1 order by id", person.account_id)
    return [row["action"] for row in rows]


def why(refusal: RegistryError) -> str:
    """Why a step is not allowed."""
    assert isinstance(refusal, NotAllowed), refusal
    return refusal.reason

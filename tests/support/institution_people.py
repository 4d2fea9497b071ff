"""What the tests of institutions and their people have in common: officers, unused codes and phones, what was sent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from db import message
from db.store.engine import Database
from rules.errors import NotAllowed, RegistryError
from rules.institution import InstitutionDocument, institution_code_check
from rules.people import Party, Role
from tests.support.world import Cast, Person, World
from workflow.institution import NewInstitution

ALL_SEEN = frozenset(InstitutionDocument)


def new_code() -> str:
    """A unified social credit code that nobody has."""
    body = f"12110102{secrets.randbelow(10**9):09d}"
    return body + institution_code_check(body)


def new_name() -> str:
    """A standard name that nobody has."""
    return f"新建医院{secrets.token_hex(4)}"


def new_phone() -> str:
    """A phone number that nobody has."""
    return f"139{secrets.randbelow(10**8):08d}"


def new_user_name() -> str:
    """A user name that nobody has."""
    return f"u{secrets.token_hex(5)}"


def new_institution(officer: Person, **changes: Any) -> NewInstitution:
    """An institution whose three documents have been seen."""
    values = {
        "session": officer.session,
        "code": new_code(),
        "name": new_name(),
        "division": "110102",
        "responsible_name": "李主任",
        "responsible_phone": new_phone(),
        "documents_seen": ALL_SEEN,
    }
    return NewInstitution(**{**values, **changes})


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

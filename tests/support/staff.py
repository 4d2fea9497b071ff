"""Invitations of staff, and first sign-ins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from graph.context import Services
from rules.identity import DocumentType
from rules.people import Role
from tests.support.institution_people import (
    new_phone,
    new_user_name,
    sent_to,
)
from tests.support.people import resident
from tests.support.world import Person
from workflow import first_sign_in
from workflow.first_sign_in import Credentials
from workflow.password import FirstPassword
from workflow.staff import StaffInvite
from workflow.step import take

PASSWORD = "a-fresh-horse-7"


def invitation(*roles: Role, **changes: Any) -> StaffInvite:
    """A colleague to be."""
    values = {"display_name": "赵经办", "user_name": new_user_name(), "phone": new_phone(), "authority_id": None}
    values |= {"document_type": DocumentType.RESIDENT_ID, "id_number": resident()}
    return StaffInvite(frozenset(roles or (Role.OPERATOR,)), **{**values, "first": FirstPassword("", ""), **changes})


async def invite(services: Services, who: Person, wish: StaffInvite) -> UUID:
    """Invite somebody."""
    return await take(services.db, who.session, replace(wish, first=await services.passwords.first()))


async def credentials(services: Services, phone: str) -> Credentials:
    """What was last sent to a phone."""
    letter = next(values for _, values in await sent_to(services.db, phone) if "password" in values)
    return Credentials(letter["userName"], letter["password"])


async def code_sent(services: Services, phone: str) -> str:
    """The code that was last sent to a phone."""
    return next(values["code"] for _, values in await sent_to(services.db, phone) if "code" in values)


async def sign_in(services: Services, given: Credentials, proof: str, password: str = PASSWORD) -> Any:
    """Sign in for the first time."""
    return await first_sign_in.sign_in(services.db, services.passwords, given, proof, password)

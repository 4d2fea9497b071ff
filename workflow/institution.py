"""An authority lets an institution in: its account, and the first password of its manager (I1, A1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import institution as institutions
from db import message
from rules.contact import phone_number
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited, Words
from rules.identity import DocumentType, identify
from rules.institution import (
    InstitutionDocument,
    InstitutionState,
    division_code,
    institution_code,
    require_documents,
    require_in_area,
    standard_name,
)
from rules.kinds import Kind
from rules.message import Template
from rules.people import Party, Role, require
from rules.staff import Workplace, display_name
from rules.verification import Channel
from workflow import staff
from workflow.password import FirstPassword
from workflow.step import UNKEPT, USUAL, Command, Underway

OFF_CHAIN: Final = Words(
    "审批机关只能是核发许可证的部门或其上级", "Only the licensing authority or one above it may approve."
)
_DIGITS: Final = "23456789abcdefghjkmnpqrstuvwxyz"


def made_user_name() -> str:
    """A user name that nobody has to think of: jg (机构) and eight characters."""
    return "jg" + "".join(secrets.choice(_DIGITS) for _ in range(8))


@dataclass(frozen=True, slots=True, repr=False)
class InstitutionCreate(Command):
    """An officer's wish to let an institution in (I1), after its three documents were seen on the spot.

    Its first manager's user name and password go to the responsible person's phone, and are kept nowhere else. It is
    PENDING until that person has signed in for the first time.
    """

    code: str
    name: str
    division: str
    responsible_name: str
    responsible_phone: str
    responsible_document_type: DocumentType
    responsible_id_number: str
    documents_seen: frozenset[InstitutionDocument]
    approval_settings: Mapping[Kind, UUID] = field(default_factory=dict)
    first: FirstPassword = field(metadata=UNKEPT, kw_only=True)
    refuses = USUAL - {NotFound} | {RateLimited}
    writes = frozenset({"institution", "institution_document", "approval_setting", "account", "attempt", "outbox"})

    async def take(self, step: Underway[InstitutionCreate]) -> None:
        """Make the institution and its first manager's account, and send what opens it."""
        require(step.actor, Role.REVIEWER, Role.PROVINCIAL_ADMIN)
        name, phone = await self._insert(step)
        user_name = made_user_name()
        manager = {"id": uuid7(), "display_name": display_name(self.responsible_name, path="responsibleName")}
        opens = {"user_name": user_name, "password_hash": self.first.stored, "roles": {Role.MANAGER}}
        document, number = self.responsible_document_type, self.responsible_id_number
        identity = identify(document, number, step.tx.today, path="responsibleIdNumber")
        await staff.insert(step.tx, Workplace(Party.INSTITUTION, step.key), {**manager, **opens}, phone, identity)
        await staff.spend(step.tx, step.actor, phone)
        values = {"userName": user_name, "password": self.first.plain, "institution": name}
        await message.send(step.tx, channel=Channel.SMS, to=phone, template=Template.INITIAL_CREDENTIALS, values=values)
        step.detail = {"institution": step.key}

    async def _insert(self, step: Underway[InstitutionCreate]) -> tuple[str, str]:
        """The institution as the table holds it; gives its standard name and the reserved phone."""
        tx, key, authority_id = step.tx, step.key, step.actor.party_id
        code, name = institution_code(self.code), standard_name(self.name)
        phone, division = phone_number(self.responsible_phone, path="responsiblePhone"), division_code(self.division)
        require_documents(self.documents_seen)
        assert authority_id is not None
        require_in_area(division, await institutions.areas(tx, authority_id))
        if await institutions.off_chain(tx, authority_id, set(self.approval_settings.values())):
            raise Invalid(FieldProblem("approvalSettings", "OFF_CHAIN", OFF_CHAIN))
        row = {"id": key, "code": code, "name": name, "division": division, "state": InstitutionState.PENDING}
        responsible = display_name(self.responsible_name, path="responsibleName")
        await institutions.insert(tx, {**row, "authority_id": authority_id, "responsible_name": responsible})
        await institutions.insert_documents(tx, key, self.documents_seen, step.actor.account_id)
        await institutions.insert_settings(tx, key, self.approval_settings)
        return name, phone

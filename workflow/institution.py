"""An authority lets an institution in: its account, and the first password of its manager (I1, A1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import institution as institutions
from db import message, self_nurse
from db.store.engine import Tx
from rules import spelling
from rules.contact import phone_number
from rules.errors import FieldProblem, NotFound, RateLimited, Together, Words
from rules.identity import DocumentType, Identity, identify
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
NAME_NOT_OF_DOCUMENT: Final = Words(
    "该证件在注册信息中登记的是其他姓名，请核对姓名与证件号码",
    "The register has this document under another name: compare the name and the number with the document.",
)
_DIGITS: Final = "23456789abcdefghjkmnpqrstuvwxyz"


async def named_otherwise(tx: Tx, name: str | None, identity: Identity) -> list[FieldProblem]:
    """The problem of a responsible person whose document the register knows under another name."""
    on_record = None if name is None else await self_nurse.name_of(tx, identity)
    if name is None or on_record is None or spelling.same_name(name, on_record):
        return []
    return [FieldProblem("responsibleName", "NAME_NOT_OF_DOCUMENT", NAME_NOT_OF_DOCUMENT)]


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
        tx, authority_id = step.tx, step.actor.party_id
        assert authority_id is not None
        areas = await institutions.areas(tx, authority_id)
        document, number = self.responsible_document_type, self.responsible_id_number
        with Together() as each:
            code, name = each(lambda: institution_code(self.code)), each(lambda: standard_name(self.name))
            division = each(lambda: division_code(self.division))
            each(lambda: require_in_area(division, areas)) if division else None
            responsible = each(lambda: display_name(self.responsible_name, path="responsibleName"))
            phone = each(lambda: phone_number(self.responsible_phone, path="responsiblePhone"))
            identity = each(lambda: identify(document, number, tx.today, path="responsibleIdNumber"))
            each(lambda: require_documents(self.documents_seen))
            if identity:
                each.problems += await named_otherwise(tx, responsible, identity)
            each.problems += await self._off_chain(tx, authority_id)
        row = {"id": step.key, "code": code, "name": name, "division": division, "state": InstitutionState.PENDING}
        await institutions.insert(tx, {**row, "authority_id": authority_id, "responsible_name": responsible})
        await institutions.insert_documents(tx, step.key, self.documents_seen, step.actor.account_id)
        await institutions.insert_settings(tx, step.key, self.approval_settings)
        await self._invite(step, name, responsible, phone, identity)
        step.detail = {"institution": step.key}

    async def _off_chain(self, tx: Tx, authority_id: UUID) -> list[FieldProblem]:
        """A problem for each setting whose authority is not on the chain."""
        off = await institutions.off_chain(tx, authority_id, set(self.approval_settings.values()))
        named = enumerate(self.approval_settings.values())
        return [
            FieldProblem(f"approvalSettings.{at}.authority", "OFF_CHAIN", OFF_CHAIN) for at, one in named if one in off
        ]

    async def _invite(
        self, step: Underway[InstitutionCreate], name: str, responsible: str, phone: str, identity: Identity
    ) -> None:
        """Its first manager's account, opened by what is sent to the reserved phone."""
        user_name = made_user_name()
        manager = {"id": uuid7(), "display_name": responsible}
        opens = {"user_name": user_name, "password_hash": self.first.stored, "roles": {Role.MANAGER}}
        await staff.insert(step.tx, Workplace(Party.INSTITUTION, step.key), {**manager, **opens}, phone, identity)
        await staff.spend(step.tx, step.actor, phone)
        values = {"userName": user_name, "password": self.first.plain, "institution": name}
        await message.send(step.tx, channel=Channel.SMS, to=phone, template=Template.INITIAL_CREDENTIALS, values=values)

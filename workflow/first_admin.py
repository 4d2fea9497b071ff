"""The nation's first admin (首个国家级管理员), let in by whoever runs the system where nobody is there who could."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from db import audit, first_admin, message
from db.store.engine import Database
from rules.account import user_name
from rules.contact import phone_number
from rules.errors import Together
from rules.identity import DocumentType, identify
from rules.message import Template
from rules.privacy import mask_phone
from rules.staff import display_name, require_nobody_there
from rules.verification import Channel
from workflow.password import FirstPassword

INVITED: Final = "firstAdmin"


@dataclass(frozen=True, slots=True, repr=False)
class FirstAdmin:
    """The person who is to administer the nation's authority, as whoever runs the system names her."""

    display_name: str
    user_name: str
    phone: str
    document_type: DocumentType
    id_number: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The invitation: under which user name, and to which phone."""

    user_name: str
    phone_masked: str


async def invite(db: Database, person: FirstAdmin, first: FirstPassword) -> Sent:
    """Let her in as a provincial admin of the nation; the nation's authority is made where the register is empty.

    Invalid for what is wrong with her data, NotAllowed where an active admin is there who can invite her.
    """
    async with db.begin() as tx:
        await tx.ask_time()
        with Together() as each:
            shown = each(lambda: display_name(person.display_name))
            chosen = each(lambda: user_name(person.user_name))
            phone = each(lambda: phone_number(person.phone))
            identity = each(lambda: identify(person.document_type, person.id_number, tx.today))
        nation = await first_admin.lock_nation(tx)
        require_nobody_there(await first_admin.admins(tx, nation.id))
        opens = {"display_name": shown, "user_name": chosen, "password_hash": first.stored}
        key, known_as = await first_admin.let_in(tx, nation.id, opens, phone, identity)
        values = {"userName": known_as, "password": first.plain, "party": nation.name}
        await message.send(tx, channel=Channel.SMS, to=phone, template=Template.INVITATION, values=values)
        await audit.record(tx, INVITED, None, {"account": key, "authority": nation.id})
        return Sent(known_as, mask_phone(phone))

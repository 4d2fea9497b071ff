"""Queries on the nation's authority (国家级) and whoever administers it, for whoever lets the first of them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Text, any_, literal, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from db import staff
from db.store.engine import Tx
from db.store.tables import account, authority
from rules.authority import NATION_CODE, NATION_NAME
from rules.identity import Identity
from rules.people import AccountState, Party, Role
from rules.staff import INVITED_FOR

_NATION: Final = {"code": NATION_CODE, "name": NATION_NAME, "level": "NATION", "path": f"/{NATION_CODE}/"}


async def lock_nation(tx: Tx) -> Row[Any]:
    """The nation's authority, locked; made where the register is empty."""
    await tx.execute(insert(authority).values(_NATION).on_conflict_do_nothing())
    query = select(authority.c.id, authority.c.name).where(authority.c.level == "NATION")
    return (await tx.execute(query.with_for_update(key_share=True))).one()


async def admins(tx: Tx, nation: UUID) -> list[str]:
    """The user names of those who can let others in there: active provincial admins."""
    held = (account.c.state == AccountState.ACTIVE, literal(Role.PROVINCIAL_ADMIN, Text()) == any_(account.c.roles))
    query = select(account.c.user_name).where(account.c.authority_id == nation, *held).order_by(account.c.user_name)
    return [*(await tx.execute(query)).scalars()]


async def let_in(tx: Tx, nation: UUID, opens: Mapping[str, Any], phone: str, identity: Identity) -> tuple[UUID, str]:
    """An invited admin of the nation: her account and its user name.

    Whoever has an account there by this document already gets it back, under its own user name; Invalid where the name
    of a new one is another's.
    """
    index = tx.keyring.blind_index(identity.number, "id_number")
    hers = (account.c.document_type == identity.type, account.c.id_number_index == index)
    query = select(account.c.id, account.c.user_name).where(account.c.authority_id == nation, *hers)
    there = (await tx.execute(query.with_for_update(key_share=True))).one_or_none()
    values = {**opens, "roles": [Role.PROVINCIAL_ADMIN], "invited_until": tx.now + INVITED_FOR}
    if there is None:
        key, place = uuid7(), {"party": Party.AUTHORITY, "authority_id": nation, "institution_id": None}
        await staff.insert(tx, {"id": key, **place, **values}, phone, identity)
        return key, values["user_name"]
    back = {"state": AccountState.INVITED, "must_set_password": True, "user_name": there.user_name}
    unproved = {"phone_verified_at": None, "contact_verified": False}
    await staff.change(tx, there.id, **values | back | unproved, **staff.sealed_phone(tx.keyring, phone))
    return there.id, there.user_name

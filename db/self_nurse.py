"""Staff who are nurses themselves: joined to their own records by the document, so that nobody acts about herself.

The two are joined when either comes to be known: the invitation, the first record, the registration by the province,
the correction of a number; in the seed, once all rows are there.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, exists, func, select, update

from db.document import nurse_of
from db.store.engine import Tx
from db.store.statement import Statement, compiled
from db.store.tables import account, nurse
from rules.identity import Identity
from rules.people import Party

_JOIN: Final = (
    update(account)
    .where(
        account.c.party != Party.NURSE,
        account.c.document_type == nurse.c.document_type,
        account.c.id_number_index == nurse.c.id_number_index,
    )
    .values(self_nurse_id=func.coalesce(nurse.c.merged_into, nurse.c.id))
)
JOIN_ALL: Final = compiled(_JOIN, ())[0]
"""Joins all the staff there are."""
_KEY: Final = bindparam("key", type_=Uuid())
_JOIN_NURSE: Final = Statement(_JOIN.where(nurse.c.id == _KEY), ("key",))
_JOIN_ACCOUNT: Final = Statement(_JOIN.where(account.c.id == _KEY), ("key",))


async def join_nurse(tx: Tx, nurse_id: UUID) -> None:
    """The staff accounts of a nurse whose document is on record from now on."""
    await tx.run(_JOIN_NURSE, {"key": nurse_id})


async def join_account(tx: Tx, account_id: UUID) -> None:
    """The record of a member of staff whose document is known from now on, if there is one."""
    await tx.run(_JOIN_ACCOUNT, {"key": account_id})


async def name_of(tx: Tx, identity: Identity) -> str | None:
    """The name under which the register knows a document; None where it does not."""
    query = select(nurse.c.name).where(nurse.c.id == nurse_of(tx.keyring, identity))
    return (await tx.execute(query)).scalar_one_or_none()


async def is_own(tx: Tx, account_id: UUID, identity: Identity) -> bool:
    """True if this is the document of the account's own person."""
    same = and_(
        account.c.document_type == identity.type,
        account.c.id_number_index == tx.keyring.blind_index(identity.number, "id_number"),
    )
    query = select(exists().where(account.c.id == account_id, same))
    return bool((await tx.execute(query)).scalar_one())


async def is_same_person(tx: Tx, account_id: UUID, other: UUID | None) -> bool:
    """True if two accounts bear one document, whether or not a record is known."""
    theirs = account.alias("theirs")
    same = and_(
        account.c.document_type == theirs.c.document_type, account.c.id_number_index == theirs.c.id_number_index
    )
    query = select(exists().where(account.c.id == account_id, theirs.c.id == other, same))
    return bool((await tx.execute(query)).scalar_one())

"""Nurses' accounts: the steps' side of registering and being known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from db.document import nurse_of
from db.store.engine import Tx
from db.store.keys import Keyring, Sealed
from db.store.tables import account
from rules.identity import Identity
from rules.people import AccountState, Party
from rules.privacy import mask_id_number
from rules.verification import Channel

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Holder:
    """The holder of a living account with this ID number, and the masked contact to show, if any."""

    channel: Channel | None
    to: str | None


def sealed(keyring: Keyring, column: str, text: str, mask: Callable[[str], str]) -> Columns:
    """The four columns of a private value."""
    closed = keyring.seal(text, column)
    return {
        f"{column}_key_id": closed.key_id,
        f"{column}_sealed": closed.ciphertext,
        f"{column}_index": keyring.blind_index(text, column),
        f"{column}_masked": mask(text),
    }


def document(keyring: Keyring, identity: Identity, *, owns: bool) -> Columns:
    """The columns of a document.

    An account that does not own its number is never found by it, nor keeps others from it.
    """
    columns = sealed(keyring, "id_number", identity.number, mask_id_number)
    more = {} if owns else {"id_number_index": None}
    return {"document_type": identity.type, **columns, **more}


async def insert(tx: Tx, values: Mapping[str, Any]) -> bool:
    """A new account; False where its user name or its ID number was taken, if only this very moment."""
    made = upsert(account).values(values).on_conflict_do_nothing().returning(account.c.id)
    return (await tx.execute(made)).one_or_none() is not None


async def holder(tx: Tx, identity: Identity, besides: UUID) -> Holder | None:
    """The holder of a living account with this ID number, as typed or on record; None if the number is free."""
    index = tx.keyring.blind_index(identity.number, "id_number")
    nurses = and_(account.c.party == Party.NURSE, account.c.document_type == identity.type)
    typed = and_(nurses, account.c.id_number_index == index)
    recorded = account.c.nurse_id == nurse_of(tx.keyring, identity)
    living = and_(account.c.state != AccountState.REVOKED, account.c.id != besides)
    row = (await tx.execute(select(account).where(living, or_(typed, recorded)).limit(1))).one_or_none()
    if row is None:
        return None
    if row.phone_verified_at is not None:
        return Holder(Channel.SMS, _open(tx, "phone", row))
    if row.email_verified_at is not None:
        return Holder(Channel.MAIL, _open(tx, "email", row))
    return Holder(None, None)


def _open(tx: Tx, column: str, row: Any) -> str:
    closed = Sealed(getattr(row, f"{column}_key_id"), getattr(row, f"{column}_sealed"))
    return tx.keyring.unseal(closed, column)

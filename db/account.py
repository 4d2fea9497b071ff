"""Nurses' accounts: the steps' side of registering and being known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from db.store.engine import Tx
from db.store.keys import Keyring, Sealed
from db.store.tables import account, nurse, registration
from rules.account import Progress
from rules.errors import Conflict, NotFound, Words
from rules.identity import DocumentType, Identity
from rules.matching import Entry
from rules.people import AccountState
from rules.privacy import mask_id_number
from rules.registration import RegistrationStatus
from rules.verification import Channel, IdentityOutcome

NURSE_TAKEN: Final = Words("该护士已有账户", "This nurse has an account already.")
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Registrant:
    """A locked account of a nurse whom the register does not know yet."""

    id: UUID
    nurse_id: UUID | None
    name: str
    document_type: DocumentType | None
    id_number: str | None
    progress: Progress


@dataclass(frozen=True, slots=True, repr=False)
class Holder:
    """The holder of a living account with this ID number, and the masked contact to show, if any."""

    channel: Channel | None
    to: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The nurse of a document in the register."""

    nurse_id: UUID
    entry: Entry


def sealed(keyring: Keyring, column: str, text: str, mask: Callable[[str], str]) -> Columns:
    """The four columns of a private value."""
    closed = keyring.seal(text, column)
    return {
        f"{column}_key_id": closed.key_id,
        f"{column}_sealed": closed.ciphertext,
        f"{column}_index": keyring.blind_index(text, column),
        f"{column}_masked": mask(text),
    }


def document(keyring: Keyring, identity: Identity, *, claims: bool) -> Columns:
    """The columns of a document.

    An account that does not claim its number is never found by it, nor keeps others from it.
    """
    columns = sealed(keyring, "id_number", identity.number, mask_id_number)
    more = {} if claims else {"id_number_index": None}
    return {"document_type": identity.type, **columns, **more}


async def insert(tx: Tx, values: Mapping[str, Any]) -> bool:
    """A new account; False where its user name or its ID number was taken, if only this very moment."""
    made = upsert(account).values(values).on_conflict_do_nothing().returning(account.c.id)
    return (await tx.execute(made)).one_or_none() is not None


async def holder(tx: Tx, identity: Identity, besides: UUID) -> Holder | None:
    """The holder of a living account with this ID number, as typed or on record; None if the number is free."""
    index = tx.keyring.blind_index(identity.number, "id_number")
    typed = and_(account.c.document_type == identity.type, account.c.id_number_index == index)
    known = and_(nurse.c.document_type == identity.type, nurse.c.id_number_index == index)
    recorded = account.c.nurse_id == select(nurse.c.id).where(known).scalar_subquery()
    living = and_(account.c.state != AccountState.REVOKED, account.c.id != besides)
    row = (await tx.execute(select(account).where(living, or_(typed, recorded)).limit(1))).one_or_none()
    if row is None:
        return None
    if row.phone_verified_at is not None:
        return Holder(Channel.SMS, _open(tx, "phone", row))
    if row.email_verified_at is not None:
        return Holder(Channel.MAIL, _open(tx, "email", row))
    return Holder(None, None)


async def lock(tx: Tx, account_id: UUID) -> Registrant:
    """The account, held until the transaction ends; raises NotFound where there is none."""
    row = (await tx.execute(select(account).where(account.c.id == account_id).with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    progress = Progress(
        state=AccountState(row.state),
        outcome=IdentityOutcome(row.identity_outcome) if row.identity_outcome else None,
        corrections=row.corrections,
        identity_verified=row.identity_verified,
        contact_verified=row.contact_verified,
        certificate_verified=row.certificate_verified,
    )
    kind = DocumentType[row.document_type] if row.document_type else None
    number = _open(tx, "id_number", row) if row.id_number_sealed is not None else None
    return Registrant(row.id, row.nurse_id, row.display_name, kind, number, progress)


async def change(tx: Tx, account_id: UUID, values: Mapping[str, Any]) -> None:
    """New values of an account; raises Conflict where another living one has the nurse or the ID number."""
    try:
        async with tx.connection.begin_nested():
            await tx.execute(update(account).where(account.c.id == account_id).values(values))
    except IntegrityError as error:
        raise Conflict(NURSE_TAKEN) from error


async def entry(tx: Tx, *, nurse_id: UUID | None = None, identity: Identity | None = None) -> Found | None:
    """The nurse of an account that has one, else of a document; None where the register has none."""
    query = select(nurse.c.id, nurse.c.name, nurse.c.exam_year, registration.c.status)
    if nurse_id is not None:
        wanted = nurse.c.id == nurse_id
    elif identity is not None:
        index = tx.keyring.blind_index(identity.number, "id_number")
        wanted = and_(nurse.c.document_type == identity.type, nurse.c.id_number_index == index)
    else:
        return None
    joined = query.outerjoin(registration, registration.c.nurse_id == nurse.c.id).where(wanted)
    row = (await tx.execute(joined)).one_or_none()
    if row is None:
        return None
    return Found(row.id, Entry(row.name, RegistrationStatus(row.status or "NEVER"), row.exam_year))


def _open(tx: Tx, column: str, row: Any) -> str:
    closed = Sealed(getattr(row, f"{column}_key_id"), getattr(row, f"{column}_sealed"))
    return tx.keyring.unseal(closed, column)

"""Nurses' accounts on their way to being known: what they state, and what the register has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from db.document import nurse_of
from db.session import read_afresh
from db.store.engine import Tx
from db.store.keys import Sealed
from db.store.tables import account, nurse, registration
from rules.account import Progress
from rules.conflict import Situation
from rules.errors import Conflict, NotFound
from rules.identity import DocumentType, Identity
from rules.matching import Entry
from rules.people import AccountState
from rules.registration import RegistrationStatus
from rules.verification import IdentityOutcome


@dataclass(frozen=True, slots=True, repr=False)
class Registrant:
    """A locked account of a nurse whom the register does not know yet."""

    id: UUID
    nurse_id: UUID | None
    name: str
    document_type: DocumentType | None
    id_number: str | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class Found:
    """The nurse of a document in the register."""

    nurse_id: UUID
    entry: Entry


async def waiting(tx: Tx, identity: Identity, outcome: IdentityOutcome) -> UUID | None:
    """The account that owns this document and waits with this outcome, held until the commit."""
    index = tx.keyring.blind_index(identity.number, "id_number")
    whose = (account.c.document_type == identity.type, account.c.id_number_index == index)
    waits = (account.c.state == AccountState.INACTIVE, account.c.identity_outcome == outcome)
    query = select(account.c.id).where(*whose, *waits).with_for_update()
    found: UUID | None = (await tx.execute(query)).scalar_one_or_none()
    return found


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
    number = (
        tx.keyring.unseal(Sealed(row.id_number_key_id, row.id_number_sealed), "id_number")
        if row.id_number_sealed is not None
        else None
    )
    return Registrant(row.id, row.nurse_id, row.display_name, kind, number, progress)


async def change(tx: Tx, account_id: UUID, values: Mapping[str, Any]) -> None:
    """New values of an account; raises Conflict where another living one has the nurse or the ID number."""
    try:
        async with tx.connection.begin_nested():
            await tx.execute(update(account).where(account.c.id == account_id).values(values))
    except IntegrityError as error:
        raise Conflict(Situation.NURSE_HAS_ACCOUNT) from error
    if "nurse_id" in values:
        await read_afresh(tx, account_id)


async def entry(tx: Tx, *, nurse_id: UUID | None = None, identity: Identity | None = None) -> Found | None:
    """The nurse of an account that has one, else of a document; None where the register has none."""
    query = select(nurse.c.id, nurse.c.name, nurse.c.exam_year, registration.c.status)
    if nurse_id is not None:
        wanted = nurse.c.id == nurse_id
    elif identity is not None:
        wanted = nurse.c.id == nurse_of(tx.keyring, identity)
    else:
        return None
    joined = query.outerjoin(registration, registration.c.nurse_id == nurse.c.id).where(wanted)
    row = (await tx.execute(joined)).one_or_none()
    if row is None:
        return None
    return Found(row.id, Entry(row.name, RegistrationStatus(row.status or "NEVER"), row.exam_year))

"""Queries on requests to correct who a nurse is: the steps' side, and the desk's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Row, Select, and_, func, select, update
from sqlalchemy.exc import IntegrityError

from db import self_nurse
from db.read.recusal import desk
from db.read.shapes.desk import PURPOSE_OF
from db.store.engine import Tx
from db.store.keys import Keyring, Sealed
from db.store.name_order import named
from db.store.tables import account, authority, nurse, registration
from db.store.tables_account import desk_request, record_merge
from db.store.tables_application import application
from rules.conflict import Situation
from rules.errors import Conflict, NotFound
from rules.identity import DocumentType, Identity
from rules.key_fact import KeyFacts
from rules.people import AccountState
from rules.privacy import mask_id_number
from rules.verification import RequestKind, RequestState


class Document(NamedTuple):
    """A document as it is on record."""

    type: DocumentType
    number: str


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A request with its content unsealed."""

    id: UUID
    state: RequestState
    nurse_id: UUID
    authority_id: UUID
    asked_by: UUID
    created_at: datetime
    decided_at: datetime | None
    reason: str | None
    facts: KeyFacts
    desk_id: UUID | None
    """The authority that decides, where it is the one above: the province has no other officer for it."""


async def province_of(tx: Tx, nurse_id: UUID) -> UUID | None:
    """The province in which a nurse is registered; None where there is none."""
    own = authority.alias("own")
    above = and_(authority.c.level == "PROVINCE", func.starts_with(own.c.path, authority.c.path))
    query = select(authority.c.id).join(own, above).join(registration, registration.c.authority_id == own.c.id)
    found: UUID | None = (await tx.execute(query.where(registration.c.nurse_id == nurse_id))).scalar_one_or_none()
    return found


async def document_of(tx: Tx, nurse_id: UUID) -> Document:
    """The document that a locked nurse is registered by."""
    columns = (nurse.c.document_type, nurse.c.id_number_key_id, nurse.c.id_number_sealed)
    row = (await tx.execute(select(*columns).where(nurse.c.id == nurse_id))).one()
    number = tx.keyring.unseal(Sealed(row.id_number_key_id, row.id_number_sealed), "id_number")
    return Document(DocumentType[row.document_type], number)


async def asked_at(tx: Tx, request: Request) -> tuple[UUID | None, UUID | None]:
    """The institution whose people have asked, if it was one, and the unit of the nurse."""
    unit = select(registration.c.unit_id).where(registration.c.nurse_id == request.nurse_id).scalar_subquery()
    query = select(account.c.institution_id, unit).where(account.c.id == request.asked_by)
    at, of = (await tx.execute(query)).one()
    return at, of


async def insert(tx: Tx, key: UUID, *, nurse_id: UUID, authority_id: UUID, by: UUID, facts: KeyFacts) -> None:
    """A new request of a locked nurse; Conflict while another one waits."""
    waiting = and_(desk_request.c.nurse_id == nurse_id, desk_request.c.kind == RequestKind.KEY_FACT)
    query = select(desk_request.c.id).where(waiting, desk_request.c.state == RequestState.PENDING)
    if (await tx.execute(query)).first() is not None:
        raise Conflict(Situation.REQUEST_PENDING)
    fields = {"evidence": facts.evidence, "name": facts.name, "type": facts.document_type, "number": facts.id_number}
    content = tx.keyring.seal(orjson.dumps(fields).decode(), PURPOSE_OF[RequestKind.KEY_FACT])
    row = {"id": key, "kind": RequestKind.KEY_FACT, "state": RequestState.PENDING, "nurse_id": nurse_id}
    of = {"account_id": by, "authority_id": authority_id, "created_at": tx.now}
    sealed = {"content_key_id": content.key_id, "content_sealed": content.ciphertext}
    await tx.execute(desk_request.insert().values({**row, **of, **sealed}))


async def lock(tx: Tx, key: UUID) -> Request:
    """A request, held until the transaction ends."""
    query = _select().where(desk_request.c.id == key).with_for_update(of=desk_request)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound
    return _request(row, tx.keyring)


async def decide(tx: Tx, key: UUID, state: RequestState, by: UUID, reason: str | None) -> None:
    """Write what became of a locked request."""
    values = {"state": state, "decided_at": tx.now, "decided_by": by, "reason": reason}
    await tx.execute(update(desk_request).where(desk_request.c.id == key).values(values))


async def correct(tx: Tx, request: Request, identity: Identity | None, by: UUID, open_ids: list[UUID]) -> None:
    """Correct a locked nurse: the record, the account, and the columns of open applications."""
    values = _document(tx.keyring, identity) if identity else {}
    name = {} if request.facts.name is None else {"name": request.facts.name}
    called = named(request.facts.name) if request.facts.name else {}
    derived = {"birth_date": identity.birth_date, "sex": identity.sex} if identity and identity.birth_date else {}
    shown = {f"nurse_{column}": value for column, value in {**name, **derived}.items()}
    masked = {column: values[column] for column in ("document_type", "id_number_masked") if values}
    moved = {"version": application.c.version + 1, "moved_by": by, "moved_at": tx.now}
    her_own = and_(account.c.nurse_id == request.nurse_id, account.c.state != AccountState.REVOKED)
    try:
        if values:
            await _swap(tx, request.nurse_id, values)
        await tx.execute(update(nurse).where(nurse.c.id == request.nurse_id).values({**values, **called, **derived}))
        # Only where the account keeps a number of its own.
        if values:
            kept = and_(her_own, account.c.id_number_index.is_not(None))
            await tx.execute(update(account).where(kept).values(values))
            await self_nurse.join_nurse(tx, request.nurse_id)
    except IntegrityError as error:
        raise Conflict(Situation.ID_NUMBER_TAKEN) from error
    if name:
        await tx.execute(update(account).where(her_own).values(display_name=name["name"]))
    if open_ids:
        statement = update(application).where(application.c.id.in_(open_ids))
        await tx.execute(statement.values({**shown, **masked, **moved}))


async def _swap(tx: Tx, nurse_id: UUID, values: dict[str, Any]) -> None:
    """Exchange numbers with a record merged into hers, where the new one is that record's: both find her as before."""
    same = (nurse.c.document_type == values["document_type"], nurse.c.id_number_index == values["id_number_index"])
    merged = select(nurse.c.id).where(*same, nurse.c.merged_into == nurse_id).with_for_update()
    other = (await tx.execute(merged)).scalar_one_or_none()
    if other is None:
        return
    columns = (nurse.c[name] for name in values)
    hers = (await tx.execute(select(*columns).where(nurse.c.id == nurse_id))).mappings().one()
    # For a moment neither has a number, since no two records may have one.
    for key in (other, nurse_id):
        await tx.execute(update(nurse).where(nurse.c.id == key).values(id_number_index=key.bytes))
    await tx.execute(update(nurse).where(nurse.c.id == nurse_id).values(values))
    await tx.execute(update(nurse).where(nurse.c.id == other).values(dict(hers)))
    standing = (record_merge.c.merged_id == other, record_merge.c.undone_at.is_(None))
    swapped = {"documents_swapped": ~record_merge.c.documents_swapped}
    await tx.execute(update(record_merge).where(*standing).values(swapped))


def _document(keyring: Keyring, identity: Identity) -> dict[str, Any]:
    sealed = keyring.seal(identity.number, "id_number")
    return {
        "document_type": identity.type,
        "id_number_key_id": sealed.key_id,
        "id_number_sealed": sealed.ciphertext,
        "id_number_index": keyring.blind_index(identity.number, "id_number"),
        "id_number_masked": mask_id_number(identity.number),
    }


def _select() -> Select[Any]:
    return select(desk_request, desk(desk_request).label("desk_id")).where(desk_request.c.kind == RequestKind.KEY_FACT)


def _request(row: Row[Any], keyring: Keyring) -> Request:
    content = orjson.loads(
        keyring.unseal(Sealed(row.content_key_id, row.content_sealed), PURPOSE_OF[RequestKind.KEY_FACT])
    )
    document = DocumentType[content["type"]] if content["type"] else None
    facts = KeyFacts(content["evidence"], content["name"], document, content["number"])
    state, times = RequestState[row.state], (row.created_at, row.decided_at)
    return Request(
        row.id, state, row.nurse_id, row.authority_id, row.account_id, *times, row.reason, facts, row.desk_id
    )

"""The content of printed forms and certificates (打印).

It is read under the viewer's scope, so that no one prints a row that they may not read; of a list it is read at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, and_, func, select

from db import blob as blobs
from db import filed_record
from db import law as laws
from db.read import scope
from db.read.batch import Row
from db.read.standing import may_practise
from db.read.viewer import single
from db.store.engine import Reader
from db.store.keys import Sealed
from db.store.tables import account, authority, blob, institution, nurse, registration
from db.store.tables_application import application, review_decision
from db.store.tables_certificate import certificate
from rules.identity import DocumentType
from rules.people import Actor
from rules.registration import RegistrationStatus

_OF_REGISTRATION: Final = ("first_registered_on", "valid_until")
_OF_RECEIPT: Final = (
    certificate.c.token,
    certificate.c.serial,
    nurse.c.name.label("registered_name"),
    registration.c.valid_until.label("registered_until"),
    may_practise.label("may_practise"),
)
"""The columns of a receipt: its facts of today, and the token of its living page."""


async def application_forms(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> dict[UUID, Row]:
    """The applications that the viewer may read, with the official form's values of the day on which each was filed.

    If the viewer may not read the nurse's record any more, only the filed values are there; the photo is there for
    those who see photos.
    """
    readable = and_(nurse.c.id == application.c.nurse_id, scope.nurses(single(viewer)))
    source = (
        filed_record.joined(application.outerjoin(nurse, readable))
        .outerjoin(certificate, and_(certificate.c.nurse_id == nurse.c.id, *_VALID))
        .outerjoin(authority, authority.c.id == application.c.authority_id)
        .outerjoin(blob, and_(blob.c.id == filed_record.PHOTO, scope.sees_photos(single(viewer))))
    )
    query = select(
        application,
        nurse.c.id.label("record_id"),
        *(nurse.c[name] for name in ("id_number_key_id", "id_number_sealed")),
        filed_record.NUMBER_STANDS.label("number_stands"),
        *filed_record.COLUMNS,
        *_OF_RECEIPT,
        authority.c.name.label("authority"),
        *blobs.CONTENT,
    ).select_from(source)
    rows = await reader.execute(query.where(application.c.id.in_(keys), scope.applications(single(viewer))))
    return {row["id"]: _with_photo(reader, row) for row in rows_of(rows)}


async def decisions(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> Mapping[UUID, Sequence[Row]]:
    """The decisions on each application that the viewer may read, oldest first: by whom, and the law of their days."""
    decider_of = institution.alias("decider_of")
    source = (
        review_decision.outerjoin(account, account.c.id == review_decision.c.decider_id)
        .outerjoin(decider_of, decider_of.c.id == account.c.institution_id)
        .outerjoin(authority, authority.c.id == account.c.authority_id)
    )
    by = func.coalesce(decider_of.c.name, authority.c.name).label("by")
    on = and_(review_decision.c.application_id.in_(keys), scope.decisions(single(viewer)))
    query = select(review_decision, by).select_from(source).where(on).order_by(review_decision.c.id)
    found: dict[UUID, list[Row]] = defaultdict(list)
    rows, settings = rows_of(await reader.execute(query)), await laws.history(reader)
    for row in rows:
        found[row["application_id"]].append({**row, "law": laws.of_moment(settings, row["at"])})
    return found


async def certificate_pages(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The certificate that is in force for each nurse on the register who has one."""
    source = (
        _CERTIFIED.join(authority, authority.c.id == certificate.c.authority_id)
        .outerjoin(institution, institution.c.id == registration.c.institution_id)
        .outerjoin(blob, and_(blob.c.id == nurse.c.photo_id, scope.sees_photos(single(viewer))))
    )
    query = select(
        *(certificate.c[name] for name in ("nurse_id", "number", "issued_on")),
        *_OF_RECEIPT,
        *(nurse.c[name] for name in ("name", "sex", "birth_date")),
        *(registration.c[name] for name in _OF_REGISTRATION),
        institution.c.name.label("institution"),
        authority.c.name.label("authority"),
        *blobs.CONTENT,
    ).select_from(source)
    rows = await reader.execute(query.where(*_in_force(viewer, nurse_ids)))
    return {row["nurse_id"]: _with_photo(reader, row) for row in rows_of(rows)}


async def with_certificate(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> set[UUID]:
    """The nurses on the register who have a certificate in force."""
    query = select(nurse.c.id).select_from(_CERTIFIED).where(*_in_force(viewer, nurse_ids))
    return {row.id for row in await reader.execute(query)}


_VALID: Final = (certificate.c.voided_at.is_(None), registration.c.status == RegistrationStatus.VALID)
_CERTIFIED: Final = certificate.join(nurse, nurse.c.id == certificate.c.nurse_id).join(
    registration, registration.c.nurse_id == nurse.c.id
)


def _in_force(viewer: Actor, nurse_ids: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (*_VALID, nurse.c.id.in_(nurse_ids), scope.nurses(single(viewer)))


async def stated(reader: Reader, account_id: UUID) -> tuple[DocumentType, str] | None:
    """The type and number of the document that a nurse gave at registering; None where she gave none."""
    query = select(account.c.document_type, account.c.id_number_key_id, account.c.id_number_sealed)
    row = (await reader.execute(query.where(account.c.id == account_id))).one()
    if row.document_type is None or row.id_number_sealed is None:
        return None
    number = reader.keyring.unseal(Sealed(row.id_number_key_id, row.id_number_sealed), "id_number")
    return DocumentType(row.document_type), number


def id_number(reader: Reader, row: Row) -> str:
    """The full ID number of a record that was read; the caller writes it to the audit trail."""
    return reader.keyring.unseal(Sealed(row["id_number_key_id"], row["id_number_sealed"]), "id_number")


def _with_photo(reader: Reader, row: Row) -> Row:
    return {**row, "photo": blobs.content_of(reader.keyring, row)}


def rows_of(found: CursorResult[Any]) -> list[Row]:
    """The rows by the names of their columns."""
    return [dict(row) for row in found.mappings()]

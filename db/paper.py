"""The content of a printed page (打印).

It is read under the viewer's scope, so that no one prints a row that they may not read; of a list it is read at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, and_, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from db import blob as blobs
from db import law as laws
from db.read import scope
from db.read.batch import Row
from db.read.viewer import single
from db.store.engine import Reader
from db.store.keys import Sealed
from db.store.tables import account, authority, blob, institution, nurse, registration, registration_history
from db.store.tables_application import application, material_mark, review_decision
from db.store.tables_certificate import certificate
from rules.identity import DocumentType
from rules.law import Law, Setting
from rules.moment import SHANGHAI
from rules.people import Actor
from rules.registration import RegistrationStatus

_OF_NURSE: Final = (
    *("ethnicity", "nationality", "health_status", "exam_certificate_number"),
    *("exam_passed_on", "exam_year", "school", "major", "study_length", "education", "degree", "graduated_on"),
    *("work_category", "department", "post", "title", "started_work_on", "id_number_key_id", "id_number_sealed"),
)
_OF_REGISTRATION: Final = ("first_registered_on", "valid_until")
# What the decision made of the registration, whatever became of it since.
_GRANTED_UNTIL: Final = (
    select(registration_history.c.valid_until)
    .where(registration_history.c.application_id == application.c.id)
    .order_by(registration_history.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
# What was marked of the materials, as it was written then.
_MARKED: Final = (
    select(
        func.coalesce(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_object(
                        *("title", material_mark.c.title_zh),
                        *("reason", material_mark.c.reason),
                        *("note", material_mark.c.note),
                    ),
                    material_mark.c.code,
                )
            ),
            literal_column("'[]'"),
        )
    )
    .where(material_mark.c.decision_id == review_decision.c.id)
    .scalar_subquery()
)
# A higher authority may void what one below it has decided.
_decided_by = authority.alias("decided_by")
_licensed_by = authority.alias("licensed_by")
_registered_at = institution.alias("registered_at")
_registered_with = authority.alias("registered_with")


async def application_forms(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> dict[UUID, Row]:
    """The applications that the viewer may read, with the official form's values of their nurses.

    If the viewer may not read the nurse's record any more, only the filed values are there.
    """
    source = (
        application.outerjoin(nurse, and_(nurse.c.id == application.c.nurse_id, scope.nurses(single(viewer))))
        .outerjoin(registration, registration.c.nurse_id == nurse.c.id)
        .outerjoin(_registered_at, _registered_at.c.id == registration.c.institution_id)
        .outerjoin(_registered_with, _registered_with.c.id == registration.c.authority_id)
        .outerjoin(institution, institution.c.id == application.c.institution_id)
        .outerjoin(authority, authority.c.id == application.c.authority_id)
        .outerjoin(blob, blob.c.id == nurse.c.photo_id)
    )
    query = select(
        application,
        nurse.c.id.label("record_id"),
        *(nurse.c[name] for name in _OF_NURSE),
        *(registration.c[name] for name in _OF_REGISTRATION),
        registration.c.certificate_number.label("registered_number"),
        _registered_at.c.name.label("registered_at"),
        _registered_with.c.name.label("registered_with"),
        institution.c.name.label("institution"),
        authority.c.name.label("authority"),
        *blobs.CONTENT,
    ).select_from(source)
    rows = await reader.execute(query.where(application.c.id.in_(keys), scope.applications(single(viewer))))
    return {row["id"]: _with_photo(reader, row) for row in _rows(rows)}


async def decisions(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> Mapping[UUID, Sequence[Row]]:
    """The decisions on each application, oldest first, as far as the viewer may read them."""
    on = review_decision.c.application_id.in_(keys)
    query = select(review_decision).where(on, scope.decisions(single(viewer))).order_by(review_decision.c.id)
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in _rows(await reader.execute(query)):
        found[row["application_id"]].append(row)
    return found


async def letters(
    reader: Reader, viewer: Actor, keys: Sequence[UUID], stage: str, outcomes: Collection[str]
) -> dict[UUID, Row]:
    """The newest decision of a stage with one of `outcomes` on each application that has one, and the application."""
    source = (
        review_decision.join(application, application.c.id == review_decision.c.application_id)
        .join(authority, authority.c.id == application.c.authority_id)
        .outerjoin(account, account.c.id == review_decision.c.decider_id)
        .outerjoin(_decided_by, _decided_by.c.id == account.c.authority_id)
        .outerjoin(institution, institution.c.id == application.c.institution_id)
        .outerjoin(_licensed_by, _licensed_by.c.id == institution.c.authority_id)
    )
    columns = ("id", "kind", "filed_by", "nurse_name", "id_number_masked", "certificate_number", "receipt_number")
    filed = ("form", "submitted_at", "forwarded_at", "due_on", "promised_due_on")
    query = select(
        *(application.c[name] for name in (*columns, *filed)),
        *(review_decision.c[name] for name in ("outcome", "reasons", "marked_fields", "opinion", "at")),
        authority.c.name.label("received_by"),
        func.coalesce(_decided_by.c.name, authority.c.name).label("authority"),
        institution.c.name.label("institution"),
        _licensed_by.c.name.label("competent"),
        _GRANTED_UNTIL.label("granted_until"),
    ).select_from(source)
    query = query.add_columns(_MARKED.label("marked_materials"))
    wanted = and_(
        application.c.id.in_(keys),
        review_decision.c.stage == stage,
        review_decision.c.outcome.in_(sorted(outcomes)),
        scope.decisions(single(viewer)),
    )
    newest = query.where(wanted).ext(distinct_on(application.c.id))
    newest = newest.order_by(application.c.id, review_decision.c.id.desc())
    rows, settings = _rows(await reader.execute(newest)), await laws.history(reader)
    return {row["id"]: {**row, "law": filing_law(row, settings)} for row in rows}


def filing_law(row: Row, settings: Sequence[Setting]) -> Law:
    """The nation's law of the day on which an application was filed."""
    filed_at: datetime | None = row["submitted_at"]
    return Law.of(settings, date.max if filed_at is None else filed_at.astimezone(SHANGHAI).date())


async def certificate_pages(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The certificate that is in force for each nurse on the register who has one."""
    source = (
        certificate.join(nurse, nurse.c.id == certificate.c.nurse_id)
        .join(registration, registration.c.nurse_id == nurse.c.id)
        .join(authority, authority.c.id == certificate.c.authority_id)
        .outerjoin(institution, institution.c.id == registration.c.institution_id)
        .outerjoin(blob, blob.c.id == nurse.c.photo_id)
    )
    query = select(
        *(certificate.c[name] for name in ("nurse_id", "number", "serial", "issued_on")),
        *(nurse.c[name] for name in ("name", "sex", "birth_date")),
        *(registration.c[name] for name in _OF_REGISTRATION),
        institution.c.name.label("institution"),
        authority.c.name.label("authority"),
        *blobs.CONTENT,
    ).select_from(source)
    in_force = and_(certificate.c.voided_at.is_(None), registration.c.status == RegistrationStatus.VALID)
    rows = await reader.execute(query.where(nurse.c.id.in_(nurse_ids), in_force, scope.nurses(single(viewer))))
    return {row["nurse_id"]: _with_photo(reader, row) for row in _rows(rows)}


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


def _rows(found: CursorResult[Any]) -> list[Row]:
    return [dict(row) for row in found.mappings()]

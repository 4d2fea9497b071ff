"""A nurse (护士) and her entry in the register: the shapes, and the roster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, case, func, literal, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from db.read import scope
from db.read.listing import WITHIN, Listing, Wide
from db.read.practice import suspended
from db.read.shape import (
    NEVER_CHANGED,
    FeedPosition,
    Many,
    One,
    Shape,
    plain,
)
from db.read.shapes.photo import of_nurse
from db.read.standing import (
    account_status,
    age,
    blank,
    disputed,
    expiry,
    first_registration,
    may_practise,
    reached,
    serial,
    standing,
)
from db.read.viewer import STAFF
from db.store.name_order import beginnings
from db.store.tables import (
    account,
    nurse,
    nurse_key,
    registration,
    registration_history,
    registration_span,
)
from db.store.tables_application import information_change
from db.store.tables_certificate import certificate
from db.store.tables_conduct import conduct_record
from rules.certificate import CertificateState
from rules.conduct import ConductKind, ConductState
from rules.information_change import ChangeState
from rules.people import AccountState
from rules.photo import PhotoState


def _reached_by(contact: str) -> ColumnElement[str | None]:
    """The masked phone or mail box of a nurse: her active account's where it has one, kept up by her."""
    masked = f"{contact}_masked"
    own = select(account.c[masked]).where(account.c.nurse_id == nurse.c.id, account.c.state == AccountState.ACTIVE)
    return func.coalesce(own.correlate(nurse).scalar_subquery(), nurse.c[masked])


NURSE_FACTS = (
    *("name", "documentType", "idNumberMasked", "phoneMasked", "emailMasked", "sex", "birthDate", "ethnicity"),
    *("nationality", "healthStatus", "examScore", "examPassedOn", "examYear", "examCertificateNumber"),
    *("examPoolLinked", "school", "major", "studyLength", "education", "otherEducation", "degree"),
    *("graduatedOn", "studyHistory"),
    *(
        "workCategory",
        "department",
        "otherDepartment",
        "post",
        "otherPost",
        "title",
        "startedWorkOn",
        "workHistory",
        "auxiliary",
    ),
    *("goodRecord", "badRecord", "deliveryConsentAt"),
)

_fields = func.jsonb_object_keys(information_change.c.asked).table_valued("field").render_derived(name="fields")
# What she objects to of her institution's edits, and nobody has decided yet: it shows the old value.
disputed_fields = func.array(
    select(_fields.c.field)
    .select_from(information_change.join(_fields, true()))
    .where(information_change.c.nurse_id == nurse.c.id, information_change.c.state == ChangeState.DISPUTED)
    .distinct()
    .order_by(_fields.c.field)
    .correlate(nurse)
    .scalar_subquery(),
    type_=ARRAY(Text()),
)


def on_record(kind: ConductKind) -> ColumnElement[str | None]:
    """The words of what stands on record of her conduct: as taken over, then each record with its number."""
    said = func.concat(conduct_record.c.text, "（" + conduct_record.c.decision_number + "）")
    query = select(func.string_agg(said, aggregate_order_by(literal("；"), conduct_record.c.id))).where(
        conduct_record.c.nurse_id == nurse.c.id,
        conduct_record.c.kind == kind.value,
        conduct_record.c.state == ConductState.RECORDED.value,
    )
    before = nurse.c[f"{kind.value.lower()}_record"]
    words = func.concat_ws("；", before, query.correlate(nurse).scalar_subquery())
    return func.nullif(words, "")


_named = nurse.alias("named")


def stands_for(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The nurse whose record stands for the one of this key: another one where the two were merged (合并档案)."""
    merged = select(_named.c.merged_into).where(_named.c.id == key)
    return func.coalesce(merged.scalar_subquery(), key, type_=Uuid())


_state = case((certificate.c.voided_at.is_(None), CertificateState.CURRENT.value), else_=CertificateState.VOID.value)

SHAPES: Final[Mapping[str, Shape]] = {
    "Nurse": Shape(
        nurse,
        nurse.c.id,
        scope.nurses,
        {
            "id": nurse.c.id,
            **plain(nurse, *NURSE_FACTS, "rowVersion"),
            **{f"{one}Masked": _reached_by(one) for one in ("phone", "email")},
            "age": age,
            "accountStatus": account_status(nurse.c.id),
            "disputedFields": disputed_fields,
            "goodRecord": on_record(ConductKind.GOOD),
            "badRecord": on_record(ConductKind.BAD),
        },
        {"photo_key": of_nurse(PhotoState.CURRENT), "pending_photo_key": of_nurse(PhotoState.PENDING)},
        links={
            "registration": One("Registration", "id", scope.everything),
            "applications": Many("NurseApplication", "id"),
            "photo": One("Photo", "photo_key"),
            "pendingPhoto": One("Photo", "pending_photo_key"),
            "feedCursor": FeedPosition(),
        },
        stands_for=stands_for,
    ),
    "Registration": Shape(
        registration.join(nurse, nurse.c.id == registration.c.nurse_id),
        registration.c.nurse_id,
        scope.nurses,
        {
            "id": registration.c.nurse_id,
            **plain(registration, "status", "certificateNumber", "firstRegisteredOn", "validUntil", "lastKind"),
            **plain(registration, "deregistrationReason", "barUntil", "version"),
            # Its own version rises with every change already.
            "rowVersion": registration.c.version,
            "standing": standing,
            "expiry": expiry,
            "suspended": suspended,
            "firstRegistration": first_registration,
            "certificateSerial": serial,
            "mayPractise": may_practise,
            "disputed": disputed,
        },
        {
            "institution_id": registration.c.institution_id,
            "authority_id": registration.c.authority_id,
            "blank_id": blank,
            "unit_id": registration.c.unit_id,
        },
        alone=registration,
        links={
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
            "certificateBlank": One("CertificateBlank", "blank_id"),
            "unit": One("Unit", "unit_id"),
            "history": Many("RegistrationHistory", "id", scope.everything),
            "spans": Many("RegistrationSpan", "id", scope.spans),
            "certificates": Many("Certificate", "id", scope.everything),
        },
        stands_for=stands_for,
    ),
    "RegistrationHistory": Shape(
        registration_history.join(nurse, nurse.c.id == registration_history.c.nurse_id),
        registration_history.c.nurse_id,
        scope.nurses,
        {
            "id": registration_history.c.id,
            "rowVersion": NEVER_CHANGED,
            **plain(registration_history, "kind", "reason", "at", "status", "certificateNumber", "validUntil"),
        },
        {
            "application_id": registration_history.c.application_id,
            "institution_id": registration_history.c.institution_id,
            "authority_id": registration_history.c.authority_id,
        },
        newest_first=registration_history.c.id,
        alone=registration_history,
        links={
            "application": One("Application", "application_id"),
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
        },
    ),
    "RegistrationSpan": Shape(
        registration_span.join(nurse, nurse.c.id == registration_span.c.nurse_id),
        registration_span.c.nurse_id,
        scope.nurse_spans,
        {
            **plain(
                registration_span, "kind", "startsOn", "endsOn", "decisionNumber", "reason", "dispatchKind", "place"
            ),
            "interruptionReason": registration_span.c.cause,
        },
        {"to_institution_id": registration_span.c.to_institution_id},
        newest_first=registration_span.c.id,
        alone=registration_span,
        links={"toInstitution": One("Institution", "to_institution_id")},
    ),
    "Certificate": Shape(
        certificate.join(nurse, nurse.c.id == certificate.c.nurse_id),
        certificate.c.nurse_id,
        scope.nurses,
        {"state": _state, **plain(certificate, "number", "serial", "issuedOn", "voidedAt", "voidReason")},
        {"authority_id": certificate.c.authority_id, "application_id": certificate.c.application_id},
        newest_first=certificate.c.id,
        alone=certificate,
        links={
            "authority": One("Authority", "authority_id"),
            "application": One("Application", "application_id"),
        },
    ),
}

LISTINGS: Final[Mapping[str, Listing]] = {
    "nurses": Listing(
        "Nurse",
        nurse.join(registration, registration.c.nurse_id == nurse.c.id),
        scope.roster,
        registration.c.nurse_id,
        {
            "validUntil": registration.c.valid_until,
            "nameOrder": nurse.c.name_order,
            "certificateNumber": registration.c.certificate_number,
        },
        (("validUntil", False),),
        {
            "name": nurse.c.name,
            "namePart": nurse_key,
            "nameOrder": nurse.c.name_order,
            "idNumber": nurse.c.id,
            "certificateNumber": registration.c.certificate_number,
            "validUntil": registration.c.valid_until,
            "standing": standing,
            "expiry": expiry,
            "suspended": suspended,
            "accountStatus": account_status(registration.c.nurse_id),
            "title": nurse.c.title,
            "department": nurse.c.department,
            "education": nurse.c.education,
            "workCategory": nurse.c.work_category,
            "post": nurse.c.post,
            "birthDate": nurse.c.birth_date,
            "sex": nurse.c.sex,
            "unit": registration.c.unit_id,
            "assigned": registration.c.unit_id.is_not(None),
            "reached": reached,
        },
        owner=WITHIN,
        readers=STAFF,
        wide=Wide(nurse, nurse.c.id, registration, nurse),
        narrow={"namePart": 2},
        spelled={"name": beginnings},
    ),
}

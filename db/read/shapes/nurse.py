"""A nurse (护士) and her entry in the register: the shapes, and the roster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Uuid, case, exists, func, select

from db.read import scope
from db.read.deadline import grantable
from db.read.listing import WITHIN, Listing, Wide
from db.read.practice import interrupted, suspended
from db.read.shape import (
    NEVER_CHANGED,
    FeedPosition,
    Many,
    One,
    Shape,
    plain,
    searched,
)
from db.read.shapes.photo import of_nurse
from db.read.viewer import STAFF
from db.store.tables import (
    account,
    nurse,
    registration,
    registration_history,
    registration_span,
)
from db.store.tables_application import application
from db.store.tables_certificate import certificate, certificate_blank
from rules.application import OPEN
from rules.kinds import Kind
from rules.people import AccountState
from rules.photo import PhotoState
from rules.registration import EXPIRING, RegistrationStatus, Standing

today = func.current_date()


def _reached_by(contact: str) -> ColumnElement[str | None]:
    """The masked phone or mail box of a nurse: her active account's where it has one, kept up by her."""
    masked = f"{contact}_masked"
    own = select(account.c[masked]).where(account.c.nurse_id == nurse.c.id, account.c.state == AccountState.ACTIVE)
    return func.coalesce(own.correlate(nurse).scalar_subquery(), nurse.c[masked])


# The same answer as rules.registration.standing; a test proves it.
standing = case(
    (registration.c.status == RegistrationStatus.NEVER, Standing.NEVER.value),
    (registration.c.status == RegistrationStatus.DEREGISTERED, Standing.DEREGISTERED.value),
    (registration.c.valid_until < today, Standing.EXPIRED.value),
    (suspended, Standing.SUSPENDED.value),
    (registration.c.valid_until - today <= EXPIRING.days, Standing.EXPIRING.value),
    else_=Standing.VALID.value,
)
# While it is undecided, what the law will grant stands for the days after the last one.
_granted = exists().where(application.c.nurse_id == registration.c.nurse_id, grantable).correlate(registration)
may_practise = (
    (registration.c.status == RegistrationStatus.VALID)
    & ~suspended
    & ((registration.c.valid_until >= today) | _granted)
    & registration.c.institution_id.is_not(None)
)
disputed = (
    exists()
    .where(
        application.c.nurse_id == registration.c.nurse_id,
        application.c.kind == Kind.DEREGISTRATION,
        application.c.state.in_(sorted(OPEN)),
        application.c.objection.is_not(None),
    )
    .correlate(registration)
)

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

_named = nurse.alias("named")
# What bears her certificate in force, for those who read it.
_blank = (
    select(certificate_blank.c.id)
    .join_from(certificate, certificate_blank, certificate_blank.c.certificate_id == certificate.c.id)
    .where(certificate.c.nurse_id == registration.c.nurse_id, certificate.c.voided_at.is_(None))
    .where(certificate_blank.c.spoiled_at.is_(None))
    .correlate(registration)
    .scalar_subquery()
)


def stands_for(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The nurse whose record stands for the one of this key: another one where the two were merged (合并档案)."""
    merged = select(_named.c.merged_into).where(_named.c.id == key)
    return func.coalesce(merged.scalar_subquery(), key, type_=Uuid())


SHAPES: Final[Mapping[str, Shape]] = {
    "Nurse": Shape(
        nurse,
        nurse.c.id,
        scope.nurses,
        {
            "id": nurse.c.id,
            **plain(nurse, *NURSE_FACTS, "rowVersion"),
            **{f"{one}Masked": _reached_by(one) for one in ("phone", "email")},
            "age": func.date_part("year", func.age(today, nurse.c.birth_date)).cast(nurse.c.exam_year.type),
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
            "mayPractise": may_practise,
            "disputed": disputed,
            "interrupted": interrupted,
        },
        {
            "institution_id": registration.c.institution_id,
            "authority_id": registration.c.authority_id,
            "blank_id": _blank,
        },
        alone=registration,
        links={
            "institution": One("Institution", "institution_id"),
            "authority": One("Authority", "authority_id"),
            "certificateBlank": One("CertificateBlank", "blank_id"),
            "history": Many("RegistrationHistory", "id", scope.everything),
            "spans": Many("RegistrationSpan", "id", scope.everything),
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
        scope.nurses,
        plain(registration_span, "kind", "startsOn", "endsOn", "decisionNumber", "reason"),
        newest_first=registration_span.c.id,
        alone=registration_span,
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
            "name": nurse.c.name,
            "certificateNumber": registration.c.certificate_number,
        },
        (("validUntil", False),),
        {
            "name": nurse.c.name,
            "namePart": searched(nurse.c.name),
            "idNumber": nurse.c.id_number_index,
            "certificateNumber": registration.c.certificate_number,
            "validUntil": registration.c.valid_until,
            "standing": standing,
            "interrupted": interrupted,
            "title": nurse.c.title,
            "department": nurse.c.department,
            "education": nurse.c.education,
            "sex": nurse.c.sex,
        },
        owner=WITHIN,
        readers=STAFF,
        wide=Wide(nurse, nurse.c.id, registration, nurse),
        narrow=frozenset({"namePart"}),
    ),
}

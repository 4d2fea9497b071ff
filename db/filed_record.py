"""The register and a nurse's record as they were when an application was filed: kept with its first revision.

An application of an earlier release has kept nothing. The history tells how her entry stood that day; of her record
only what it says now is known, and the form says so.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.types import TypeEngine

from db.store.tables import authority, institution, nurse, registration, registration_history
from db.store.tables_account import record_merge, record_merge_row
from db.store.tables_application import application, application_revision
from rules.key_fact import NUMBER_CORRECTED
from rules.registration import RegistrationStatus

_OF_NURSE: Final = (
    *("ethnicity", "nationality", "exam_certificate_number", "exam_passed_on", "exam_year"),
    *("school", "major", "study_length", "education", "other_education", "degree", "graduated_on", "photo_id"),
)
"""The columns of a nurse's record that the official form shows."""
_at, _with, _sent_to = (
    institution.alias("registered_at"),
    authority.alias("registered_with"),
    institution.alias("sent_to"),
)
_TODAY: Final[dict[str, ColumnElement[Any]]] = {
    **{name: nurse.c[name] for name in _OF_NURSE},
    "registered_number": registration.c.certificate_number,
    "first_registered_on": registration.c.first_registered_on,
    "valid_until": registration.c.valid_until,
    "registered_at": _at.c.name,
    "registered_with": _with.c.name,
}
_SENT: Final = {**_TODAY, "institution_id": _sent_to.c.id, "institution": _sent_to.c.name}


def on_record(nurse_id: ColumnElement[UUID], sent_to: ColumnElement[UUID]) -> ColumnElement[Any]:
    """The facts of a locked nurse and her entry that the form shows, and where her application goes."""
    return (
        select(func.jsonb_strip_nulls(func.jsonb_build_object(*(one for pair in _SENT.items() for one in pair))))
        .select_from(nurse.join(registration, registration.c.nurse_id == nurse.c.id))
        .outerjoin(_at, _at.c.id == registration.c.institution_id)
        .outerjoin(_with, _with.c.id == registration.c.authority_id)
        .outerjoin(_sent_to, _sent_to.c.id == sent_to)
        .where(nurse.c.id == nurse_id)
        .correlate_except(nurse, registration, _at, _with, _sent_to)
        .scalar_subquery()
    )


_filed: Final = application_revision.alias("filed")
_stage: Final = registration_history.alias("stage")
_was_at, _was_with = institution.alias("was_at"), authority.alias("was_with")
_h: Final = registration_history.c
# How her entry stood when it was filed: the newest row of history that was there.
_STAGE: Final = (
    select(_h.id)
    .where(_h.nurse_id == application.c.nurse_id, _h.at < application.c.submitted_at)
    .order_by(_h.id.desc())
    .limit(1)
    .correlate(application)
    .scalar_subquery()
)
_CHANGED_SINCE: Final = (
    exists().where(_h.nurse_id == application.c.nurse_id, _h.at >= application.c.submitted_at).correlate(application)
)
_DRAFT: Final = application.c.submitted_at.is_(None)
_KEPT: Final = _filed.c.on_record
_FIRST: Final = case((_stage.c.status != RegistrationStatus.NEVER, registration.c.first_registered_on))
_STAGES: Final[dict[str, ColumnElement[Any]]] = {
    "registered_number": func.coalesce(application.c.certificate_number, _stage.c.certificate_number),
    "first_registered_on": _FIRST,
    "valid_until": _stage.c.valid_until,
    "registered_at": _was_at.c.name,
    "registered_with": _was_with.c.name,
}


def _value(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    return cast(_KEPT[name].astext, type_)


def _then(name: str) -> ColumnElement[Any]:
    """A value of the day of filing: as it was kept, else by the history; of a draft today's.

    Nothing where the viewer may not read the record, or where the history begins later.
    """
    today = _TODAY[name]
    known: list[tuple[ColumnElement[bool], Any]] = [(nurse.c.id.is_(None), null()), (_DRAFT, today)]
    known.append((_KEPT.is_not(None), _value(name, today.type)))
    if name in _STAGES:
        known += [(_stage.c.id.is_not(None), _STAGES[name]), (_CHANGED_SINCE, null())]
    return case(*known, else_=today)


PHOTO: Final = _then("photo_id")
"""The photo that her record had."""
COLUMNS: Final = (
    *(_then(name).label(name) for name in _TODAY if name != "photo_id"),
    # Where it was sent, under the name of that day; where it has gone since, under its own.
    case(
        (_value("institution_id", Uuid()) == application.c.institution_id, _value("institution", Text())),
        else_=institution.c.name,
    ).label("institution"),
    or_(_DRAFT, _KEPT.is_not(None)).label("record_kept"),
)
"""The facts of her record and her entry that the official form shows, and where the application is."""


def joined(source: FromClause) -> FromClause:
    """A source of applications and nurses with all that `COLUMNS` needs."""
    return (
        source.outerjoin(registration, registration.c.nurse_id == nurse.c.id)
        .outerjoin(_at, _at.c.id == registration.c.institution_id)
        .outerjoin(_with, _with.c.id == registration.c.authority_id)
        .outerjoin(_filed, and_(_filed.c.application_id == application.c.id, _filed.c.revision == 1))
        .outerjoin(_stage, and_(_KEPT.is_(None), _stage.c.id == _STAGE))
        .outerjoin(_was_at, _was_at.c.id == _stage.c.institution_id)
        .outerjoin(_was_with, _was_with.c.id == _stage.c.authority_id)
        .outerjoin(institution, institution.c.id == application.c.institution_id)
    )


_CORRECTED: Final = (
    exists()
    .where(
        _h.nurse_id == nurse.c.id,
        _h.at > func.coalesce(application.c.decided_at, application.c.moved_at),
        _h.reason.like(NUMBER_CORRECTED),
    )
    .correlate(nurse, application)
)
_OF_ANOTHER_RECORD: Final = exists(
    select(record_merge_row.c.row_id)
    .join(record_merge, record_merge.c.id == record_merge_row.c.record_merge_id)
    .where(
        record_merge_row.c.what == "application.nurse_id",
        record_merge_row.c.row_id == application.c.id,
        record_merge.c.undone_at.is_(None),
    )
    .correlate(application)
)
NUMBER_STANDS: Final = and_(
    nurse.c.document_type == application.c.document_type,
    nurse.c.id_number_masked == application.c.id_number_masked,
    ~_CORRECTED,
    ~_OF_ANOTHER_RECORD,
)
"""True if the number on record is the one with which it was filed: an ended one does not follow a correction."""

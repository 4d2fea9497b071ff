"""All that the register holds about a nurse (个人信息查阅、复制, PIPL 45): each part is a query, with facts in clear.

It is hers, so that nothing is masked; who of the staff did something is not hers. `rules/own_record.py` has the parts;
a test asks each table of the register whether it is in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, FromClause, Select, Table, exists, or_, select, union

from db import blob as blobs
from db.read import scope
from db.read.look import FILE, NOTE, looked_at, place_name
from db.read.shape import snake
from db.read.shapes.desk import PURPOSE_OF
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.keys import Sealed
from db.store.tables import (
    account,
    audit,
    authority,
    blob,
    event,
    institution,
    nurse,
    registration,
    registration_history,
    registration_span,
    session,
)
from db.store.tables_account import (
    activation_code,
    code,
    desk_request,
    exam_record,
    privacy_acceptance,
    record_merge,
    relative_request,
)
from db.store.tables_application import (
    application,
    application_pause,
    application_revision,
    claim_rejection,
    collective_filing,
    collective_item,
    delivery,
    departure,
    information_change,
    material,
    material_check,
    material_mark,
    nurse_change,
    photo,
    reminder,
    review_decision,
)
from db.store.tables_certificate import certificate, certificate_blank
from db.store.tables_conduct import conduct_record
from db.store.tables_help import announcement_read, question, question_file, question_message
from db.store.tables_look import look_complaint
from db.store.tables_practice import practice_watch
from db.store.tables_roster import roster_check, roster_check_row
from db.store.tables_unit import pre_review, unit
from rules.errors import NotFound
from rules.own_record import MOST, Part, parts_for
from rules.people import Actor, Party
from rules.verification import RequestKind

Facts = dict[str, Any]
Whose = Callable[[UUID], ColumnElement[bool]]
SEALED: Final = frozenset({"idNumber", "phone", "email", "content"})
HER_WORDS: Final = frozenset({RequestKind.RECOVERY, RequestKind.KEY_FACT})
"""The requests whose content she has given herself; that of a proposal is its officers'."""


@dataclass(frozen=True)
class Source:
    """The rows of one part: the table, whose they are, what makes the newest, and facts that are no plain columns."""

    table: Table
    whose: Whose
    newest: ColumnElement[Any]
    facts: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    source: FromClause | None = None

    def query(self, part: Part, nurse_id: UUID) -> Select[Any]:
        """The newest rows of a nurse, one more than are told."""
        columns = [column for one in part.fields for column in self._columns(one.name)]
        found = select(*columns).select_from(self.table if self.source is None else self.source)
        return found.where(self.whose(nurse_id)).order_by(self.newest.desc()).limit(MOST + 1)

    def _columns(self, name: str) -> Iterable[ColumnElement[Any]]:
        if name in self.facts:
            return (self.facts[name].label(name),)
        if name in SEALED:
            return (self.table.c[f"{snake(name)}_{half}"] for half in ("key_id", "sealed"))
        if name in _PLACES:
            place = _PLACES[name]
            at = select(place.c.name).where(place.c.id == self.table.c[f"{name}_id"])
            return (at.scalar_subquery().label(name),)
        return (self.table.c[snake(name)].label(name),)


_PLACES: Final = {"institution": institution, "authority": authority, "unit": unit}


def _by(table: Table) -> Whose:
    """Rows that name her."""
    return lambda nurse_id: table.c.nurse_id == nurse_id


def _accounts(nurse_id: UUID) -> Select[Any]:
    """Her accounts as a nurse, the closed ones too; one she has at work is her employer's."""
    return select(account.c.id).where(account.c.nurse_id == nurse_id, account.c.party == Party.NURSE)


def _by_account(table: Table) -> Whose:
    return lambda nurse_id: table.c.account_id.in_(_accounts(nurse_id))


def _applications(nurse_id: UUID) -> Select[Any]:
    return select(application.c.id).where(application.c.nurse_id == nurse_id)


def _by_application(table: Table) -> Whose:
    return lambda nurse_id: table.c.application_id.in_(_applications(nurse_id))


def _by_question(table: Table) -> Whose:
    """Rows of what she has asked the help desk."""

    def whose(nurse_id: UUID) -> ColumnElement[bool]:
        asked = select(question.c.id).where(question.c.account_id.in_(_accounts(nurse_id)))
        return table.c.question_id.in_(asked)

    return whose


def _records(nurse_id: UUID) -> Select[Any]:
    """Her record, and those that were merged into it."""
    return select(nurse.c.id).where(or_(nurse.c.id == nurse_id, nurse.c.merged_into == nurse_id))


def _examined(nurse_id: UUID) -> ColumnElement[bool]:
    same = exam_record.c.document_type == nurse.c.document_type
    by_number = exam_record.c.id_number_index == nurse.c.id_number_index
    return select(nurse.c.id).where(nurse.c.id == nurse_id, same, by_number).correlate(exam_record).exists()


def _compared(nurse_id: UUID) -> ColumnElement[bool]:
    """The comparisons that found her, of the institutions where she is or was, since only their rosters have her."""
    places = (
        select(one.c.institution_id).where(one.c.nurse_id.in_(_records(nurse_id)))
        for one in (registration, registration_history)
    )
    of_check = roster_check_row.c.roster_check_id == roster_check.c.id
    found = exists().where(of_check, roster_check_row.c.nurse_id.in_(_records(nurse_id)))
    return roster_check.c.institution_id.in_(union(*places)) & found


def _heard(nurse_id: UUID) -> ColumnElement[bool]:
    return event.c.scope.in_(_accounts(nurse_id)) | (event.c.scope == nurse_id)


def _filing_place() -> ColumnElement[Any]:
    at = select(institution.c.name).join(collective_filing, collective_filing.c.institution_id == institution.c.id)
    return at.where(collective_filing.c.id == collective_item.c.collective_filing_id).scalar_subquery()


_receiver: Final = institution.alias("receiver")
SOURCES: Final[Mapping[str, Source]] = {
    "record": Source(nurse, lambda key: or_(nurse.c.id == key, nurse.c.merged_into == key), nurse.c.created_at),
    "registration": Source(registration, _by(registration), registration.c.nurse_id),
    "history": Source(registration_history, _by(registration_history), registration_history.c.id),
    "spans": Source(
        registration_span,
        _by(registration_span),
        registration_span.c.id,
        {
            "receiver": select(_receiver.c.name)
            .where(_receiver.c.id == registration_span.c.to_institution_id)
            .scalar_subquery()
        },
    ),
    "conduct": Source(conduct_record, _by(conduct_record), conduct_record.c.id),
    "certificates": Source(certificate, _by(certificate), certificate.c.id),
    "blanks": Source(
        certificate_blank,
        _by(certificate),
        certificate_blank.c.id,
        source=certificate_blank.join(certificate, certificate.c.id == certificate_blank.c.certificate_id),
    ),
    "applications": Source(application, _by(application), application.c.id),
    "revisions": Source(application_revision, _by_application(application_revision), application_revision.c.at),
    "decisions": Source(
        review_decision,
        lambda key: _by_application(review_decision)(key) & scope.decision_shown(None),
        review_decision.c.id,
    ),
    "preReviews": Source(pre_review, _by_application(pre_review), pre_review.c.id),
    "pauses": Source(application_pause, _by_application(application_pause), application_pause.c.id),
    "materials": Source(material, _by_application(material), material.c.id),
    "originals": Source(material_check, _by_application(material_check), material_check.c.seen_at),
    "materialMarks": Source(material_mark, _by_application(material_mark), material_mark.c.id),
    "claimRejections": Source(claim_rejection, _by_application(claim_rejection), claim_rejection.c.at),
    "collectiveItems": Source(
        collective_item,
        _by(collective_item),
        collective_item.c.done_at,
        {"institution": _filing_place()},
    ),
    "deliveries": Source(delivery, _by(delivery), delivery.c.id),
    "informationChanges": Source(information_change, _by(information_change), information_change.c.id),
    "photos": Source(photo, _by(photo), photo.c.id),
    "recordChanges": Source(nurse_change, _by(nurse_change), nurse_change.c.id),
    "departures": Source(departure, _by(departure), departure.c.id),
    "requests": Source(desk_request, _by(desk_request), desk_request.c.id),
    "merges": Source(
        record_merge, lambda key: or_(record_merge.c.kept_id == key, record_merge.c.merged_id == key), record_merge.c.id
    ),
    "exams": Source(exam_record, _examined, exam_record.c.id),
    "accounts": Source(account, lambda key: account.c.id.in_(_accounts(key)), account.c.id),
    "activationCodes": Source(activation_code, _by_account(activation_code), activation_code.c.id),
    "codes": Source(code, _by_account(code), code.c.id),
    "sessions": Source(session, _by_account(session), session.c.created_at),
    "consents": Source(privacy_acceptance, _by_account(privacy_acceptance), privacy_acceptance.c.id),
    "relatives": Source(relative_request, _by(relative_request), relative_request.c.id),
    "reminders": Source(
        reminder, lambda key: or_(reminder.c.subject == key, reminder.c.subject.in_(_applications(key))), reminder.c.at
    ),
    "questions": Source(question, _by_account(question), question.c.id),
    "questionMessages": Source(question_message, _by_question(question_message), question_message.c.id),
    "questionFiles": Source(question_file, _by_question(question_file), question_file.c.id),
    "announcementsRead": Source(announcement_read, _by_account(announcement_read), announcement_read.c.at),
    "expiries": Source(practice_watch, _by(practice_watch), practice_watch.c.valid_until),
    "rosterChecks": Source(roster_check, _compared, roster_check.c.id),
    "events": Source(event, _heard, event.c.at),
    "looks": Source(
        audit,
        looked_at,
        audit.c.at,
        {"place": place_name(audit), "file": FILE, "note": NOTE},
    ),
    "lookComplaints": Source(
        look_complaint, _by(look_complaint), look_complaint.c.id, {"place": place_name(look_complaint)}
    ),
}
"""The source of each part."""


@dataclass(frozen=True, slots=True, repr=False)
class OwnRecord:
    """The parts with their rows, the newest first; `cut` are those of which there are more, and her photo."""

    on: date
    parts: Mapping[str, list[Facts]]
    cut: frozenset[str]
    photo: bytes | None


async def of(tx: Tx, viewer: Actor, nurse_id: UUID, *, relative: bool) -> OwnRecord:
    """All about a nurse whom the viewer may read; raises NotFound."""
    picture = select(*blobs.CONTENT).select_from(nurse.outerjoin(blob, blob.c.id == nurse.c.photo_id))
    shown = (await tx.execute(picture.where(nurse.c.id == nurse_id, scope.nurses(single(viewer))))).one_or_none()
    if shown is None:
        raise NotFound
    parts: dict[str, list[Facts]] = {}
    for part in parts_for(relative=relative):
        rows = await tx.execute(SOURCES[part.name].query(part, nurse_id))
        parts[part.name] = [_opened(tx, part, row) for row in rows.mappings()]
    cut = frozenset(name for name, rows in parts.items() if len(rows) > MOST)
    photo = blobs.content_of(tx.keyring, dict(shown._mapping))
    return OwnRecord(tx.today, {name: rows[:MOST] for name, rows in parts.items()}, cut, photo)


def _opened(reader: Reader, part: Part, row: Mapping[Any, Any]) -> Facts:
    """A row by the names of its facts, sealed ones opened."""
    return {one.name: _clear(reader, one.name, row) if one.name in SEALED else row[one.name] for one in part.fields}


def _clear(reader: Reader, name: str, row: Mapping[Any, Any]) -> Any:
    column = snake(name)
    key, sealed = row[f"{column}_key_id"], row[f"{column}_sealed"]
    if name == "content":
        kind = RequestKind(row["kind"])
        return orjson.loads(reader.keyring.unseal(Sealed(key, sealed), PURPOSE_OF[kind])) if kind in HER_WORDS else None
    return None if sealed is None else reader.keyring.unseal(Sealed(key, sealed), column)

"""The content of the authority's letters (决定书、通知书): the decision, and the application as it was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from db import law as laws
from db.paper import rows_of
from db.read import scope
from db.read.batch import Row
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import account, authority, institution, registration_history
from db.store.tables_application import application, material_mark, review_decision
from rules.people import Actor
from rules.ticket import FileKind

_OUTCOMES: Final[Mapping[FileKind, tuple[str, tuple[str, ...]]]] = {
    FileKind.DECISION_LETTER: ("AUTHORITY_DECISION", ("AGREED", "REFUSED", "DEEMED", "VOIDED")),
    FileKind.ACCEPTANCE_NOTICE: ("AUTHORITY_REVIEW", ("ACCEPTED",)),
    FileKind.CORRECTION_NOTICE: ("AUTHORITY_REVIEW", ("CORRECTION_REQUIRED",)),
    FileKind.INTAKE_REFUSAL: ("AUTHORITY_REVIEW", ("NOT_ACCEPTED",)),
}
"""The decisions that a letter tells, by stage and outcome."""
LETTERS: Final = frozenset(_OUTCOMES)
"""The files that are letters on an application."""
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
OF_APPLICATION: Final = (
    *("kind", "filed_by", "nurse_name", "id_number_masked", "certificate_number", "receipt_number", "form"),
    *("submitted_at", "forwarded_at", "objection", "objection_answer"),
)
"""The columns of the application that its letters tell of, beside its id."""


async def letters(reader: Reader, viewer: Actor, keys: Sequence[UUID], file: FileKind) -> dict[UUID, Row]:
    """The newest decision that a letter tells on each application that has one, and the application."""
    none: ColumnElement[list[str]] = literal_column("'{}'::text[]", review_decision.c.reasons.type)
    decided = {
        "outcome": func.coalesce(review_decision.c.outcome, literal("ACCEPTED")),
        "reasons": func.coalesce(review_decision.c.reasons, none),
        "marked_fields": func.coalesce(review_decision.c.marked_fields, none),
        "at": func.coalesce(review_decision.c.at, application.c.accepted_at),
    }
    query = _found(viewer, keys, file).add_columns(
        *(application.c[name] for name in OF_APPLICATION),
        func.coalesce(application.c.told_due_on, application.c.due_on).label("due_on"),
        func.coalesce(application.c.told_promised_due_on, application.c.promised_due_on).label("promised_due_on"),
        *(value.label(name) for name, value in decided.items()),
        *(review_decision.c.stage, review_decision.c.opinion),
        authority.c.name.label("received_by"),
        func.coalesce(_decided_by.c.name, authority.c.name).label("authority"),
        institution.c.name.label("institution"),
        _licensed_by.c.name.label("competent"),
        _GRANTED_UNTIL.label("granted_until"),
        _MARKED.label("marked_materials"),
    )
    newest = query.ext(distinct_on(application.c.id)).order_by(application.c.id, review_decision.c.id.desc())
    rows, settings = rows_of(await reader.execute(newest)), await laws.history(reader)
    return {row["id"]: {**row, "law": laws.of_moment(settings, row["at"])} for row in rows}


async def with_letter(reader: Reader, viewer: Actor, keys: Sequence[UUID], file: FileKind) -> set[UUID]:
    """The applications that have such a letter, as far as the viewer may read it."""
    return {row.id for row in await reader.execute(_found(viewer, keys, file))}


def _found(viewer: Actor, keys: Sequence[UUID], file: FileKind) -> Select[Any]:
    """Each application with its decisions of that letter; the law accepts what was corrected without one."""
    stage, outcomes = _OUTCOMES[file]
    of_letter = and_(
        review_decision.c.application_id == application.c.id,
        review_decision.c.stage == stage,
        review_decision.c.outcome.in_(outcomes),
    )
    source = (
        application.join(authority, authority.c.id == application.c.authority_id)
        .outerjoin(review_decision, of_letter)
        .outerjoin(account, account.c.id == review_decision.c.decider_id)
        .outerjoin(_decided_by, _decided_by.c.id == account.c.authority_id)
        .outerjoin(institution, institution.c.id == application.c.institution_id)
        .outerjoin(_licensed_by, _licensed_by.c.id == institution.c.authority_id)
    )
    there: ColumnElement[bool] = review_decision.c.id.is_not(None)
    if file is FileKind.ACCEPTANCE_NOTICE:
        there = or_(there, application.c.accepted_at.is_not(None))
    wanted = (application.c.id.in_(keys), scope.applications(single(viewer)), there)
    return select(application.c.id).select_from(source).where(*wanted)

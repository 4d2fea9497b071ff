"""The facts of an application that its open steps hang on: selected as one text, judged by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from db.read.checklist import THERE, checklist
from db.read.competence import places
from db.read.practice import interruption_years, practised_until, suspended
from db.read.stranded import stranded
from db.read.unit import unit_of
from db.store.tables import authority, institution, nurse, registration
from db.store.tables_application import application, calendar_day, material, material_mark, review_decision
from rules.application import OPEN, State
from rules.kinds import Kind
from rules.working_days import INTAKE_DAYS, SILENCE_DAYS

_JUDGED: Final = (
    *("id", "kind", "state", "version", "revision", "nurse_id", "institution_id", "authority_id", "filed_by"),
    *("corrections", "recommender_id", "on_hold", "objected", "extended", "holder_id", "held_until", "queued_at"),
    *("blocked_by_id", "claimed", "marked_fields", "due_on", "answering_id"),
)
_ANSWERED: Final = (State.RETURNED, State.CORRECTION_REQUIRED)
_THE: Final = application.alias("the_application")


def facts_sql(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The facts that decide the open steps of an application, as base64 of JSON: a plan leaves judging to the rules."""
    facts = (
        select(
            *(_THE.c[name] for name in _JUDGED),
            *places(_THE),
            *_besides(),
            authority.c.two_persons,
            stranded(_THE).label("stranded"),
            unit_of(_THE).label("unit_id"),
            func.now().label("now"),
            func.current_date().label("today"),
        )
        .outerjoin(authority, authority.c.id == _THE.c.authority_id)
        .where(_THE.c.id == key)
        .subquery("facts")
    )
    text = func.convert_to(func.to_json(facts.table_valued()).cast(Text()), "UTF8")
    return select(func.translate(func.encode(text, "base64"), "\n", "")).select_from(facts).scalar_subquery()


def _besides() -> list[ColumnElement[Any]]:
    """The facts beside an application, each where its state needs it and nowhere else."""
    state, kind = _THE.c.state, _THE.c.kind
    proven = and_(kind == Kind.DEREGISTRATION, state.in_([State.AUTHORITY_INTAKE, State.ACCEPTED]))
    reviewed = and_(state == State.INSTITUTION_REVIEW, _THE.c.institution_id.is_not(None))
    found = {
        "form": (or_(state == State.ACCEPTED, proven), _THE.c.form),
        "entry": (state.in_([State.DRAFT, State.ACCEPTED]), _entry()),
        "items": (or_(state.in_([State.DRAFT, *_ANSWERED]), proven), _items()),
        "marks": (state.in_(_ANSWERED), _marks()),
        "filed_on": (state == State.ACCEPTED, cast(_THE.c.submitted_at, Date())),
        "correction_until": (state == State.AUTHORITY_INTAKE, _working_day(_THE.c.forwarded_at, INTAKE_DAYS)),
        "silence_until": (reviewed, _working_day(_THE.c.queued_at, SILENCE_DAYS)),
    }
    return [case(needed).label(name) for name, needed in found.items()]


def _working_day(after: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """The last of so many working days after a day."""
    later = select(calendar_day.c.day).where(calendar_day.c.working, calendar_day.c.day > cast(after, Date()))
    return later.order_by(calendar_day.c.day).offset(days - 1).limit(1).correlate(_THE).scalar_subquery()


_HERS: Final = ("status", "valid_until", "institution_id", "authority_id", "bar_until", "deregistration_reason")


def _entry() -> ColumnElement[Any]:
    """Her entry in the register, with what the rules of eligibility ask besides."""
    target = select(institution.c.state).where(institution.c.id == _THE.c.institution_id)
    window = select(authority.c.renewal_window_days).where(authority.c.id == registration.c.authority_id)
    columns: dict[str, Any] = {
        **{name: registration.c[name] for name in _HERS},
        **{name: nurse.c[name] for name in ("birth_date", "exam_passed_on", "exam_year")},
        "practised_until": practised_until,
        "interruption_years": interruption_years,
        "suspended": suspended,
        "window_days": window.scalar_subquery(),
        "target_state": target.correlate(_THE).scalar_subquery(),
        "open_kinds": _open_kinds(),
    }
    made = _object(columns)
    source = registration.join(nurse, nurse.c.id == registration.c.nurse_id)
    return select(made).select_from(source).where(nurse.c.id == _THE.c.nurse_id).correlate(_THE).scalar_subquery()


def _object(columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    # The names are part of the statement: a parameter of no type is refused there.
    parts: list[ColumnElement[Any]] = []
    for name, column in columns.items():
        parts += [literal_column(f"'{name}'"), column]
    return func.json_build_object(*parts)


def _open_kinds() -> ColumnElement[Any]:
    """The kinds of her other open applications, but for those that this one blocks."""
    other = application.alias("other")
    open_ = select(other.c.kind).where(
        other.c.nurse_id == _THE.c.nurse_id,
        other.c.state.in_(sorted(OPEN)),
        other.c.id != _THE.c.id,
        other.c.blocked_by_id.is_distinct_from(_THE.c.id),
    )
    return func.array(open_.correlate(_THE).scalar_subquery(), type_=ARRAY(Text()))


def _items() -> ColumnElement[Any]:
    """The materials that are asked for; of a draft where it would go: where she is, or where it is addressed to."""
    asked = checklist(application.c.id == _THE.c.id, func.current_date())
    listed = asked.correlate(_THE).subquery("asked")
    return select(func.json_agg(listed.table_valued())).select_from(listed).correlate(_THE).scalar_subquery()


def _marks() -> ColumnElement[Any]:
    """The materials that were marked last, and whether each has come since."""
    since = and_(material.c.code == material_mark.c.code, material.c.uploaded_at > review_decision.c.at, THERE)
    came = exists().where(material.c.application_id == material_mark.c.application_id, since)
    shown = {name: material_mark.c[name] for name in ("code", "title_zh", "title_en", "reason")}
    made = _object({**shown, "answered": came})
    source = material_mark.join(review_decision, review_decision.c.id == material_mark.c.decision_id)
    waiting = (material_mark.c.application_id == _THE.c.id, review_decision.c.revision == _THE.c.revision)
    ordered = func.json_agg(aggregate_order_by(made, material_mark.c.code))
    return select(ordered).select_from(source).where(*waiting).correlate(_THE).scalar_subquery()

"""A change of information with what its steps hang on (信息修改), as SQL: selected as one text, judged by the rules."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import ColumnElement, Date, FromClause, RowMapping, Text, and_, case, cast, exists, func, select

from db.read.recusal import attended, office
from db.store.tables import institution, nurse, registration
from db.store.tables_application import calendar_day, information_change
from rules.information_change import (
    DISPUTE_DAYS,
    OBJECTION_DAYS,
    ChangeState,
    InformationChange,
)
from rules.information_edit import disputable
from rules.information_form import COLUMNS, recorded_values
from rules.information_step import Around
from rules.institution import InstitutionState
from rules.people import Party, Role
from rules.registration import Registration, RegistrationStatus
from rules.working_days import SILENCE_DAYS

_c: Final = information_change.c
_NOUN: Final = (
    *("id", "nurse_id", "state", "version", "filed_by", "asked", "recorded", "marked_fields", "superseded_fields"),
    *("created_at", "queued_at", "escalated_at", "objected_at"),
)
CHANGE: Final = (*(_c[name] for name in _NOUN), _c.proof_id.is_not(None).label("proven"))
"""The columns of a change that the rules read."""


def change_of(row: asyncpg.Record | RowMapping | Mapping[str, Any]) -> InformationChange:
    """A row of CHANGE as the rules see it."""
    lists = {name: tuple(row[name]) for name in ("marked_fields", "superseded_fields")}
    typed = {"state": ChangeState(row["state"]), "filed_by": Party(row["filed_by"])}
    return InformationChange(**{**row, **typed, **lists})


def unattended() -> ColumnElement[bool]:
    """True where nobody but the nurse of a registration may review for her institution, or that is not active."""
    serves = and_(institution.c.id == registration.c.institution_id, institution.c.state == InstitutionState.ACTIVE)
    there = exists().where(serves, attended(institution.c.id, registration.c.nurse_id)).correlate(registration)
    return and_(registration.c.institution_id.is_not(None), ~there)


def _working_day(which: FromClause, after: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """The last of so many working days after a day; null where the calendar ends."""
    later = select(calendar_day.c.day).where(calendar_day.c.working, calendar_day.c.day > cast(after, Date()))
    return later.order_by(calendar_day.c.day).offset(days - 1).limit(1).correlate(which).scalar_subquery()


def objection_until(which: FromClause) -> ColumnElement[Any]:
    """The last day on which she may object to an edit of her institution; null of what she asked for herself."""
    return case((which.c.filed_by == Party.INSTITUTION, _working_day(which, which.c.created_at, OBJECTION_DAYS)))


def due_on(which: FromClause, institution_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The last day for the institution's word, or for the authority's decision on an objection; null of any other."""
    state = which.c.state
    waits = and_(state == ChangeState.PENDING, which.c.escalated_at.is_(None), institution_id.is_not(None))
    return case(
        (waits, _working_day(which, which.c.queued_at, SILENCE_DAYS)),
        (state == ChangeState.DISPUTED, _working_day(which, which.c.queued_at, DISPUTE_DAYS)),
    )


_THE: Final = information_change.alias("the_change")
_AT: Final = registration.c.institution_id


def facts_sql(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The change of a key with all that its steps hang on, as base64 of JSON: a plan leaves judging to the rules."""
    source = _THE.join(registration, registration.c.nurse_id == _THE.c.nurse_id).join(
        nurse, nurse.c.id == _THE.c.nurse_id
    )
    settled = _THE.c.state.in_([ChangeState.APPROVED, ChangeState.ANNOUNCED])
    besides = {
        "proven": _THE.c.proof_id.is_not(None),
        "status": registration.c.status,
        "institution_id": _AT,
        "authority_id": registration.c.authority_id,
        "unit_id": registration.c.unit_id,
        "merged": nurse.c.merged_into.is_not(None),
        "today": func.current_date(),
        "office": office(registration.c.authority_id, _THE.c.nurse_id, Role.REVIEWER),
        "unattended": case((_THE.c.state == ChangeState.PENDING, unattended())),
        "silence_until": due_on(_THE, _AT),
        "objection_until": case((settled, objection_until(_THE))),
        **{f"record_{name}": case((settled, nurse.c[name])) for name in COLUMNS},
    }
    columns = (*(_THE.c[name] for name in _NOUN), *(column.label(name) for name, column in besides.items()))
    facts = select(*columns).select_from(source).where(_THE.c.id == key).subquery("facts")
    text = func.convert_to(func.to_json(facts.table_valued()).cast(Text()), "UTF8")
    return select(func.translate(func.encode(text, "base64"), "\n", "")).select_from(facts).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as it is read, and what its steps meet besides."""

    change: InformationChange
    around: Around


def read_facts(facts: bytes | str) -> Seen:
    """The change of `facts_sql` with all that its steps hang on."""
    row = orjson.loads(b64decode(facts))
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in _NOUN if name.endswith("_at")}
    ids = {name: UUID(row[name]) for name in ("id", "nurse_id")}
    change = change_of({**{name: row[name] for name in (*_NOUN, "proven")}, **moments, **ids})
    record = recorded_values({name: row[f"record_{name}"] for name in COLUMNS})
    around = Around(
        Registration(
            change.nurse_id,
            RegistrationStatus(row["status"]),
            institution_id=_id(row["institution_id"]),
            authority_id=_id(row["authority_id"]),
            unit_id=_id(row["unit_id"]),
        ),
        date.fromisoformat(row["today"]),
        office=_id(row["office"]),
        unattended=bool(row["unattended"]),
        silence_until=_day(row["silence_until"]),
        objection_until=_day(row["objection_until"]),
        disputable=disputable(change, record),
        merged=row["merged"],
    )
    return Seen(change, around)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None

"""The facts of an application that its open steps hang on: selected as one text, judged by the rules."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Text, func, select

from db.read.competence import places, places_of
from db.read.stranded import stranded
from db.store.tables import authority
from db.store.tables_application import application
from rules.application import Application, State
from rules.kinds import Kind
from rules.people import Party

_JUDGED = (
    *("id", "kind", "state", "version", "revision", "nurse_id", "institution_id", "authority_id", "filed_by"),
    *("corrections", "recommender_id", "answering_id", "on_hold", "objected", "extended", "holder_id"),
    *("held_until", "queued_at", "blocked_by_id", "claimed"),
)


def facts_sql(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The facts that decide the open steps of an application, as base64 of JSON: a plan leaves judging to the rules."""
    columns = [application.c[name] for name in _JUDGED]
    facts = (
        select(
            *columns,
            *places(application),
            authority.c.two_persons,
            stranded(application).label("stranded"),
            func.now().label("now"),
        )
        .outerjoin(authority, authority.c.id == application.c.authority_id)
        .where(application.c.id == key)
        .subquery("facts")
    )
    text = func.convert_to(func.to_json(facts.table_valued()).cast(Text()), "UTF8")
    return select(func.translate(func.encode(text, "base64"), "\n", "")).select_from(facts).scalar_subquery()


def read_facts(facts: bytes) -> tuple[Application, datetime]:
    """The application of `facts_sql` as the rules see it, and the time it is."""
    row = orjson.loads(b64decode(facts))
    now = datetime.fromisoformat(row.pop("now"))
    ids = {name: UUID(value) for name, value in row.items() if name.endswith("id") and value}
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in ("held_until", "queued_at")}
    typed = {"kind": Kind(row["kind"]), "state": State[row["state"]], "filed_by": Party(row["filed_by"])}
    more: dict[str, Any] = {"two_persons": bool(row["two_persons"]), "form": {}, "places": places_of(row)}
    plain = {name: row[name] for name in Application.__slots__ if name in row}
    return Application(**{**plain, **ids, **typed, **moments, **more}), now

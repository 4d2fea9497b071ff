"""The content of the notices on an application's period: it is longer (许可法 42), or stands still (许可法 45)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from db import law as laws
from db.letter import OF_APPLICATION
from db.paper import rows_of
from db.read import scope
from db.read.batch import Row
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import authority, institution
from db.store.tables_application import application, application_pause
from rules.hold import HOLDS
from rules.people import Actor
from rules.ticket import FileKind

_p: Final = application_pause.c
_HELD: Final = and_(_p.application_id == application.c.id, _p.kind.in_(sorted(HOLDS)))
OF_PERIOD: Final = frozenset({FileKind.EXTENSION_NOTICE, FileKind.PAUSE_NOTICE})
"""The files that are notices on the period."""


async def with_notice(reader: Reader, viewer: Actor, keys: Sequence[UUID], file: FileKind) -> set[UUID]:
    """The applications that have such a notice, as far as the viewer may read it."""
    return {row.id for row in await reader.execute(_found(viewer, keys, file))}


async def notices(reader: Reader, viewer: Actor, keys: Sequence[UUID], file: FileKind) -> dict[UUID, Row]:
    """The newest notice on the period of each application that has one, and the application."""
    extended = file is FileKind.EXTENSION_NOTICE
    at = application.c.extended_at if extended else _p.started_at
    query = _found(viewer, keys, file).add_columns(
        *(application.c[name] for name in OF_APPLICATION),
        *(at.label("at"), (application.c.extension_reason if extended else _p.reason).label("why")),
        *(application.c.extended_from, application.c.extended_until),
        *((authority.c.name.label(name)) for name in ("received_by", "authority")),
        institution.c.name.label("institution"),
        *(() if extended else (_p.kind.label("pause"), _p.expected_days)),
    )
    if not extended:
        query = query.ext(distinct_on(application.c.id)).order_by(application.c.id, _p.id.desc())
    rows, settings = rows_of(await reader.execute(query)), await laws.history(reader)
    stands = {"outcome": "EXTENDED" if extended else "PAUSED", "stage": None, "opinion": None}
    nothing_marked: dict[str, list[Any]] = {"marked_fields": [], "marked_materials": []}
    return {
        row["id"]: {
            **row,
            **stands,
            **nothing_marked,
            "reasons": [row["why"]],
            "law": laws.of_moment(settings, row["at"]),
        }
        for row in rows
    }


def _found(viewer: Actor, keys: Sequence[UUID], file: FileKind) -> Select[Any]:
    source = application.join(authority, authority.c.id == application.c.authority_id)
    source = source.outerjoin(institution, institution.c.id == application.c.institution_id)
    there = application.c.extended_at.is_not(None)
    if file is FileKind.PAUSE_NOTICE:
        source, there = source.join(application_pause, _HELD), _p.started_at.is_not(None)
    wanted = (application.c.id.in_(keys), scope.applications(single(viewer)), there)
    return select(application.c.id).select_from(source).where(*wanted)

"""Queries on materials: the required ones, the files handed in, and the originals seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import (
    BindParameter,
    Boolean,
    Date,
    RowMapping,
    Uuid,
    bindparam,
    cast,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from db import blob as blobs
from db.read import scope
from db.read.checklist import THERE
from db.read.checklist import checklist as asked
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import blob
from db.store.tables_application import application, material, material_check
from rules.errors import NotFound, Words
from rules.form import Form, form_to_json
from rules.material import ChecklistItem
from rules.people import Actor

_ONE: Final = application.c.id == bindparam("application", type_=Uuid())
_TODAY: Final[BindParameter[Any]] = bindparam("today", type_=Date())
_MOVES: Final[BindParameter[Any]] = bindparam("moves", type_=Boolean())
_INSTITUTION: Final[BindParameter[Any]] = bindparam("institution", type_=Uuid())
_FORM: Final = func.coalesce(bindparam("form", type_=JSONB()), application.c.form, type_=JSONB())
_CHECKLIST: Final = Statement(
    asked(_ONE, _TODAY, _MOVES, _INSTITUTION, _FORM), ("application", "today", "moves", "institution", "form")
)


@dataclass(frozen=True, slots=True)
class Place:
    """The institution that an application goes to from now on; None where the first that claims it gets it."""

    institution_id: UUID | None


async def checklist(
    tx: Tx, application_id: UUID, place: Place | None = None, form: Form | None = None
) -> list[ChecklistItem]:
    """The required materials of an application, and the files handed in; as `form` asks for, where it gets one."""
    moves = {"moves": place is not None, "institution": place and place.institution_id}
    filled = None if form is None else form_to_json(form)
    rows = await tx.run(_CHECKLIST, {"application": application_id, "today": tx.today, "form": filled, **moves})
    return [_item(row) for row in rows]


async def checklists(
    reader: Reader, ids: Sequence[UUID], place: Place | None = None, today: date | None = None
) -> dict[UUID, list[ChecklistItem]]:
    """The checklists of applications that the viewer is known to see; of another `place`, where one is named."""
    moves = cast(place is not None, Boolean())
    named = cast(place and place.institution_id, Uuid())
    day = func.current_date() if today is None else cast(today, Date())
    query = asked(application.c.id.in_(ids), day, moves, named)
    found: dict[UUID, list[ChecklistItem]] = {key: [] for key in ids}
    for row in (await reader.execute(query)).mappings():
        found[row["owner"]].append(_item(row))
    return found


def _item(row: asyncpg.Record | RowMapping | Mapping[str, Any]) -> ChecklistItem:
    title = Words(row["title_zh"], row["title_en"])
    return ChecklistItem(row["code"], title, row["needed"], row["paper"], row["uploaded"], row["seen_at"])


async def counts(tx: Tx, application_id: UUID, code: str) -> tuple[int, int]:
    """The number of files of this code, and of all files, of a locked application."""
    of_code = func.count().filter(material.c.code == code).label("of_code")
    query = select(of_code, func.count().label("of_all")).where(material.c.application_id == application_id, THERE)
    found = (await tx.execute(query)).one()
    return found.of_code, found.of_all


async def insert(tx: Tx, key: UUID, values: Mapping[str, Any]) -> None:
    """A file that was handed in."""
    await tx.execute(material.insert().values({"id": key, "uploaded_at": tx.now, **values}))


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A material as it was handed in: for which application, under which code, and when."""

    application_id: UUID
    code: str
    at: datetime


async def handed_in(tx: Tx, key: UUID) -> HandedIn:
    """A material that is there; NotFound where it was removed."""
    query = select(material.c.application_id, material.c.code, material.c.uploaded_at).where(
        material.c.id == key, THERE
    )
    found = (await tx.execute(query)).one_or_none()
    if found is None:
        raise NotFound
    return HandedIn(found.application_id, found.code, found.uploaded_at)


async def remove(tx: Tx, key: UUID) -> None:
    """Remove a file of a locked application; NotFound if another request was first."""
    removing = update(material).where(material.c.id == key, THERE).values(removed_at=tx.now)
    if (await tx.execute(removing.returning(material.c.id))).one_or_none() is None:
        raise NotFound


async def check(tx: Tx, application_id: UUID, codes: Collection[str], by: UUID) -> None:
    """Mark the originals of these as seen; the first person who saw one stays."""
    if not codes:
        return
    seen = {"application_id": application_id, "seen_by": by, "seen_at": tx.now}
    rows = [{**seen, "code": code} for code in sorted(set(codes))]
    await tx.execute(upsert(material_check).values(rows).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """A file as it was handed in."""

    file_name: str
    media_type: str
    content: bytes


async def file(reader: Reader, viewer: Actor, key: UUID) -> Kept | None:
    """A file, where the viewer may read its application; else None."""
    source = material.join(application, application.c.id == material.c.application_id)
    query = select(material.c.file_name, material.c.media_type, *blobs.CONTENT).select_from(
        source.join(blob, blob.c.id == material.c.blob_id)
    )
    found = await reader.execute(query.where(material.c.id == key, scope.materials(single(viewer))))
    row = found.mappings().one_or_none()
    content = None if row is None else blobs.content_of(reader.keyring, dict(row))
    return None if row is None or content is None else Kept(row["file_name"], row["media_type"], content)

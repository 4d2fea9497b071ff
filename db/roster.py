"""Queries on the roster beside an institution's own list (名册核对): who is on it, and what was found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, bindparam, delete, insert, select, text, update

from db.read import scope
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import nurse, registration
from db.store.tables_roster import roster_check, roster_check_row
from rules.people import Actor
from rules.roster import Found, OnRoster

Document = tuple[str, bytes]
_VALUES: Final = {
    "department": nurse.c.department,
    "otherDepartment": nurse.c.other_department,
    "title": nurse.c.title,
    "post": nurse.c.post,
    "otherPost": nurse.c.other_post,
}
_r: Final = roster_check_row.c
# Ten thousand rows in one statement.
_INSERT: Final = Statement(
    text("""
insert into roster_check_row (roster_check_id, place, line, finding, nurse_id, recorded, wanted, problems)
select :key, t.* from jsonb_to_recordset(cast(:rows as jsonb))
  as t(place int, line int, finding text, nurse_id uuid, recorded jsonb, wanted jsonb, problems jsonb)
""").bindparams(bindparam("key", type_=Uuid()), bindparam("rows", type_=Text())),
    ["key", "rows"],
)


async def on_roster(reader: Reader, viewer: Actor) -> dict[Document, OnRoster]:
    """The nurses of the viewer's roster by their documents, in the order of their names; nobody else is looked at."""
    columns = (nurse.c.id, nurse.c.name, nurse.c.document_type, nurse.c.id_number_index)
    query = select(*columns, registration.c.certificate_number, *(one.label(name) for name, one in _VALUES.items()))
    query = query.join(registration, registration.c.nurse_id == nurse.c.id)
    rows = (
        await reader.execute(
            query.where(scope.roster(single(viewer), None, None)).order_by(nurse.c.name_order, nurse.c.id)
        )
    ).mappings()
    return {
        (row["document_type"], row["id_number_index"]): OnRoster(
            row["id"], row["name"], row["certificate_number"], {name: row[name] for name in _VALUES}
        )
        for row in rows
    }


async def earlier_documents(reader: Reader, viewer: Actor) -> dict[Document, UUID]:
    """The documents of records that were merged into those of the roster: they are these nurses' too."""
    old = nurse.alias("old")
    query = select(old.c.document_type, old.c.id_number_index, old.c.merged_into).join(
        registration, registration.c.nurse_id == old.c.merged_into
    )
    rows = await reader.execute(query.where(scope.roster(single(viewer), None, None)))
    return {(row.document_type, row.id_number_index): row.merged_into for row in rows}


async def replace(tx: Tx, key: UUID, by: Actor, found: Sequence[Found], notes: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found, in the place of what the same account found before."""
    before = select(roster_check.c.id).where(roster_check.c.account_id == by.account_id)
    await tx.execute(delete(roster_check_row).where(_r.roster_check_id.in_(before)))
    await tx.execute(delete(roster_check).where(roster_check.c.account_id == by.account_id))
    row = {"id": key, "institution_id": by.party_id, "account_id": by.account_id, "created_at": tx.now}
    await tx.execute(insert(roster_check).values(**row, notes=list(notes)))
    names = ("line", "finding", "nurse_id", "recorded", "wanted", "problems")
    rows = [{"place": place, **{name: getattr(one, name) for name in names}} for place, one in enumerate(found, 1)]
    await tx.run(_INSERT, {"key": key, "rows": orjson.dumps(rows, str).decode()})


async def lock(tx: Tx, by: Actor, key: UUID, places: Sequence[int]) -> dict[int, Any]:
    """These rows of a comparison of somebody's own, locked."""
    mine = select(roster_check.c.id).where(roster_check.c.id == key, roster_check.c.account_id == by.account_id)
    query = select(_r.place, _r.finding, _r.nurse_id, _r.recorded, _r.wanted, _r.done_at).where(
        _r.roster_check_id.in_(mine), _r.place.in_(places)
    )
    rows = await tx.execute(query.order_by(_r.place).with_for_update())
    return {row.place: row for row in rows}


async def finish(tx: Tx, key: UUID, places: Sequence[int], *, done: bool) -> None:
    """The rows on which a step was taken, or was undone."""
    await tx.execute(
        update(roster_check_row)
        .where(_r.roster_check_id == key, _r.place.in_(places))
        .values(done_at=tx.now if done else None)
    )


@asynccontextmanager
async def attempted(tx: Tx, *, keeps: bool = True) -> AsyncIterator[None]:
    """A part of a step that leaves nothing behind where it is refused, or is only tried."""
    part = await tx.connection.begin_nested()
    try:
        yield
    except BaseException:
        await part.rollback()
        raise
    await (part.commit() if keeps else part.rollback())

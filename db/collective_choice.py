"""Queries on the nurses of a collective filing (集体申请): nurses of a roster, or those that a list names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CompoundSelect, LargeBinary, Text, any_, cast, select, union

from db.read import scope
from db.read.filter import Condition
from db.read.listing import Window
from db.read.rows import given, restricted
from db.read.shapes import LISTINGS
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import nurse, registration
from rules.collective import MOST
from rules.identity import Identity
from rules.kinds import Kind
from rules.people import Actor


async def chosen(reader: Reader, viewer: Actor, where: Condition) -> list[UUID]:
    """The nurses of the viewer's roster that a filter chooses, and one more than one filing may be for."""
    roster = LISTINGS["nurses"]
    rows = restricted(roster, Window(0, roster.order, where=where), single(viewer), given)
    query = select(roster.key).select_from(roster.source).where(rows).order_by(roster.key).limit(MOST + 1)
    return list((await reader.execute(query)).scalars())


@dataclass(frozen=True, slots=True, repr=False)
class ListedNurse:
    """A nurse that a list may mean."""

    id: UUID
    name: str
    document: tuple[str, bytes]
    certificate_number: str | None


async def named(
    reader: Reader, viewer: Actor, kind: Kind, people: Collection[Identity], certificates: Collection[str]
) -> list[ListedNurse]:
    """The nurses with one of these documents or certificates, among those that the viewer may file for."""
    index = [reader.keyring.blind_index(one.number, "id_number") for one in people]
    rows = (await reader.execute(naming(viewer, kind, index, certificates))).all()
    return [
        ListedNurse(row.id, row.name, (row.document_type, row.id_number_index), row.certificate_number) for row in rows
    ]


def naming(viewer: Actor, kind: Kind, index: Collection[bytes], certificates: Collection[str]) -> CompoundSelect[Any]:
    """The query for them: each by its own index, for by either of the two the whole register would be read."""
    columns = (nurse.c.id, nurse.c.name, nurse.c.document_type, nurse.c.id_number_index)
    asked = (
        nurse.c.id_number_index == any_(cast(list(index), ARRAY(LargeBinary))),
        registration.c.certificate_number == any_(cast(list(certificates), ARRAY(Text))),
    )
    theirs = select(*columns, registration.c.certificate_number).join(
        registration, registration.c.nurse_id == nurse.c.id
    )
    mine = scope.fileable(single(viewer), kind)
    # The number of a record that was merged into hers is hers too.
    old = nurse.alias("old")
    by_old = select(nurse.c.id, nurse.c.name, old.c.document_type, old.c.id_number_index)
    by_old = by_old.add_columns(registration.c.certificate_number).join_from(
        old, nurse, nurse.c.id == old.c.merged_into
    )
    by_old = by_old.join(registration, registration.c.nurse_id == nurse.c.id)
    merged = by_old.where(mine, old.c.id_number_index == any_(cast(list(index), ARRAY(LargeBinary))))
    return union(*(theirs.where(mine, nurse.c.merged_into.is_(None), one) for one in asked), merged)

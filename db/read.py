"""Rows by key, for the dataloaders: one statement a batch, under the viewer's scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select

from db.engine import Reader
from db.shape import SHAPES
from rules.people import Actor

Row = Mapping[str, Any]


async def by_ids(reader: Reader, viewer: Actor | None, noun: str, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Those of `ids` that the viewer may read, as the fields of the noun's shape."""
    shape = SHAPES[noun]
    query = select(shape.key.label("_key"), *shape.columns(viewer)).select_from(shape.source)
    rows = await reader.execute(query.where(shape.key.in_(ids), shape.scope(viewer)))
    return {row["_key"]: _fields(row) for row in rows.mappings()}


async def of_owners(
    reader: Reader, viewer: Actor | None, noun: str, owners: Sequence[UUID], first: int
) -> dict[UUID, list[Row]]:
    """The newest `first` rows that belong to each owner, newest first."""
    shape = SHAPES[noun]
    assert shape.newest_first is not None
    order = shape.newest_first.desc()
    nth = func.row_number().over(partition_by=shape.key, order_by=order).label("_nth")
    inner = (
        select(shape.key.label("_key"), nth, *shape.columns(viewer))
        .select_from(shape.source)
        .where(shape.key.in_(owners), shape.scope(viewer))
        .subquery()
    )
    query = select(inner).where(inner.c["_nth"] <= first).order_by(inner.c["_key"], inner.c["_nth"])
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in (await reader.execute(query)).mappings():
        found[row["_key"]].append(_fields(row))
    return found


def _fields(row: RowMapping) -> Row:
    return {str(name): value for name, value in row.items() if not str(name).startswith("_")}

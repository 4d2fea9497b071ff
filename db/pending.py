"""Pending reviews: what waits on a reviewer's desk, oldest first, with the place in the feed to follow from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true, tuple_

from db.engine import Reader
from db.shape import SHAPES
from db.tables import application, feed_scope
from rules.application import PENDING
from rules.errors import NotAllowed
from rules.kinds import Kind
from rules.people import Actor, Party

COUNTED: Final = 10_000
Position = tuple[datetime, UUID]


@dataclass(frozen=True)
class Page:
    """One page in queue order; `seq` is the feed's position in the same snapshot as the rows."""

    rows: Sequence[Mapping[str, Any]]
    more: bool
    seq: int


def desk(viewer: Actor) -> ColumnElement[bool]:
    """The rows on the viewer's own desk; refuses whoever has none."""
    if not viewer.active or viewer.party is None or viewer.party not in PENDING:
        raise NotAllowed
    owner = application.c.institution_id if viewer.party is Party.INSTITUTION else application.c.authority_id
    # Written out, so that the desk's partial index is used.
    return and_(owner == viewer.party_id, application.c.state.in_(sorted(PENDING[viewer.party])))


@dataclass(frozen=True)
class Between:
    """The part of the queue that a page is taken from: from its start, or `backwards` from its end."""

    after: Position | None = None
    before: Position | None = None
    backwards: bool = False


async def page(reader: Reader, viewer: Actor, size: int, between: Between, kinds: Sequence[Kind] | None = None) -> Page:
    """Up to `size` rows, always in queue order."""
    shape = SHAPES["Application"]
    place = tuple_(application.c.queued_at, application.c.id)
    order = [application.c.queued_at, application.c.id]
    rows = (
        select(*shape.columns(viewer))
        .select_from(shape.source)
        .where(
            desk(viewer),
            place > tuple_(*between.after) if between.after else true(),
            place < tuple_(*between.before) if between.before else true(),
            application.c.kind.in_(kinds) if kinds is not None else true(),
        )
        .order_by(*(column.desc() if between.backwards else column for column in order))
        .limit(size + 1)
        .subquery("page")
    )
    seq = func.coalesce(select(feed_scope.c.seq).where(feed_scope.c.scope == viewer.party_id).scalar_subquery(), 0)
    stand = select(seq.label("_seq")).subquery("stand")
    query = select(stand.c["_seq"], rows).select_from(stand.outerjoin(rows, true()))
    found = [dict(row) for row in (await reader.execute(query)).mappings()]
    position = found[0]["_seq"]
    shown = [{name: value for name, value in row.items() if name != "_seq"} for row in found if row["id"] is not None]
    kept = shown[:size]
    return Page(kept[::-1] if between.backwards else kept, len(shown) > size, position)


async def count(reader: Reader, viewer: Actor, kinds: Sequence[Kind] | None = None) -> int:
    """How many wait, exact up to COUNTED; one more than that means more."""
    some = application.c.kind.in_(kinds) if kinds is not None else true()
    limited = select(application.c.id).where(desk(viewer), some).limit(COUNTED + 1).subquery()
    total: int = (await reader.execute(select(func.count()).select_from(limited))).scalar_one()
    return total

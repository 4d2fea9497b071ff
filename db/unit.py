"""Queries on an institution's units (科室病区): the steps' side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, exists, literal, or_, select, update

from db.ending import IN_TURN
from db.read import scope
from db.read.viewer import single
from db.store.engine import Reader, Tx
from db.store.tables import account, registration
from db.store.tables_application import application
from db.store.tables_unit import pre_review, unit
from rules.application import State
from rules.errors import NotFound
from rules.people import Actor
from rules.unit import Unit, UnitKind

_c: Final = unit.c
_NOUN: Final = select(
    *(_c[name] for name in ("id", "institution_id", "name", "parent_id", "row_version")),
    _c.kind,
    _c.closed_at.is_not(None).label("closed"),
)


async def lock(tx: Tx, institution_id: UUID | None, key: UUID, *, shared: bool = False) -> Unit:
    """A unit of an institution, NotFound for another's: whoever closes it waits for those on the way to it."""
    query = _NOUN.where(_c.institution_id == institution_id, _c.id == key).with_for_update(read=shared)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return Unit(**{**row, "kind": UnitKind(row["kind"])})


async def by_ids(tx: Tx, institution_id: UUID, keys: Sequence[UUID]) -> dict[UUID, Unit]:
    """The ones of these units that are an institution's."""
    own = and_(_c.institution_id == institution_id, _c.id == any_(literal(list(keys), ARRAY(Uuid))))
    rows = (await tx.execute(_NOUN.where(own))).mappings()
    return {row["id"]: Unit(**{**row, "kind": UnitKind(row["kind"])}) for row in rows}


async def name_taken(tx: Tx, institution_id: UUID, name: str, besides: UUID | None = None) -> bool:
    """True if another open unit of a locked institution has this name."""
    same = and_(_c.institution_id == institution_id, _c.name == name, _c.closed_at.is_(None))
    query = select(exists().where(same, _c.id.is_distinct_from(besides)))
    found: bool = (await tx.execute(query)).scalar_one()
    return found


async def insert(tx: Tx, **values: Any) -> None:
    """A new unit of a locked institution."""
    await tx.execute(unit.insert().values(created_at=tx.now, **values))


async def write(tx: Tx, key: UUID, **values: Any) -> None:
    """Write these columns of a unit of a locked institution."""
    await tx.execute(update(unit).where(_c.id == key).values(values))


async def holds(tx: Tx, key: UUID) -> tuple[bool, bool]:
    """True for nurses that belong to a unit, and for open units below it."""
    nurses = exists().where(registration.c.unit_id == key)
    below = exists().where(_c.parent_id == key, _c.closed_at.is_(None))
    row = (await tx.execute(select(nurses.label("nurses"), below.label("units")))).one()
    return row.nurses, row.units


async def close_all(tx: Tx, institution_id: UUID) -> None:
    """The end of all units of an institution that has ended."""
    own = update(unit).where(_c.institution_id == institution_id, _c.closed_at.is_(None))
    await tx.execute(own.values(closed_at=tx.now))


async def limited_to(reader: Reader, key: UUID) -> list[UUID]:
    """The accounts that are limited to a unit."""
    query = select(account.c.id).where(literal(key) == any_(account.c.unit_ids)).order_by(account.c.id)
    return list((await reader.execute(query)).scalars())


async def within(reader: Reader, keys: Sequence[UUID]) -> frozenset[UUID]:
    """These units and those below them."""
    asked = literal(list(keys), ARRAY(Uuid))
    query = select(_c.id).where(or_(_c.id == any_(asked), _c.parent_id == any_(asked)))
    return frozenset((await reader.execute(query)).scalars())


async def on_roster(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> set[UUID]:
    """The ones of these nurses who are on the viewer's roster."""
    hers = registration.c.nurse_id == any_(literal(list(keys), ARRAY(Uuid)))
    query = select(registration.c.nurse_id).where(hers, scope.roster(single(viewer), None, None))
    return set((await reader.execute(query)).scalars())


async def waiting(reader: Reader, institution_id: UUID | None, keys: Sequence[UUID]) -> list[UUID]:
    """The applications of these nurses that an institution reviews, in the order of locks."""
    lies_there = and_(application.c.institution_id == institution_id, application.c.state == State.INSTITUTION_REVIEW)
    hers = application.c.nurse_id == any_(literal(list(keys), ARRAY(Uuid)))
    return list((await reader.execute(select(application.c.id).where(lies_there, hers).order_by(*IN_TURN))).scalars())


async def assign(tx: Tx, keys: Sequence[UUID], unit_id: UUID | None) -> None:
    """The unit of locked nurses from now on."""
    hers = registration.c.nurse_id == any_(literal(list(keys), ARRAY(Uuid)))
    await tx.execute(update(registration).where(hers).values(unit_id=unit_id, version=registration.c.version + 1))


async def last_pre_review(tx: Tx, application_id: UUID) -> dict[str, Any] | None:
    """The newest word of a ward head on a locked application."""
    query = select(pre_review).where(pre_review.c.application_id == application_id).order_by(pre_review.c.id.desc())
    row = (await tx.execute(query.limit(1))).mappings().one_or_none()
    return None if row is None else dict(row)


async def insert_pre_review(tx: Tx, **values: Any) -> None:
    """The word of a ward head on a locked application."""
    await tx.execute(pre_review.insert().values(at=tx.now, **values))

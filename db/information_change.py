"""Queries on changes of what the register says of a nurse (信息修改): locked with the nurse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    update,
)

from db.read.information import CHANGE, Seen, change_of, facts_sql, objection_until, read_facts, unattended
from db.store.engine import Reader, Tx
from db.store.statement import Statement, given, updated
from db.store.tables import nurse, registration
from db.store.tables_application import application, information_change
from rules.conflict import Situation
from rules.errors import Conflict, NotFound
from rules.information_change import HERS, OPEN, ChangeState, InformationChange, lapses_before
from rules.information_form import COLUMNS
from rules.moves import OPEN as OPEN_APPLICATIONS

_c: Final = information_change.c
_OPEN: Final = _c.state.in_(sorted(OPEN))
_GET: Final = select(*CHANGE)


async def nurse_of(tx: Tx, key: UUID) -> UUID:
    """The nurse whom a change is about; it never becomes another's while it is open."""
    found = await tx.run(_NURSE, {"key": key})
    if not found:
        raise NotFound
    nurse_id: UUID = found[0]["nurse_id"]
    return nurse_id


_KEY: Final = bindparam("key", type_=Uuid())
_NURSE: Final = Statement(select(_c.nurse_id).where(_c.id == _KEY), ["key"])
_BESIDE: Final = ("document_type",)
_RECORD: Final = Statement(select(*(nurse.c[name] for name in (*COLUMNS, *_BESIDE))).where(nurse.c.id == _KEY), ["key"])
_UNATTENDED: Final = Statement(
    select(unattended().label("found")).select_from(registration).where(registration.c.nurse_id == _KEY), ["key"]
)
_UNDER_WAY: Final = Statement(
    select(
        exists()
        .where(application.c.nurse_id == _KEY, application.c.state.in_(sorted(OPEN_APPLICATIONS)))
        .label("found")
    ),
    ["key"],
)
_SEEN: Final = Statement(select(facts_sql(_KEY).label("facts")), ["key"])
_WAITING: Final = Statement(_GET.where(_c.nurse_id == _KEY, _OPEN), ["key"])


async def seen(tx: Tx, key: UUID) -> Seen:
    """A change about a locked nurse, with what its steps hang on besides."""
    (row,) = await tx.run(_SEEN, {"key": key})
    found = read_facts(row["facts"])
    return replace(found, around=replace(found.around, today=tx.today))


async def all_seen(reader: Reader, keys: Sequence[UUID]) -> dict[UUID, Seen]:
    """Changes with what their steps hang on besides."""
    key: ColumnElement[UUID] = literal_column("asked.key", Uuid())
    asked = func.unnest(cast(list(keys), ARRAY(Uuid()))).table_valued("key").render_derived(name="asked")
    query = select(key.label("key"), facts_sql(key).label("facts")).select_from(asked)
    rows = (await reader.execute(query)).all()
    return {row.key: read_facts(row.facts) for row in rows if row.facts is not None}


async def waiting(tx: Tx, nurse_id: UUID) -> list[InformationChange]:
    """The changes of a locked nurse that are open."""
    return [change_of(row) for row in await tx.run(_WAITING, {"key": nurse_id})]


_WAIT: Final = Statement(
    select(_c.nurse_id).where(_c.nurse_id == any_(bindparam("keys", type_=ARRAY(Uuid()))), _OPEN).distinct(), ["keys"]
)


async def of_nurses(tx: Tx, nurses: Sequence[UUID]) -> set[UUID]:
    """The ones of these locked nurses who have changes that are open."""
    return {row["nurse_id"] for row in await tx.run(_WAIT, {"keys": list(nurses)})}


_HERS: Final = Statement(
    select(_c.nurse_id, registration.c.authority_id)
    .join(registration, registration.c.nurse_id == _c.nurse_id)
    .where(_c.nurse_id == any_(bindparam("keys", type_=ARRAY(Uuid()))), _c.state.in_(sorted(HERS)))
    .where(_c.escalated_at.is_(None)),
    ["keys"],
)


async def left_behind(tx: Tx, nurses: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Those of these locked nurses whose institution had a change of theirs to review, with their 注册机关."""
    return {row["nurse_id"]: row["authority_id"] for row in await tx.run(_HERS, {"keys": list(nurses)})}


async def record_of(tx: Tx, nurse_id: UUID) -> dict[str, object]:
    """The values that the register has of a locked nurse: what a change may write, and what that is compared with."""
    (row,) = await tx.run(_RECORD, {"key": nurse_id})
    return dict(row)


async def nobody_reviews(tx: Tx, nurse_id: UUID) -> bool:
    """True if nobody but the nurse may review it where she is registered, or her institution is not active."""
    (row,) = await tx.run(_UNATTENDED, {"key": nurse_id})
    found: bool = row["found"]
    return found


async def has_open_application(tx: Tx, nurse_id: UUID) -> bool:
    """True if an application of a locked nurse is under way."""
    (row,) = await tx.run(_UNDER_WAY, {"key": nurse_id})
    found: bool = row["found"]
    return found


async def is_open(tx: Tx, nurse_id: UUID) -> bool:
    """True if a change of this nurse is under way."""
    under_way = exists().where(_c.nurse_id == nurse_id, _c.state.in_(sorted(OPEN)))
    found: bool = (await tx.execute(select(under_way))).scalar_one()
    return found


async def insert(tx: Tx, key: UUID, **values: Any) -> None:
    """A new change of a locked nurse; Conflict while another one that she asked for is open."""
    row = {"id": key, "created_at": tx.now, "queued_at": tx.now, **values}
    try:
        await tx.run(_inserted(tuple(row)), row)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "information_change_one_open":
            raise
        raise Conflict(Situation.REQUEST_PENDING) from error


@cache
def _inserted(names: tuple[str, ...]) -> Statement:
    return Statement.insert(information_change, *names)


async def move(tx: Tx, change: InformationChange, state: ChangeState, by: UUID | None, **values: Any) -> None:
    """Write where a change of a locked nurse stands now."""
    ended = {"decided_at": None, "decided_by": None} if state in OPEN else {"decided_at": tx.now, "decided_by": by}
    moved = {"state": state, "version": change.version + 1, **ended, **values}
    await tx.run(_moved(tuple(moved)), {"key": change.id, **moved})


@cache
def _moved(names: tuple[str, ...]) -> Statement:
    moved = update(information_change).where(_c.id == _KEY).values(given(information_change, names))
    return Statement(moved, ("key", *names))


async def write_record(tx: Tx, nurse_id: UUID, values: Mapping[str, object]) -> list[InformationChange]:
    """Carry values into the record of a locked nurse, in one statement; gives her open changes.

    Where many are written together, nobody of them has any: whoever has is left to a step of her own.
    """
    if not values:
        return []
    rows = await tx.run(_written(tuple(values)), {"key": nurse_id, **values})
    return [change_of(row) for row in rows]


@cache
def _written(names: tuple[str, ...]) -> Statement:
    """Writes these columns of a nurse's record; each kind's form has its own."""
    written = update(nurse).where(nurse.c.id == _KEY).values(given(nurse, names)).returning(nurse.c.id).cte("written")
    found = _GET.where(_c.nurse_id.in_(select(written.c.id)), _OPEN)
    return Statement(found, ("key", *names), together=updated(nurse, "key", names))


# That of a merged record waits until the merge is undone.
_MERGED: Final = select(nurse.c.id).where(nurse.c.id == _c.nurse_id, nurse.c.merged_into.is_not(None)).exists()


async def stale(tx: Tx, size: int) -> list[UUID]:
    """Changes that were returned, and whose answer nobody waits for any longer; so many of them."""
    old = and_(_c.state == ChangeState.RETURNED, _c.queued_at < lapses_before(tx.now), ~_MERGED)
    return list((await tx.execute(select(_c.id).where(old).order_by(_c.id).limit(size))).scalars())


async def unopposed(tx: Tx, size: int) -> list[UUID]:
    """Edits that she may not object to any more, and has not; so many of them."""
    over = and_(_c.state == ChangeState.ANNOUNCED, objection_until(information_change) < tx.today, ~_MERGED)
    return list((await tx.execute(select(_c.id).where(over).order_by(_c.id).limit(size))).scalars())

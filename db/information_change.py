"""Queries on changes of what the register says of a nurse (信息修改): locked with the nurse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import RowMapping, Uuid, and_, bindparam, exists, select, update
from sqlalchemy.exc import IntegrityError

from db.read.recusal import attended
from db.store.engine import Reader, Tx
from db.store.statement import Statement, given
from db.store.tables import institution, nurse, registration
from db.store.tables_application import application, information_change
from rules.conflict import Situation
from rules.errors import Conflict, NotFound
from rules.information_change import COLUMNS, OPEN, ChangeState, InformationChange, lapses_before
from rules.institution import InstitutionState
from rules.moves import OPEN as OPEN_APPLICATIONS

_c: Final = information_change.c
_OPEN: Final = _c.state.in_(sorted(OPEN))
_NOUN: Final = (
    *(
        "id",
        "nurse_id",
        "state",
        "version",
        "asked",
        "recorded",
        "marked_fields",
        "superseded_fields",
        "queued_at",
        "escalated_at",
    ),
)
_GET: Final = select(*(_c[name] for name in _NOUN))


async def nurse_of(reader: Reader, key: UUID) -> UUID:
    """The nurse whom a change is about; it never becomes another's while it is open."""
    found: UUID | None = (await reader.execute(select(_c.nurse_id).where(_c.id == key))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def get(tx: Tx, key: UUID) -> InformationChange:
    """A change about a locked nurse."""
    return _noun((await tx.execute(_GET.where(_c.id == key))).mappings().one())


def _noun(row: asyncpg.Record | RowMapping | Mapping[str, Any]) -> InformationChange:
    typed = {"state": ChangeState(row["state"]), "marked_fields": tuple(row["marked_fields"])}
    typed["superseded_fields"] = tuple(row["superseded_fields"])
    return InformationChange(**{**row, **typed})


async def record_of(tx: Tx, nurse_id: UUID) -> dict[str, object]:
    """The values that the register has of a locked nurse, as far as a change may write them."""
    query = select(*(nurse.c[name] for name in COLUMNS)).where(nurse.c.id == nurse_id)
    return dict((await tx.execute(query)).mappings().one())


async def unattended(tx: Tx, nurse_id: UUID) -> bool:
    """True if nobody but the nurse may review it where she is registered, or her institution is not active."""
    serves = and_(institution.c.id == registration.c.institution_id, institution.c.state == InstitutionState.ACTIVE)
    there = exists().where(serves, attended(institution.c.id, registration.c.nurse_id)).correlate(registration)
    query = select(registration.c.institution_id.is_not(None) & ~there).where(registration.c.nurse_id == nurse_id)
    found: bool = (await tx.execute(query)).scalar_one()
    return found


async def has_open_application(tx: Tx, nurse_id: UUID) -> bool:
    """True if an application of a locked nurse is under way."""
    under_way = and_(application.c.nurse_id == nurse_id, application.c.state.in_(sorted(OPEN_APPLICATIONS)))
    found: bool = (await tx.execute(select(exists().where(under_way)))).scalar_one()
    return found


async def is_open(tx: Tx, nurse_id: UUID) -> bool:
    """True if a change of this nurse is under way."""
    under_way = exists().where(_c.nurse_id == nurse_id, _c.state.in_(sorted(OPEN)))
    found: bool = (await tx.execute(select(under_way))).scalar_one()
    return found


async def insert(tx: Tx, key: UUID, **values: Any) -> None:
    """A new change of a locked nurse; Conflict while another one is open."""
    row = {"id": key, "created_at": tx.now, "queued_at": tx.now, **values}
    try:
        await tx.execute(information_change.insert().values(row))
    except IntegrityError as error:
        if "information_change_one_open" not in str(error.orig):
            raise
        raise Conflict(Situation.REQUEST_PENDING) from error


async def move(tx: Tx, change: InformationChange, state: ChangeState, by: UUID | None, **values: Any) -> None:
    """Write where a change of a locked nurse stands now."""
    ended = {} if state in OPEN else {"decided_at": tx.now, "decided_by": by}
    moved = {"state": state, "version": change.version + 1, **ended, **values}
    await tx.execute(update(information_change).where(_c.id == change.id).values(moved))


async def write_record(tx: Tx, nurse_id: UUID, values: Mapping[str, object]) -> InformationChange | None:
    """Carry values into the record of a locked nurse, in one statement; gives her open change, if she has one."""
    if not values:
        return None
    rows = await tx.run(_written(tuple(values)), {"key": nurse_id, **values})
    return _noun(rows[0]) if rows else None


@cache
def _written(names: tuple[str, ...]) -> Statement:
    """Writes these columns of a nurse's record; each kind's form has its own."""
    key = bindparam("key", type_=Uuid())
    written = update(nurse).where(nurse.c.id == key).values(given(nurse, names)).returning(nurse.c.id).cte("written")
    return Statement(_GET.where(_c.nurse_id.in_(select(written.c.id)), _OPEN), ("key", *names))


async def stale(tx: Tx, size: int) -> list[UUID]:
    """Changes that were returned, and whose answer nobody waits for any longer; so many of them."""
    # That of a merged record waits until the merge is undone.
    merged = select(nurse.c.id).where(nurse.c.id == _c.nurse_id, nurse.c.merged_into.is_not(None)).exists()
    old = and_(_c.state == ChangeState.RETURNED, _c.queued_at < lapses_before(tx.now), ~merged)
    return list((await tx.execute(select(_c.id).where(old).order_by(_c.id).limit(size))).scalars())

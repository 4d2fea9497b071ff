"""Queries on complaints about looks (查阅投诉): the look, the complaint, its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from db import recusal
from db.read import scope
from db.read.viewer import single
from db.store.engine import Tx
from db.store.tables import audit, authority, institution
from db.store.tables_look import look_complaint
from rules.errors import NotFound
from rules.look_complaint import ComplaintState, LookComplaint
from rules.people import Actor, Party, Role

_c: Final = look_complaint.c
_KEPT: Final = ("action", "purpose", "party", "place_id", "roles")
_LICENSER: Final = select(institution.c.authority_id).where(institution.c.id == audit.c.place_id).scalar_subquery()
_ABOVE: Final = (
    select(func.coalesce(authority.c.parent_id, authority.c.id))
    .where(authority.c.id == audit.c.place_id)
    .scalar_subquery()
)
_ROOT: Final = select(authority.c.id).where(authority.c.parent_id.is_(None)).limit(1).scalar_subquery()


@dataclass(frozen=True, slots=True, repr=False)
class Complained:
    """A look that somebody complains about, as its complaint keeps it, and the authority that answers."""

    nurse_id: UUID
    authority_id: UUID
    kept: Mapping[str, Any]


async def look(tx: Tx, viewer: Actor, nurse_id: UUID, look_id: UUID) -> Complained:
    """A look that the nurse is told of; the authority above the place answers, or the nearest that has a supervisor."""
    answers = func.coalesce(case((audit.c.party == Party.INSTITUTION, _LICENSER), else_=_ABOVE), _ROOT)
    columns = (audit.c.id, audit.c.at, audit.c.account_id, *(audit.c[name] for name in _KEPT))
    query = select(*columns, answers.label("answers")).where(audit.c.id == look_id, scope.looks(single(viewer)))
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound
    office = await recusal.officer_on(tx, row["answers"], nurse_id, Role.SUPERVISOR)
    kept = {name: row[name] for name in _KEPT}
    shown = {"look_id": row["id"], "looked_at": row["at"], "officer_id": row["account_id"], **kept}
    return Complained(nurse_id, office or row["answers"], shown)


async def insert(tx: Tx, key: UUID, about: Complained, words: str) -> bool:
    """A new complaint; False where she has complained about this look already."""
    row = {"id": key, "nurse_id": about.nurse_id, "authority_id": about.authority_id, **about.kept}
    new = {**row, "state": ComplaintState.PENDING, "words": words, "created_at": tx.now}
    statement = insert_or_not(look_complaint).values(new).on_conflict_do_nothing().returning(_c.id)
    return (await tx.execute(statement)).first() is not None


async def lock(tx: Tx, key: UUID) -> LookComplaint:
    """A complaint, held until the transaction ends."""
    names = ("id", "nurse_id", "authority_id", "officer_id", "state", "version")
    query = select(*(_c[name] for name in names)).where(_c.id == key).with_for_update()
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return LookComplaint(**{**row, "state": ComplaintState(row["state"])})


async def answer(tx: Tx, complaint: LookComplaint, **values: Any) -> None:
    """Write the answer to a locked complaint."""
    answered = {"state": ComplaintState.ANSWERED, "version": complaint.version + 1, **values}
    await tx.execute(update(look_complaint).where(_c.id == complaint.id).values(answered))

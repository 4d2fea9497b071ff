"""Queries on institutions: the steps' side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Row, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.store.ahead import Ahead, Said
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import approval_setting, authority, institution
from db.store.tables_account import institution_document
from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.institution import InstitutionDocument, InstitutionState
from rules.kinds import Kind


@dataclass(frozen=True, slots=True)
class Institution:
    """A locked institution; `path` is the place in the tree of the authority that licensed it."""

    id: UUID
    code: str
    name: str
    state: InstitutionState
    authority_id: UUID
    path: str


_TAKEN: Final[Mapping[str, FieldProblem]] = {
    "institution_code_key": FieldProblem(
        "code", "TAKEN", Words("该统一社会信用代码的机构已存在", "There is an institution of this code already.")
    ),
    "institution_name_key": FieldProblem(
        "name", "TAKEN", Words("已有同名机构，标准名称不得重复", "Another institution has this standard name.")
    ),
}
_COLUMNS: Final = ("id", "code", "name", "state", "responsible_name", "division", "authority_id", "created_at")
_INSERT: Final = Statement.insert(institution, *_COLUMNS)
_SEEN: Final = ("institution_id", "document", "seen_by", "seen_at")
_DOCUMENT: Final = Statement(
    upsert(institution_document)
    .values(given(institution_document, _SEEN))
    .on_conflict_do_update(
        index_elements=["institution_id", "document"], set_=given(institution_document, ("seen_by", "seen_at"))
    ),
    _SEEN,
)
_SETTING: Final = Statement.insert(approval_setting, "institution_id", "kind", "authority_id", "set_at")
# Not FOR UPDATE: rows that refer to an institution may come meanwhile, as an event's or a decision's.
_LOCK: Final = Statement(
    select(*(institution.c[name] for name in ("id", "code", "name", "state", "authority_id")), authority.c.path)
    .join(authority, authority.c.id == institution.c.authority_id)
    .where(institution.c.id == bindparam("key", type_=Uuid()))
    .with_for_update(of=institution, key_share=True),
    ["key"],
)


async def insert(tx: Tx, values: Mapping[str, Any]) -> None:
    """A new institution; Invalid where its code or standard name is another's."""
    try:
        await tx.run(_INSERT, {**values, "created_at": tx.now})
    except asyncpg.UniqueViolationError as error:
        raise _taken(error) from error


def _taken(error: asyncpg.UniqueViolationError) -> Exception:
    problem = _TAKEN.get(error.constraint_name or "")
    return error if problem is None else Invalid(problem)


async def insert_documents(tx: Tx, key: UUID, seen: Collection[InstitutionDocument], by: UUID) -> None:
    """Write down the documents that were seen on the spot, with the officer who saw them last."""
    for document in sorted(set(seen)):
        await tx.run(_DOCUMENT, {"institution_id": key, "document": document, "seen_by": by, "seen_at": tx.now})


async def insert_settings(tx: Tx, key: UUID, settings: Mapping[Kind, UUID]) -> None:
    """Its approving authority for each kind that is set (审批机关设置)."""
    for kind, authority_id in sorted(settings.items()):
        values = {"institution_id": key, "kind": kind, "authority_id": authority_id, "set_at": tx.now}
        await tx.run(_SETTING, values)


async def areas(tx: Tx, authority_id: UUID) -> list[str]:
    """The codes of an authority and of those above it, nearest first; not the nation's, whose area is everything."""
    own = select(authority.c.path).where(authority.c.id == authority_id).scalar_subquery()
    query = select(authority.c.code).where(func.starts_with(own, authority.c.path), authority.c.level != "NATION")
    return list((await tx.execute(query.order_by(func.length(authority.c.path).desc()))).scalars())


async def off_chain(tx: Tx, authority_id: UUID, others: Collection[UUID]) -> set[UUID]:
    """The authorities among the others that are neither this one nor above it."""
    own = select(authority.c.path).where(authority.c.id == authority_id).scalar_subquery()
    query = select(authority.c.id).where(authority.c.id.in_(others), func.starts_with(own, authority.c.path))
    return set(others) - set((await tx.execute(query)).scalars())


async def lock(tx: Tx, key: UUID) -> Institution:
    """The institution, held until the transaction ends."""
    found = await tx.run(_LOCK, {"key": key})
    if not found:
        raise NotFound
    return Institution(**{**found[0], "state": InstitutionState[found[0]["state"]]})


async def set_state(
    tx: Tx, key: UUID, state: InstitutionState, *, closed_at: datetime | None = None, into: UUID | None = None
) -> None:
    """Write a locked institution's new state, and which one it was merged into."""
    values = {"state": state, "closed_at": closed_at, "merged_into": into}
    await tx.execute(update(institution).where(institution.c.id == key).values(values))


async def set_responsible(tx: Tx, key: UUID, name: str) -> None:
    """Write who is responsible for a locked institution (医疗机构相关业务负责人)."""
    await tx.execute(update(institution).where(institution.c.id == key).values(responsible_name=name))


_RENAME: Final = Statement(
    update(institution)
    .where(institution.c.id == bindparam("key", type_=Uuid()))
    .values(name=bindparam("new_name", type_=institution.c.name.type)),
    ["key", "new_name"],
)


async def rename(tx: Tx, key: UUID, name: str) -> None:
    """Give a locked institution another standard name; Invalid where it is another's."""
    try:
        await tx.run(_RENAME, {"key": key, "new_name": name})
    except asyncpg.UniqueViolationError as error:
        raise _taken(error) from error


_PATH: Final = Statement(
    select(authority.c.path).where(authority.c.id == bindparam("authority", type_=Uuid())), ["authority"]
)
NAMED_AHEAD: Final = Ahead(_PATH, authority=Said(lambda command: command.authority_id))


async def path_of(tx: Tx, key: UUID) -> str | None:
    """An authority's place in the tree; None where there is none of this id."""
    found = await tx.run(_PATH, {"authority": key})
    return found[0]["path"] if found else None


async def find_authority(tx: Tx, key: UUID) -> Row[Any]:
    """An authority's id, name, level and place in the tree."""
    columns = (authority.c[name] for name in ("id", "name", "level", "path"))
    found = (await tx.execute(select(*columns).where(authority.c.id == key))).one_or_none()
    if found is None:
        raise NotFound
    return found


async def authorities_at(tx: Tx, paths: Sequence[str]) -> list[str]:
    """The names of the authorities at these places in the tree, in the same order."""
    query = select(authority.c.path, authority.c.name).where(authority.c.path.in_(paths))
    names = {row.path: row.name for row in await tx.execute(query)}
    return [names[path] for path in paths if path in names]


async def in_care(tx: Tx, key: UUID, authority_id: UUID) -> bool:
    """True if an authority has licensed an institution, or stands above the one that has."""
    licenser = select(institution.c.authority_id).where(institution.c.id == key).scalar_subquery()
    found = (await tx.execute(select(licenser))).scalar_one()
    return found is not None and not await off_chain(tx, found, {authority_id})

"""Queries on the tree of authorities (各级卫生健康行政部门, A9): the side of the steps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam, select

from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import authority
from rules.authority import AuthorityLevel, AuthoritySettings
from rules.errors import FieldProblem, Invalid, NotFound, Words

_KEY: Final = bindparam("key", type_=Uuid())
_COLUMNS: Final = [authority.c[name] for name in ("id", "code", "level", "path")]
_SETTINGS: Final = [authority.c[name] for name in ("two_persons", "renewal_window_days", "promised_days")]
_LOCK: Final = Statement(
    select(*_COLUMNS, *_SETTINGS).where(authority.c.id == _KEY).with_for_update(key_share=True), ("key",)
)
_INSERT: Final = Statement.insert(authority, "id", "code", "name", "level", "parent_id", "path")
_TAKEN: Final = FieldProblem("code", "TAKEN", Words("该机关代码已被使用", "This code is another authority's."))


@dataclass(frozen=True, slots=True)
class Authority:
    """A locked authority: its place in the tree, and what it sets for itself."""

    id: UUID
    code: str
    level: AuthorityLevel
    path: str
    settings: AuthoritySettings


async def lock(tx: Tx, key: UUID) -> Authority:
    """The authority, held until the transaction ends; NotFound where there is none."""
    rows = await tx.run(_LOCK, {"key": key})
    if not rows:
        raise NotFound
    row: dict[str, Any] = dict(rows[0])
    settings = AuthoritySettings(*(row.pop(column.name) for column in _SETTINGS))
    return Authority(**{**row, "level": AuthorityLevel(row["level"])}, settings=settings)


async def insert(tx: Tx, key: UUID, parent: Authority, code: str, name: str, level: AuthorityLevel) -> None:
    """A new authority below a locked one; Invalid where the code is another's."""
    row = {"id": key, "code": code, "name": name, "level": level, "parent_id": parent.id}
    try:
        await tx.run(_INSERT, {**row, "path": f"{parent.path}{code}/"})
    except asyncpg.UniqueViolationError as error:
        raise Invalid(_TAKEN) from error


_SET: Final = Statement(
    authority.update()
    .where(authority.c.id == _KEY)
    .values({column: bindparam(f"new_{column.name}", type_=column.type) for column in _SETTINGS}),
    ["key", *(f"new_{column.name}" for column in _SETTINGS)],
)


async def replace_settings(tx: Tx, key: UUID, settings: AuthoritySettings) -> None:
    """Write what a locked authority sets for itself."""
    await tx.run(_SET, {"key": key, **{f"new_{name}": value for name, value in asdict(settings).items()}})

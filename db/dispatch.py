"""Queries on dispatches (支援、进修、义诊等派出): spans of a registration, and the guests of an institution."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, literal, or_, select

from db.read.practice import hosted
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import institution, registration_span
from rules.suspension import SpanKind

_s: Final = registration_span.c
_INSERT: Final = Statement.insert(
    registration_span,
    *("id", "nurse_id", "kind", "starts_on", "ends_on", "dispatch_kind", "to_institution_id", "place"),
    *("account_id", "institution_id", "recorded_at"),
)


async def insert(tx: Tx, key: UUID, **values: Any) -> None:
    """A new dispatch of a locked nurse."""
    await tx.run(_INSERT, {"id": key, "kind": SpanKind.DISPATCH, "recorded_at": tx.now, **values})


async def overlaps(tx: Tx, nurse_id: UUID, starts_on: date, ends_on: date | None, besides: UUID) -> bool:
    """True if another dispatch of a locked nurse stands on some of these days."""
    hers = (_s.nurse_id == nurse_id, _s.kind == SpanKind.DISPATCH, _s.withdrawn_at.is_(None), _s.id != besides)
    before = or_(_s.ends_on.is_(None), _s.ends_on >= starts_on)
    query = select(exists().where(*hers, before, _s.starts_on <= (ends_on or date.max)))
    found: bool = (await tx.execute(query)).scalar_one()
    return found


async def by_code(reader: Reader, code: str) -> UUID | None:
    """The institution with this code (统一社会信用代码)."""
    found: UUID | None = (
        await reader.execute(select(institution.c.id).where(institution.c.code == code))
    ).scalar_one_or_none()
    return found


async def to_institution(reader: Reader, key: UUID) -> UUID | None:
    """The receiving institution of a dispatch, where it is one of the register."""
    found: UUID | None = (await reader.execute(select(_s.to_institution_id).where(_s.id == key))).scalar_one()
    return found


async def hosts_of(reader: Reader, nurse_id: UUID) -> list[UUID]:
    """The institutions where a nurse is a guest today: what changes in her standing concerns them too."""
    at = _s.to_institution_id
    query = select(at).where(_s.nurse_id == nurse_id, at.is_not(None), hosted(at)).distinct().order_by(at)
    return list((await reader.execute(query)).scalars())


async def guests_of(reader: Reader, institution_id: UUID) -> list[UUID]:
    """The nurses who are guests of an institution today, in the order of their ids."""
    query = select(_s.nurse_id).where(hosted(literal(institution_id))).distinct().order_by(_s.nurse_id)
    return list((await reader.execute(query)).scalars())

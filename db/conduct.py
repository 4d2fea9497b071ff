"""Queries on good and bad records (良好记录、不良记录): the steps' side."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from db.store.engine import Reader, Tx
from db.store.tables import authority
from db.store.tables_conduct import conduct_record
from rules.conduct import Conduct, ConductKind, ConductSource, ConductState, WithdrawalGround
from rules.errors import NotFound

_c: Final = conduct_record.c
_NOUN: Final = ("id", "nurse_id", "kind", "state", "institution_id", "row_version")
_TIMES: Final = ("stated_at", "asked_at", "answered_at")


async def nurse_of(reader: Reader, key: UUID) -> UUID:
    """The nurse whom a record is about."""
    found: UUID | None = (await reader.execute(select(_c.nurse_id).where(_c.id == key))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def get(tx: Tx, key: UUID) -> Conduct:
    """A record of a locked nurse: it is locked with her."""
    query = select(*(_c[name] for name in (*_NOUN, *_TIMES))).where(_c.id == key)
    row = (await tx.execute(query)).mappings().one()
    return Conduct(**{**row, "kind": ConductKind(row["kind"]), "state": ConductState(row["state"])})


async def put(tx: Tx, key: UUID, **values: Any) -> None:
    """A new record of a locked nurse."""
    await tx.execute(insert(conduct_record).values(id=key, created_at=tx.now, **values))


async def write(tx: Tx, key: UUID, **values: Any) -> None:
    """Write these columns of a record of a locked nurse."""
    await tx.execute(update(conduct_record).where(_c.id == key).values(values))


async def decided(
    tx: Tx, key: UUID, source: ConductSource, nurse_id: UUID, authority_id: UUID | None, *, text: str, number: str
) -> None:
    """The bad record that a decision of her 注册机关 on her entry leaves by itself (F26); `key` is what it decided."""
    issuer = select(authority.c.name).where(authority.c.id == authority_id).scalar_subquery()
    of = {"nurse_id": nurse_id, "authority_id": authority_id, "kind": ConductKind.BAD, "source": source}
    what = {"text": text, "decision_number": number, "decided_on": tx.today, "issuer": issuer}
    await put(tx, key, **of, **what, state=ConductState.RECORDED, recorded_at=tx.now)


async def undo(tx: Tx, key: UUID, ground: WithdrawalGround, number: str) -> None:
    """The withdrawal of the record that a decision has left, once the decision is undone."""
    of = update(conduct_record).where(_c.id == key, _c.state == ConductState.RECORDED)
    values = {"withdrawn_at": tx.now, "withdrawal_ground": ground, "withdrawal_number": number}
    await tx.execute(of.values(state=ConductState.WITHDRAWN, **values))

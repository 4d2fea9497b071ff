"""A whole institution's nurses at once (本院护士), when it closes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, null, select, update

from db.compiled import Hot, given
from db.engine import Tx
from db.tables import nurse, registration, registration_history
from db.tables_account import activation_code

_FACTS: Final = ("status", "certificate_number", "valid_until", "institution_id", "authority_id")
_WHY: Final = ("reason", "account_id", "at")
# The nurse and her entry, as every step locks them, and in the order of their keys: nobody waits in a ring.
_LOCK: Final = Hot(
    select(registration.c.nurse_id)
    .join(nurse, nurse.c.id == registration.c.nurse_id)
    .where(registration.c.institution_id == bindparam("key", type_=Uuid()))
    .order_by(registration.c.nurse_id)
    .with_for_update(of=[nurse, registration]),
    ["key"],
)
_RELEASED: Final = (
    update(registration)
    .where(registration.c.institution_id == bindparam("key", type_=Uuid()))
    .values(institution_id=null(), version=registration.c.version + 1)
    .returning(registration.c.nurse_id, *(registration.c[name] for name in _FACTS))
    .cte("released")
)
_RELEASE: Final = Hot(
    insert(registration_history).from_select(
        ["nurse_id", *_FACTS, *_WHY], select(*_RELEASED.c, *given(registration_history, _WHY).values())
    ),
    ["key", *_WHY],
)


async def release(tx: Tx, institution_id: UUID, *, reason: str, by: UUID) -> list[UUID]:
    """Every nurse of an institution is without one for the time being, with a row of history each; who they are."""
    nurses = [row["nurse_id"] for row in await tx.run(_LOCK, {"key": institution_id})]
    values: dict[str, Any] = {"reason": reason, "account_id": by, "at": tx.now}
    await tx.run(_RELEASE, {"key": institution_id, **values})
    return nurses


async def void_codes(tx: Tx, institution_id: UUID) -> None:
    """The activation codes that an institution has issued are good for nothing any more."""
    live = (activation_code.c.used_at.is_(None), activation_code.c.voided_at.is_(None))
    of = update(activation_code).where(activation_code.c.institution_id == institution_id, *live)
    await tx.execute(of.values(voided_at=tx.now))

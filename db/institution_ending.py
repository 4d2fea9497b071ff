"""A whole institution's nurses at once (本院护士), when it closes or is merged into another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, and_, any_, bindparam, insert, null, select, update

from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import nurse, registration, registration_history
from db.store.tables_account import activation_code
from db.store.tables_application import application
from rules.application import OPEN, State
from rules.kinds import Kind


@dataclass(frozen=True, slots=True)
class Listed:
    """A nurse of the roster."""

    nurse_id: UUID
    name: str
    id_number_masked: str
    certificate_number: str | None


_FACTS: Final = ("status", "certificate_number", "valid_until", "institution_id", "authority_id")
_WHY: Final = ("reason", "account_id", "at")
# The nurse and her entry, as every step locks them, and in the order of their keys: no deadlock.
_LOCK: Final = Statement(
    select(registration.c.nurse_id, nurse.c.name, nurse.c.id_number_masked, registration.c.certificate_number)
    .join(nurse, nurse.c.id == registration.c.nurse_id)
    .where(registration.c.institution_id == bindparam("key", type_=Uuid()))
    .order_by(registration.c.nurse_id)
    .with_for_update(of=[nurse, registration]),
    ["key"],
)
_MOVED: Final = (
    update(registration)
    .where(registration.c.institution_id == bindparam("key", type_=Uuid()))
    .values(institution_id=bindparam("to", type_=Uuid()), version=registration.c.version + 1)
    .returning(registration.c.nurse_id, *(registration.c[name] for name in _FACTS))
    .cte("moved")
)
_MOVE: Final = Statement(
    insert(registration_history).from_select(
        ["nurse_id", *_FACTS, *_WHY], select(*_MOVED.c, *given(registration_history, _WHY).values())
    ),
    ["key", "to", *_WHY],
)


async def move(tx: Tx, institution_id: UUID, to: UUID | None, *, reason: str, by: UUID) -> list[Listed]:
    """Move every nurse of an institution to another, or to none, with a row of history each; returns the nurses."""
    nurses = [Listed(**row) for row in await tx.run(_LOCK, {"key": institution_id})]
    values: dict[str, Any] = {"reason": reason, "account_id": by, "at": tx.now}
    await tx.run(_MOVE, {"key": institution_id, "to": to, **values})
    return nurses


@dataclass(frozen=True, slots=True)
class Passed:
    """An unfinished application that another institution has from now on, in its new version."""

    id: UUID
    kind: Kind
    state: State
    version: int
    nurse_id: UUID
    authority_id: UUID | None


_UNFINISHED: Final = and_(
    application.c.institution_id == bindparam("key", type_=Uuid()),
    application.c.state.in_(sorted({*OPEN, State.DRAFT})),
)
_LOCK_APPLICATIONS: Final = Statement(
    select(application.c.id).where(_UNFINISHED).order_by(application.c.id).with_for_update(), ["key"]
)
_PASSED: Final = ("id", "kind", "state", "version", "nurse_id", "authority_id")
_PASS: Final = Statement(
    update(application)
    .where(application.c.id == any_(bindparam("keys", type_=ARRAY(Uuid()))))
    .values(
        institution_id=bindparam("to", type_=Uuid()),
        version=application.c.version + 1,
        holder_id=null(),
        held_until=null(),
        moved_by=bindparam("by", type_=Uuid()),
        moved_at=bindparam("now", type_=DateTime(timezone=True)),
    )
    .returning(*(application.c[name] for name in _PASSED)),
    ["keys", "to", "by", "now"],
)


async def pass_applications(tx: Tx, institution_id: UUID, to: UUID, *, by: UUID) -> list[Passed]:
    """Pass everything in progress at an institution to another one, also leased applications.

    Returns the filed ones, in order.
    """
    keys = [row["id"] for row in await tx.run(_LOCK_APPLICATIONS, {"key": institution_id})]
    rows = await tx.run(_PASS, {"keys": keys, "to": to, "by": by, "now": tx.now})
    passed = [Passed(**{**row, "kind": Kind(row["kind"]), "state": State[row["state"]]}) for row in rows]
    return sorted((one for one in passed if one.state is not State.DRAFT), key=lambda one: one.id)


async def void_codes(tx: Tx, institution_id: UUID) -> None:
    """The activation codes that an institution has issued are good for nothing any more."""
    live = (activation_code.c.used_at.is_(None), activation_code.c.voided_at.is_(None))
    of = update(activation_code).where(activation_code.c.institution_id == institution_id, *live)
    await tx.execute(of.values(voided_at=tx.now))

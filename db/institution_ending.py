"""A whole institution's nurses at once (本院护士), when it closes or is merged into another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, DateTime, Uuid, and_, bindparam, func, insert, select, text, update

from db.read.competence import in_force, places, places_of
from db.store.engine import Tx
from db.store.statement import Statement, given
from db.store.tables import approval_setting, authority, institution, nurse, registration, registration_history
from db.store.tables_account import activation_code
from db.store.tables_application import application
from rules.application import OPEN, State
from rules.competence import may_decide
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
    left_authority_id: UUID | None
    """The authority that had it before: another one where that may not decide for the other institution."""


_UNFINISHED: Final = and_(
    application.c.institution_id == bindparam("key", type_=Uuid()),
    application.c.state.in_(sorted({*OPEN, State.DRAFT})),
)
_INTO: Final = institution.alias("into_other")
_SET_THERE: Final = select(approval_setting.c.authority_id).where(
    approval_setting.c.institution_id == _INTO.c.id, approval_setting.c.kind == application.c.kind, in_force()
)
_LOCK_APPLICATIONS: Final = Statement(
    select(
        *(application.c[name] for name in ("id", "kind", "state", "version", "nurse_id", "authority_id")),
        *places(application),
        authority.c.path.label("into_path"),
        func.coalesce(_SET_THERE.scalar_subquery(), _INTO.c.authority_id).label("approver_id"),
    )
    .select_from(application)
    .join(_INTO, _INTO.c.id == bindparam("to", type_=Uuid()))
    .join(authority, authority.c.id == _INTO.c.authority_id)
    .where(_UNFINISHED)
    .order_by(application.c.id)
    .with_for_update(of=application),
    ["key", "to"],
)
_PASS: Final = Statement(
    text("""
update application set institution_id = :to, authority_id = t.to_authority, version = version + 1,
  row_version = row_version + 1,
  recommender_id = case when authority_id is not distinct from t.to_authority then recommender_id end,
  answering_id = case when authority_id is not distinct from t.to_authority then answering_id end,
  holder_id = null, held_until = null, moved_by = :by, moved_at = :now
from unnest(:keys, :authorities) as t(key, to_authority) where application.id = t.key
""").bindparams(
        *(bindparam(name, type_=Uuid()) for name in ("to", "by")),
        *(bindparam(name, type_=ARRAY(Uuid())) for name in ("keys", "authorities")),
        bindparam("now", type_=DateTime(timezone=True)),
    ),
    ["keys", "authorities", "to", "by", "now"],
)


async def pass_applications(tx: Tx, institution_id: UUID, to: UUID, *, by: UUID) -> list[Passed]:
    """Pass everything in progress at an institution to another one, also leased applications.

    What lies with an authority that may not decide for the other institution goes to one that may. Returns the filed
    ones, in order.
    """
    passed = [_passed(row) for row in await tx.run(_LOCK_APPLICATIONS, {"key": institution_id, "to": to})]
    keys, authorities = [one.id for one in passed], [one.authority_id for one in passed]
    await tx.run(_PASS, {"keys": keys, "authorities": authorities, "to": to, "by": by, "now": tx.now})
    return [one for one in passed if one.state is not State.DRAFT]


def _passed(row: asyncpg.Record) -> Passed:
    """An application as it stands once it is passed on."""
    kind, here, before = Kind(row["kind"]), row["deciding_path"], row["authority_id"]
    stays = before is None or may_decide(kind, replace(places_of(row), licensing=row["into_path"]), here)
    whose = (row["nurse_id"], before if stays else row["approver_id"], before)
    return Passed(row["id"], kind, State[row["state"]], row["version"] + 1, *whose)


async def void_codes(tx: Tx, institution_id: UUID) -> None:
    """The activation codes that an institution has issued are good for nothing any more."""
    live = (activation_code.c.used_at.is_(None), activation_code.c.voided_at.is_(None))
    of = update(activation_code).where(activation_code.c.institution_id == institution_id, *live)
    await tx.execute(of.values(voided_at=tx.now))

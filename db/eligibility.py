"""The facts about a nurse that the rules of eligibility need from the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Select, Uuid, bindparam, exists, func, select

from db import registration as registrations
from db.opening import NURSE, OF_ALL_BUT_RENEWALS, PLACE, WHERE_SHE_COMES
from db.read import scope
from db.read.practice import interruption_years, practised_until
from db.read.viewer import single
from db.registration import Entry
from db.store.ahead import Ahead, Sought, Source, always
from db.store.engine import Reader, Tx
from db.store.keys import Sealed
from db.store.statement import Statement
from db.store.tables import account, institution, nurse, registration
from db.store.tables_application import application
from rules.account import Progress
from rules.application import OPEN, State
from rules.conflict import Situation
from rules.errors import Conflict
from rules.identity import DocumentType, identify
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.people import AccountState, Actor, Party
from rules.target import Target
from rules.verification import IdentityOutcome


@dataclass(frozen=True, slots=True)
class Known:
    """The facts beside the nurse's entry; `practised_until` is the last day that can have been practice."""

    birth_date: date | None
    exam_passed_on: date | None
    exam_year: int | None
    practised_until: date | None
    interruption_years: int
    target_state: InstitutionState | None


_STATE: Final = select(institution.c.state).where(institution.c.id == bindparam("target", type_=Uuid()))
_KNOWN: Final[Select[Any]] = (
    select(
        *(nurse.c[name] for name in ("birth_date", "exam_passed_on", "exam_year")),
        practised_until.label("practised_until"),
        interruption_years.label("interruption_years"),
        _STATE.scalar_subquery().label("target_state"),
    )
    .join(registration, registration.c.nurse_id == nurse.c.id)
    .where(nurse.c.id == bindparam("nurse", type_=Uuid()))
)
_HOT: Final = Statement(_KNOWN, ("nurse", "target"))


def known_ahead(target: Sought) -> Ahead:
    """The facts of the nurse of an application but for a renewal, asked for with the opening."""
    return Ahead(_HOT, nurse=OF_ALL_BUT_RENEWALS, target=target)


async def known(tx: Tx, nurse_id: UUID, target_id: UUID | None) -> Known:
    """The facts of a locked nurse, and of the institution named as the target."""
    (row,) = await tx.run(_HOT, {"nurse": nurse_id, "target": target_id})
    return _noun(row)


def _noun(row: Mapping[str, Any]) -> Known:
    facts = {
        name: row[name]
        for name in ("birth_date", "exam_passed_on", "exam_year", "practised_until", "interruption_years")
    }
    state = row["target_state"]
    return Known(**facts, target_state=InstitutionState[state] if state else None)


_THERE: Final = select(registration.c.nurse_id).where(
    registration.c.nurse_id == bindparam("nurse", type_=Uuid()), registration.c.institution_id == institution.c.id
)
_NAMED: Final = Statement(
    select(institution.c.state, exists(_THERE).label("hers")).where(institution.c.id == bindparam("key", type_=Uuid())),
    ("key", "nurse"),
)


def target_ahead(key: Source, when: Callable[[Any], bool] = always) -> Ahead:
    """An institution as the nurse of an application names it, asked for with the opening."""
    return Ahead(_NAMED, when=when, key=key, nurse=NURSE)


def own_target_ahead(key: Source, when: Callable[[Any], bool]) -> Ahead:
    """The same, as the nurse who asks names it."""
    return Ahead(_NAMED, when=when, key=key, nurse=PLACE)


async def target(tx: Tx, target_id: UUID, nurse_id: UUID) -> Target:
    """An institution as a nurse names it to go to."""
    found = await tx.run(_NAMED, {"key": target_id, "nurse": nurse_id})
    return Target(InstitutionState[found[0]["state"]], found[0]["hers"]) if found else Target(None)


_HELD: Final = Statement(
    select(institution.c.state)
    .where(institution.c.id == bindparam("target", type_=Uuid()))
    .with_for_update(read=True, nowait=True),
    ["target"],
)


HELD_AHEAD: Final = Ahead(_HELD, target=WHERE_SHE_COMES)


async def lock_target(tx: Tx, target_id: UUID) -> InstitutionState:
    """The state of an institution, kept until the transaction ends.

    Conflict if it is just being changed: the closing of an institution waits for its nurses, so a transaction that
    holds a nurse may not wait for it.
    """
    try:
        (row,) = await tx.run(_HELD, {"target": target_id})
    except asyncpg.LockNotAvailableError:
        raise Conflict(Situation.INSTITUTION_CHANGING) from None
    return InstitutionState[row["state"]]


async def read(reader: Reader, nurse_id: UUID) -> tuple[Entry, Known]:
    """The nurse's entry and the other facts: to be shown, not to be judged by."""
    entry = await registrations.get(reader, nurse_id)
    row = (await reader.execute(_KNOWN, {"nurse": nurse_id, "target": None})).mappings().one()
    return entry, _noun(dict(row))


@dataclass(frozen=True, slots=True)
class Begun:
    """An application of a nurse that is a draft or open."""

    id: UUID
    kind: Kind
    state: State


async def begun(reader: Reader, nurse_id: UUID, viewer: Actor | None = None) -> list[Begun]:
    """The nurse's drafts and open applications, the newest first; of a viewer only those that show to her."""
    wanted = [application.c.nurse_id == nurse_id, application.c.state.in_(sorted({State.DRAFT, *OPEN}))]
    if viewer is not None:
        wanted.append(scope.applications(single(viewer)))
    query = select(application.c.id, application.c.kind, application.c.state).where(*wanted)
    found = await reader.execute(query.order_by(application.c.id.desc()))
    return [Begun(one.id, Kind(one.kind), State(one.state)) for one in found]


async def stated_birth_date(reader: Reader, account_id: UUID) -> date | None:
    """The birth date that a nurse's own ID number tells, as she typed it; None where it tells none."""
    columns = (account.c.document_type, account.c.id_number_key_id, account.c.id_number_sealed)
    row = (await reader.execute(select(*columns).where(account.c.id == account_id))).one_or_none()
    if row is None or row.document_type is None or row.id_number_sealed is None:
        return None
    number = reader.keyring.unseal(Sealed(row.id_number_key_id, row.id_number_sealed), "id_number")
    return identify(DocumentType[row.document_type], number, await today(reader)).birth_date


async def progress(reader: Reader, *, account_id: UUID | None = None, nurse_id: UUID | None = None) -> Progress | None:
    """The progress of an account, or of a nurse's living one; None if there is none."""
    wanted = account.c.id == account_id if account_id else account.c.nurse_id == nurse_id
    query = select(account).where(wanted, account.c.party == Party.NURSE, account.c.state != AccountState.REVOKED)
    row = (await reader.execute(query)).one_or_none()
    if row is None:
        return None
    outcome = row.identity_outcome and IdentityOutcome(row.identity_outcome)
    flags = (row.corrections, row.identity_verified, row.contact_verified, row.certificate_verified)
    return Progress(AccountState(row.state), outcome, *flags)


async def today(reader: Reader) -> date:
    """The day it is in China."""
    found: date = (await reader.execute(select(func.current_date()))).scalar_one()
    return found

"""Queries on nurses' entries in the register: the steps' side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Insert,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from db.read.practice import suspended
from db.store.engine import Reader, Tx
from db.store.statement import ROWS, Statement, rows_of
from db.store.tables import authority, nurse, registration, registration_history, registration_span
from rules.chronology import Life
from rules.errors import NotFound, RegistryError
from rules.kinds import Kind
from rules.nurse import Sex
from rules.record import RECORDED
from rules.record_merge import MergedInto
from rules.registration import DeregistrationReason, Registration, RegistrationStatus
from rules.suspension import SpanKind

_COPIED: Final = {
    "nurse_name": "name",
    "nurse_sex": "sex",
    "nurse_birth_date": "birth_date",
    "document_type": "document_type",
    "id_number_masked": "id_number_masked",
}
"""The columns of an application by those of the record that they are copied from."""


class Entry:
    """A locked nurse: the registration, and the parts of the record that an application copies."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.name: str = row["name"]
        self.id_number_masked: str = row["id_number_masked"]
        self.sex: Sex = Sex(row["sex"])
        self.life = Life(row["birth_date"], row["exam_passed_on"])
        self.record: Mapping[str, object] = {name: row[name] for name in RECORDED}
        self._copied = {column: row[name] for column, name in _COPIED.items()}
        self.renewal_window_days: int = row["renewal_window_days"] or 90
        reason = row["deregistration_reason"]
        kind = row["last_kind"]
        self.registration = Registration(
            nurse_id=row["nurse_id"],
            status=RegistrationStatus(row["status"]),
            certificate_number=row["certificate_number"],
            first_registered_on=row["first_registered_on"],
            valid_until=row["valid_until"],
            institution_id=row["institution_id"],
            authority_id=row["authority_id"],
            last_kind=Kind(kind) if kind else None,
            bar_until=row["bar_until"],
            suspended=row["suspended"],
            deregistration_reason=DeregistrationReason[reason] if reason else None,
            unit_id=row["unit_id"],
        )

    @property
    def copied(self) -> dict[str, Any]:
        """The columns of an application that keep who she was when it was filed."""
        return {**self._copied, "certificate_number": self.registration.certificate_number}


# No join to what is not locked: who waited for the lock would get that row as it was before.
_WINDOW: Final = select(authority.c.renewal_window_days).where(authority.c.id == registration.c.authority_id)
_BEFORE: Final = registration.alias("before")
_SEEN: Final = select(_BEFORE.c.version).where(_BEFORE.c.nurse_id == registration.c.nurse_id)
_ENTRIES: Final = select(
    registration,
    _SEEN.scalar_subquery().label("seen_version"),
    suspended.label("suspended"),
    nurse.c.merged_into,
    *(nurse.c[name] for name in dict.fromkeys((*_COPIED.values(), "exam_passed_on", *RECORDED))),
    _WINDOW.scalar_subquery().label("renewal_window_days"),
).join(nurse, nurse.c.id == registration.c.nurse_id)
_ENTRY: Final = _ENTRIES.where(registration.c.nurse_id == bindparam("key", type_=Uuid()))
_LOCK: Final = Statement(_ENTRY.with_for_update(of=[nurse, registration]), ["key"])
_LOCK_ALL: Final = Statement(
    _ENTRIES.where(registration.c.nurse_id == any_(bindparam("keys", type_=ARRAY(Uuid()))))
    .order_by(registration.c.nurse_id)
    .with_for_update(of=[nurse, registration]),
    ["keys"],
)
_FACTS: Final = ("status", "certificate_number", "valid_until", "institution_id", "authority_id")
_MORE: Final = ("first_registered_on", "last_kind", "deregistration_reason", "bar_until")
_WHY: Final = ("kind", "reason", "application_id", "account_id", "at", "undoes_id")


_PARAMETERS: Final[Mapping[str, TypeEngine[Any]]] = {
    "key": Uuid(),
    "today": Date(),
    "ends": Boolean(),
    **{f"new_{name}": registration.c[name].type for name in (*_FACTS, *_MORE)},
    **{f"new_{name}": registration_history.c[name].type for name in _WHY},
}
_s = registration_span.c


def _over(given: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """A dispatch ends with her place, an interruption with another one, both with the entry; a suspension with none."""
    place, off = given["new_institution_id"], given["new_status"] != RegistrationStatus.VALID.value
    elsewhere = _s.institution_id.is_distinct_from(place)
    return or_(
        and_(_s.kind == SpanKind.DISPATCH.value, or_(off, elsewhere)),
        and_(_s.kind == SpanKind.INTERRUPTION.value, or_(off, and_(elsewhere, place.is_not(None)))),
    )


def _ended(given: Mapping[str, ColumnElement[Any]]) -> CTE:
    today = given["today"]
    lasts = and_(_s.withdrawn_at.is_(None), or_(_s.ends_on.is_(None), _s.ends_on > today))
    ended = update(registration_span).where(given["ends"], _s.nurse_id == given["key"], lasts, _over(given))
    return (
        ended.values(
            ends_on=case((_s.starts_on > today, _s.ends_on), else_=today),
            withdrawn_at=case((_s.starts_on > today, given["new_at"])),
        )
        .returning(_s.id)
        .cte("ended")
    )


def _change(given: Mapping[str, ColumnElement[Any]], rows: FromClause | None = None) -> Insert:
    """The registration and its row of history in one statement, so that neither can be without the other; with them
    ends what cannot outlive the change.
    """
    new = {name: given[f"new_{name}"] for name in (*_FACTS, *_MORE)}
    changed = (
        update(registration)
        .where(registration.c.nurse_id == given["key"])
        .values(**new, version=registration.c.version + 1)
        .returning(*(registration.c[name] for name in ("nurse_id", *_FACTS)))
        .cte("changed")
    )
    history = select(*changed.c, *(given[f"new_{name}"] for name in _WHY))
    if rows is not None:
        history = history.join_from(changed, rows, given["key"] == changed.c.nurse_id)
    written = insert(registration_history).from_select(["nurse_id", *_FACTS, *_WHY], history)
    return written.add_cte(_ended(given))


_ROWS: Final = rows_of(_PARAMETERS)
_CHANGE: Final = Statement(
    _change({name: bindparam(name, type_=kind) for name, kind in _PARAMETERS.items()}),
    [*_PARAMETERS],
    together=Statement(_change(_ROWS.c, _ROWS), (ROWS,)),  # type: ignore[arg-type]
)


async def lock(tx: Tx, nurse_id: UUID) -> Entry:
    """The nurse and the registration, locked until the transaction ends.

    After waiting for the lock the entry is the present one, but its dependents (a suspension) are old: so they are
    read again. Raises MergedInto where another record stands for hers.
    """
    found = await tx.run(_LOCK, {"key": nurse_id})
    if found and found[0]["seen_version"] != found[0]["version"]:
        found = await tx.run(_LOCK, {"key": nurse_id})
    if not found:
        raise NotFound
    if found[0]["merged_into"] is not None:
        raise MergedInto(found[0]["merged_into"])
    return Entry(found[0])


async def lock_all(tx: Tx, nurses: Sequence[UUID]) -> dict[UUID, Entry | RegistryError]:
    """The same for many nurses, locked in the order of their keys; or why one cannot be."""
    found: dict[UUID, Entry | RegistryError] = {}
    for row in await tx.run(_LOCK_ALL, {"keys": list(nurses)}):
        found[row["nurse_id"]] = Entry(row)
        if row["seen_version"] != row["version"] or row["merged_into"] is not None:
            found[row["nurse_id"]] = await _again(tx, row["nurse_id"])
    return {nurse_id: found.get(nurse_id) or NotFound() for nurse_id in nurses}


async def _again(tx: Tx, nurse_id: UUID) -> Entry | RegistryError:
    try:
        return await lock(tx, nurse_id)
    except RegistryError as refusal:
        return refusal


async def get(reader: Reader, nurse_id: UUID) -> Entry:
    """The nurse and the registration as they stand; of a merged record, those that stand for it."""
    row = (await reader.execute(_ENTRY, {"key": nurse_id})).mappings().one_or_none()
    if row is None:
        raise NotFound
    return Entry(dict(row)) if row["merged_into"] is None else await get(reader, row["merged_into"])


async def change(
    tx: Tx,
    after: Registration,
    *,
    application_id: UUID | None = None,
    account_id: UUID | None = None,
    reason: str | None = None,
    business: bool = True,
    ends: bool = True,
    undoes: UUID | None = None,
) -> None:
    """Write a locked registration and its row of history (历史沿革): the account, the reason, the application.

    A row without business (业务), as of a departure or a suspension, has no kind. It `ends` what cannot outlive the
    change; a merge of records is no change of what she does, and its undoing brings all of it back. What it `undoes`
    is an earlier row of hers, which few read from then on.
    """
    new: dict[str, Any] = {name: getattr(after, name) for name in (*_FACTS, *_MORE)}
    new |= {
        "kind": after.last_kind if business else None,
        "reason": reason,
        "application_id": application_id,
        "account_id": account_id,
        "at": tx.now,
        "undoes_id": undoes,
    }
    await tx.run(
        _CHANGE,
        {
            "key": after.nurse_id,
            "today": tx.today,
            "ends": ends,
            **{f"new_{name}": value for name, value in new.items()},
        },
    )


async def bar(tx: Tx, nurse_id: UUID, until: date) -> None:
    """Bar the nurse from applying up to that day; a longer bar stays."""
    last = func.greatest(registration.c.bar_until, until)
    barred = update(registration).where(registration.c.nurse_id == nurse_id)
    await tx.execute(barred.values(bar_until=last, version=registration.c.version + 1))


async def unbar(tx: Tx, nurse_id: UUID, until: date | None) -> None:
    """Undo the bar of a decision that was undone for a locked nurse: the bars of other decisions stay."""
    freed = update(registration).where(registration.c.nurse_id == nurse_id)
    await tx.execute(freed.values(bar_until=until, version=registration.c.version + 1))

"""Queries on nurses' entries in the register: the steps' side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Date, Table, Uuid, and_, bindparam, case, func, insert, or_, select, update

from db.read.practice import suspended
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import authority, nurse, registration, registration_history, registration_span
from rules.chronology import Life
from rules.errors import NotFound
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
_ENTRY: Final = (
    select(
        registration,
        _SEEN.scalar_subquery().label("seen_version"),
        suspended.label("suspended"),
        nurse.c.merged_into,
        *(nurse.c[name] for name in dict.fromkeys((*_COPIED.values(), "exam_passed_on", *RECORDED))),
        _WINDOW.scalar_subquery().label("renewal_window_days"),
    )
    .join(nurse, nurse.c.id == registration.c.nurse_id)
    .where(registration.c.nurse_id == bindparam("key", type_=Uuid()))
)
_LOCK: Final = Statement(_ENTRY.with_for_update(of=[nurse, registration]), ["key"])
_FACTS: Final = ("status", "certificate_number", "valid_until", "institution_id", "authority_id")
_MORE: Final = ("first_registered_on", "last_kind", "deregistration_reason", "bar_until")
_WHY: Final = ("kind", "reason", "application_id", "account_id", "at")


def _given(table: Table, names: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}


_CHANGED: Final = (
    update(registration)
    .where(registration.c.nurse_id == bindparam("key", type_=Uuid()))
    .values(**_given(registration, (*_FACTS, *_MORE)), version=registration.c.version + 1)
    .returning(*(registration.c[name] for name in ("nurse_id", *_FACTS)))
    .cte("changed")
)
_s = registration_span.c
_TODAY: Final = bindparam("today", type_=Date())
_PLACE: Final = bindparam("new_institution_id", type_=Uuid())
_OFF: Final = bindparam("new_status", type_=registration.c.status.type) != RegistrationStatus.VALID.value
_ELSEWHERE: Final = _s.institution_id.is_distinct_from(_PLACE)
_OVER: Final = or_(
    and_(_s.kind == SpanKind.DISPATCH.value, or_(_OFF, _ELSEWHERE)),
    and_(_s.kind == SpanKind.INTERRUPTION.value, or_(_OFF, and_(_ELSEWHERE, _PLACE.is_not(None)))),
)
# A dispatch ends with her place, an interruption with another one, both with the entry; a suspension with nothing.
_ENDED: Final = (
    update(registration_span)
    .where(
        bindparam("ends", type_=Boolean()),
        _s.nurse_id == bindparam("key", type_=Uuid()),
        _s.withdrawn_at.is_(None),
        or_(_s.ends_on.is_(None), _s.ends_on > _TODAY),
        _OVER,
    )
    .values(
        ends_on=case((_s.starts_on > _TODAY, _s.ends_on), else_=_TODAY),
        withdrawn_at=case((_s.starts_on > _TODAY, bindparam("new_at", type_=registration_history.c.at.type))),
    )
    .returning(_s.id)
    .cte("ended")
)
_CHANGE: Final = Statement(
    insert(registration_history)
    .from_select(
        ["nurse_id", *_FACTS, *_WHY],
        select(*_CHANGED.c, *_given(registration_history, _WHY).values()),
    )
    .add_cte(_ENDED),
    ["key", "today", "ends", *(f"new_{name}" for name in (*_FACTS, *_MORE, *_WHY))],
)
"""The registration and its row of history in one statement, so that neither can be without the other; with them ends
what cannot outlive the change.
"""


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
) -> None:
    """Write a locked registration and its row of history (历史沿革): the account, the reason, the application.

    A row without business (业务), as of a departure or a suspension, has no kind. It `ends` what cannot outlive the
    change; a merge of records is no change of what she does, and its undoing brings all of it back.
    """
    new: dict[str, Any] = {name: getattr(after, name) for name in (*_FACTS, *_MORE)}
    new |= {
        "kind": after.last_kind if business else None,
        "reason": reason,
        "application_id": application_id,
        "account_id": account_id,
        "at": tx.now,
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

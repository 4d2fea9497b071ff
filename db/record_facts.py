"""The facts of two merged records: those of the kept one rule, and what it does not say comes from the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from db.store.engine import Tx
from db.store.tables import account, authority, nurse, registration
from rules.people import AccountState
from rules.record_merge import Officer
from rules.registration import Registration

_SINGLE: Final = (
    *("school", "major", "study_length", "graduated_on", "study_history", "work_category", "post", "title"),
    *("started_work_on", "work_history", "auxiliary", "photo_id"),
)
_EXAM: Final = ("exam_certificate_number", "exam_passed_on", "exam_year", "exam_score", "exam_pool_linked")
_CONTACTS: Final = tuple(
    tuple(f"{one}_{part}" for part in ("key_id", "sealed", "index", "masked")) for one in ("phone", "email")
)
_DEPARTMENT: Final = ("department", "other_department")
_GROUPS: Final[tuple[tuple[str, ...], ...]] = (*((one,) for one in _SINGLE), _DEPARTMENT, *_CONTACTS, _EXAM)
_SEAL: Final = ("_key_id", "_sealed")
"""The columns of one value that another key seals otherwise."""
_BOTH: Final = ("good_record", "bad_record")
"""Records that nobody loses by a merge: both are kept, one below the other."""
_ENTRY: Final = (
    *("status", "certificate_number", "first_registered_on", "valid_until", "institution_id", "authority_id"),
    *("last_kind", "deregistration_reason", "bar_until"),
)


async def _row(tx: Tx, nurse_id: UUID) -> Mapping[str, Any]:
    return dict((await tx.execute(select(nurse).where(nurse.c.id == nurse_id))).mappings().one())


async def join(tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
    """Fill in what a locked record does not say from another locked one; what there is to undo.

    Examination and contacts come as a whole or not at all.
    """
    kept, merged = await _row(tx, kept_id), await _row(tx, merged_id)
    missing = [group for group in _GROUPS if all(not kept[one] for one in group) and any(merged[one] for one in group)]
    values = {one: merged[one] for group in missing for one in group if merged[one]}
    both = {one: "\n".join(filter(None, (kept[one], merged[one]))) for one in _BOTH if merged[one]}
    if "exam_certificate_number" in values:
        await tx.execute(update(nurse).where(nurse.c.id == merged_id).values(exam_certificate_number=None))
    if values or both:
        await tx.execute(update(nurse).where(nurse.c.id == kept_id).values({**values, **both}))
    return {"filled": sorted(values), "joined": sorted(both), "exam": values.get("exam_certificate_number")}


async def part(tx: Tx, kept_id: UUID, merged_id: UUID, before: Mapping[str, Any]) -> None:
    """Take back from a kept record what it got, where it says the same still."""
    kept, merged = await _row(tx, kept_id), {**await _row(tx, merged_id), "exam_certificate_number": before["exam"]}
    filled = [[one for one in group if one in before["filled"]] for group in _GROUPS]
    same = (group for group in filled if all(kept[one] == merged[one] for one in group if not one.endswith(_SEAL)))
    values: dict[str, Any] = {one: None for group in same for one in group}
    if "exam_pool_linked" in values:
        values["exam_pool_linked"] = False
    for one in before["joined"]:
        left = (kept[one] or "").removesuffix(merged[one]).removesuffix("\n")
        values[one] = left or None
    if values:
        await tx.execute(update(nurse).where(nurse.c.id == kept_id).values(values))
    number = {"exam_certificate_number": before["exam"]}
    await tx.execute(update(nurse).where(nurse.c.id == merged_id).values(number))


async def entry(tx: Tx, nurse_id: UUID) -> dict[str, Any]:
    """A locked registration as it stands, for `restore`."""
    query = select(*(registration.c[name] for name in _ENTRY)).where(registration.c.nurse_id == nurse_id)
    row = (await tx.execute(query)).mappings().one()
    return {str(name): None if value is None else str(value) for name, value in row.items()}


async def empty(tx: Tx, blank: Registration) -> None:
    """Write the registration of a record that was merged, which has no history of its own any more."""
    values = {name: getattr(blank, name) for name in _ENTRY}
    hers = update(registration).where(registration.c.nurse_id == blank.nurse_id)
    await tx.execute(hers.values(**values, version=registration.c.version + 1))


def registration_of(now: Registration, before: Mapping[str, Any]) -> Registration:
    """A registration as `entry` has read it, of the nurse of another."""
    days = {name: _typed(date, before[name]) for name in ("first_registered_on", "bar_until")}
    return replace(now, **days)


async def restore(tx: Tx, nurse_id: UUID, before: Mapping[str, Any]) -> None:
    """Write a registration as `entry` has read it."""
    values = {name: _typed(registration.c[name].type.python_type, before[name]) for name in _ENTRY}
    hers = update(registration).where(registration.c.nurse_id == nurse_id)
    await tx.execute(hers.values(**values, version=registration.c.version + 1))


def _typed(kind: Any, text: str | None) -> Any:
    if text is None or kind is str:
        return text
    return UUID(text) if kind is UUID else kind.fromisoformat(text)


async def switch(tx: Tx, account_id: UUID, state: AccountState) -> AccountState:
    """Write the state of a locked account; the one that it had."""
    before = (await tx.execute(select(account.c.state).where(account.c.id == account_id))).scalar_one()
    await tx.execute(update(account).where(account.c.id == account_id).values(state=state))
    return AccountState(before)


async def officer(tx: Tx, authority_id: UUID) -> Officer:
    """An authority, as the rules of merging see it."""
    query = select(authority.c.level, authority.c.path).where(authority.c.id == authority_id)
    row = (await tx.execute(query)).one()
    return Officer(row.level, row.path)


async def path_of(tx: Tx, authority_id: UUID | None) -> str | None:
    """The place of an authority in the tree; None for none."""
    if authority_id is None:
        return None
    found: str = (await tx.execute(select(authority.c.path).where(authority.c.id == authority_id))).scalar_one()
    return found

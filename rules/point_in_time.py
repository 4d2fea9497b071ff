"""A nurse on a day in the past (时点查询): what held at its end in Beijing, as the register knows or knew it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, Words
from rules.moment import SHANGHAI
from rules.registration import RegistrationStatus

IDENTITY: Final = frozenset({"name", "document_type", "id_number_masked", "sex", "birth_date"})
"""The facts by which people know her: put right they are so since ever, and who they were is told to few."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a fact (信息变动): both values, since when it is so (None: since ever), when the register knew."""

    field: str
    before: str | None
    after: str | None
    valid_from: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Her registration as it stood from a moment on (历史沿革); `annulled`: by a decision that was undone
    since; `read`: on days that the reader may read."""

    at: datetime
    status: RegistrationStatus
    certificate_number: str | None
    valid_until: date | None
    institution_id: UUID | None
    authority_id: UUID | None
    annulled: bool
    read: bool = True

    def expired_by(self, day: date) -> bool:
        """True if she was on the register, and its validity had run out (过期未延续注册)."""
        valid = self.status is RegistrationStatus.VALID
        return valid and self.valid_until is not None and self.valid_until < day


def require_day(day: date, today: date, born: date) -> None:
    """Refuse a day that has not come, and one on which she was not born."""
    if day > today:
        zh, en = f"{day}尚未到来，最晚可查{today}", f"{day} has not come yet: ask for {today} at the latest."
        raise Invalid(FieldProblem("asOf", "DATE_IN_FUTURE", Words(zh, en)))
    if day < born:
        zh, en = f"{day}早于该护士的出生日期", f"She was not born yet on {day}."
        raise Invalid(FieldProblem("asOf", "BEFORE_BIRTH", Words(zh, en)))


def end_of(day: date) -> datetime:
    """The first moment after a day in Beijing."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def fact_at(now: str | None, changes: Sequence[Change], day: date, known_at: datetime | None) -> str | None:
    """A fact on a day; `changes` are those of this fact in the order in which the register came to know them."""
    known = (one for one in changes if known_at is None or one.recorded_at <= known_at)
    held = [one for one in known if one.valid_from is None or one.valid_from <= day]
    if held:
        return held[-1].after
    return changes[0].before if changes else now


def held_at(history: Sequence[Held], day: date, known_at: datetime | None) -> Held | None:
    """Her registration as it stood at the end of a day; None before its first row."""
    end = end_of(day)
    before = [one for one in history if one.at < end and (known_at is None or one.at <= known_at)]
    return before[-1] if before else None

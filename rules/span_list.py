"""Interruptions and dispatches of many nurses by a list (按名单登记中断执业、派出): what a row says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from rules import spelling
from rules.collective import NOT_FOUND
from rules.collective_list import Row
from rules.dispatch import LONGEST_PLACE, DispatchKind
from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form
from rules.form_field import Text
from rules.interruption import InterruptionReason

MOST: Final = 500
"""The greatest number of rows in one list: all of them are recorded at once, or none."""


@dataclass(frozen=True)
class InterruptionRow(Form):
    """The values of a row about an interruption: its first day, its last, or both."""

    starts_on: date | None = None
    ends_on: date | None = None
    interruption_reason: InterruptionReason | None = None


@dataclass(frozen=True)
class DispatchRow(Form):
    """The values of a row about a dispatch."""

    dispatch_kind: DispatchKind | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    to_institution: Annotated[str | None, Text(18)] = None
    place: Annotated[str | None, Text(LONGEST_PLACE)] = None

    @property
    def code(self) -> str | None:
        """The code of the receiving institution, as the register spells it."""
        return spelling.code(self.to_institution) if self.to_institution else None


def located(row: Row, problem: FieldProblem) -> FieldProblem:
    """A problem of a row as it is told: in the words of the list, at the list."""
    return replace(row.located(problem), path="csv")


def require_sound(rows: Sequence[tuple[Row, UUID | None, Sequence[FieldProblem]]]) -> None:
    """Refuse a list with rows that cannot be read, that name nobody of the roster, or somebody a second time."""
    problems, seen = list[FieldProblem](), dict[UUID, int]()
    for row, nurse_id, wrong in rows:
        problems += [replace(one, path="csv") for one in (*row.problems, *wrong)]
        if nurse_id is None:
            if not row.problems and not wrong:
                problems.append(located(row, FieldProblem("nurse", "NOT_FOUND", NOT_FOUND)))
        elif nurse_id in seen:
            zh, en = f"与第{seen[nurse_id]}行是同一人", f"The same person as in row {seen[nurse_id]}."
            problems.append(located(row, FieldProblem("nurse", "TWICE", Words(zh, en))))
        else:
            seen[nurse_id] = row.line
    if problems:
        raise Invalid(*problems)


def required(path: str, value: date | DispatchKind | None) -> None:
    """Refuse a row without a value that it must have."""
    if value is None:
        raise Invalid(FieldProblem(path, "FIELD_REQUIRED", Words("请填写", "Fill it in.")))


NO_CODE: Final = Words(
    "没有该统一社会信用代码的机构；系统外的请填“系统外地点”",
    "No institution has this code; name a place outside of the register as place.",
)

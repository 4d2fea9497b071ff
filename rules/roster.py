"""The roster beside the institution's own list of its nurses (名册核对, I9): what is in both, or in one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from rules.collective import kept
from rules.collective_list import Row
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.form import Form
from rules.form_field import Text, When
from rules.label import Labelled
from rules.nurse import Department, Post, Title
from rules.other import LONGEST_OTHER, NOT_OTHER, PATHS, WHICH
from rules.spelling import same_name

MOST: Final = 10_000
"""The greatest number of rows in one list."""
UNDONE_WITHIN: Final = 10
"""The working days within which whoever did it undoes it."""
AT_ONCE: Final = 500
"""So many rows are done in one step."""
_WORDS: Final = Text(LONGEST_OTHER)


class RosterFinding(Labelled):
    """The finding about one row of the list, or one nurse of the roster."""

    EQUAL = "EQUAL", "一致"
    DIFFERENT = "DIFFERENT", "不一致"
    NOT_ON_ROSTER = "NOT_ON_ROSTER", "不在本院名册"
    NOT_LISTED = "NOT_LISTED", "名单中没有"
    UNREADABLE = "UNREADABLE", "无法核对"


@dataclass(frozen=True)
class RosterForm(Form):
    """The values of a list that are compared with the roster."""

    department: Department | None = None
    other_department: Annotated[str | None, _WORDS, When("department", {Department.OTHER}, WHICH, NOT_OTHER)] = None
    title: Title | None = None
    post: Post | None = None
    other_post: Annotated[str | None, _WORDS, When("post", {Post.OTHER}, WHICH, NOT_OTHER)] = None


COMPARED: Final = ("department", "title", "post")


@dataclass(frozen=True, slots=True, repr=False)
class OnRoster:
    """A nurse of the roster: who she is, and the compared values on record, by the names of the form's fields."""

    id: UUID
    name: str
    certificate_number: str | None
    recorded: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """One finding, as it is kept; `recorded` and `wanted` hold what differs."""

    finding: RosterFinding
    line: int | None = None
    nurse_id: UUID | None = None
    recorded: Mapping[str, str | None] = field(default_factory=dict)
    wanted: Mapping[str, str | None] = field(default_factory=dict)
    problems: Sequence[Mapping[str, str | None]] = ()


def compared(
    rows: Sequence[tuple[Row, OnRoster | None, Sequence[FieldProblem]]], roster: Sequence[OnRoster]
) -> list[Found]:
    """The findings: each row in its order, with whom it names and what is wrong with that, then who is in no row."""
    seen: dict[UUID, int] = {}
    found = [_of_row(row, nurse, wrong, seen) for row, nurse, wrong in rows]
    left = (Found(RosterFinding.NOT_LISTED, nurse_id=one.id) for one in roster if one.id not in seen)
    return [*found, *left]


def _of_row(row: Row, nurse: OnRoster | None, wrong: Sequence[FieldProblem], seen: dict[UUID, int]) -> Found:
    problems = [*row.problems, *wrong]
    if nurse is None:
        finding = RosterFinding.UNREADABLE if problems else RosterFinding.NOT_ON_ROSTER
        return Found(finding, row.line, problems=[kept(one) for one in problems])
    if nurse.id in seen:
        zh, en = f"与第{seen[nurse.id]}行是同一人", f"The same person as in row {seen[nurse.id]}."
        problems.append(row.located(FieldProblem("nurse", "TWICE", Words(zh, en))))
    seen.setdefault(nurse.id, row.line)
    problems += _strangers(row, nurse)
    if problems:
        return Found(RosterFinding.UNREADABLE, row.line, nurse.id, problems=[kept(one) for one in problems])
    wanted = dict(_differences(row.filled, nurse.recorded))
    recorded = {name: nurse.recorded.get(name) for name in wanted}
    finding = RosterFinding.DIFFERENT if wanted else RosterFinding.EQUAL
    return Found(finding, row.line, nurse.id, recorded, wanted)


def _strangers(row: Row, nurse: OnRoster) -> Iterator[FieldProblem]:
    """The problems of what the row says of who she is, where the roster says otherwise."""
    name, certificate = row.named.get("name"), row.named.get("certificateNumber")
    if name is not None and not same_name(name, nurse.name):
        yield row.located(FieldProblem("name", "NAME_DIFFERS", _NAME), name)
    if certificate is not None and certificate != nurse.certificate_number:
        yield row.located(FieldProblem("certificateNumber", "CERTIFICATE_DIFFERS", _CERTIFICATE), certificate)


def _differences(filled: Mapping[str, str], recorded: Mapping[str, str | None]) -> Iterator[tuple[str, str | None]]:
    """The values of the list that differ, each with its words; what the list leaves empty it does not say."""
    for name in (one for one in COMPARED if one in filled):
        words = PATHS.get(name)
        names = (name,) if words is None else (name, words)
        if any(filled.get(one) != recorded.get(one) for one in names):
            yield from ((one, filled.get(one)) for one in names)


def require_places(places: Sequence[int]) -> None:
    """Refuse no rows, more than are done at once, and one that is named twice."""
    if not 0 < len(places) <= AT_ONCE:
        zh, en = f"每次请选择1至{AT_ONCE}条", f"Choose 1 to {AT_ONCE} rows."
        raise Invalid(FieldProblem("places", "WRONG_NUMBER", Words(zh, en)))
    if twice := [nth for nth, place in enumerate(places) if place in places[:nth]]:
        raise Invalid(*(FieldProblem(f"places.{nth}", "TWICE", _TWICE) for nth in twice))


def require_rows(
    places: Sequence[int], found: Mapping[int, tuple[str, datetime | None]], finding: RosterFinding
) -> None:
    """Refuse a step on rows that are not of this finding, or on which one was taken already."""
    problems = []
    for nth, place in enumerate(places):
        is_of, done_at = found[place]
        if is_of != finding:
            words = Words(f"只能选择“{finding.label}”的条目", f"Choose rows that are {finding.english} only.")
            problems.append(FieldProblem(f"places.{nth}", "OTHER_FINDING", words))
        elif done_at is not None:
            problems.append(FieldProblem(f"places.{nth}", "ROW_DONE", _DONE))
    if problems:
        raise Invalid(*problems)


def require_undoable(places: Sequence[int], found: Mapping[int, tuple[str, datetime | None]], days: int) -> None:
    """Refuse to undo rows on which nothing was done, or what was done more than ten working days ago."""
    if undone := [nth for nth, place in enumerate(places) if found[place][1] is None]:
        raise Invalid(*(FieldProblem(f"places.{nth}", "ROW_NOT_DONE", _NOT_DONE) for nth in undone))
    if days > UNDONE_WITHIN:
        raise NotAllowed("UNDO_TOO_LATE", _TOO_LATE)


def require_unchanged(
    recorded: Mapping[str, str | None], wanted: Mapping[str, str | None], now: Mapping[str, str | None]
) -> dict[str, str | None]:
    """The values that were on record before; refused where they have changed since, or where there were none."""
    if any(now.get(name) != value for name, value in wanted.items()):
        raise NotAllowed("CHANGED_SINCE", _CHANGED)
    if any(
        recorded.get(name) is None and value is not None and name not in PATHS.values()
        for name, value in wanted.items()
    ):
        raise NotAllowed("NOTHING_BEFORE", _NOTHING)
    return {name: recorded.get(name) for name in wanted}


def require_work_differs(wanted: Mapping[str, str | None]) -> None:
    """Refuse to edit where only what she asks for herself differs."""
    if not wanted:
        raise NotAllowed("NOT_OF_HER_WORK", _TITLE)


_TWICE: Final = Words("重复选择", "It is chosen twice.")
_DONE: Final = Words("该条目已办理，请重新核对", "A step was taken on it already: compare anew.")
_NOT_DONE: Final = Words("该条目未办理", "No step was taken on it.")
_TOO_LATE: Final = Words(
    "办理已超过十个工作日，不能撤销，请逐人修改", "It was done more than ten working days ago: correct each by itself."
)
_CHANGED: Final = Words("在册信息此后又有变更，不能撤销", "The record has changed since: it is not put back.")
_NOTHING: Final = Words(
    "原在册信息为空，不能恢复为空", "Nothing was on record before, and nothing is no value to put back."
)
_TITLE: Final = Words("职称由护士本人申请修改，机构审核", "She asks for another title herself, and you review it.")
_NAME: Final = Words(
    "与在册姓名不一致：在册有误的，请办理关键信息更正",
    "Not her name on the roster: where that is wrong, ask for a correction of key facts.",
)
_CERTIFICATE: Final = Words("与在册证书编号不一致", "Not the number of her certificate on the roster.")

"""A roster beside an institution's own list (名册核对, I9): what was found, and the steps on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.schema.collective import Kept, RecordChange, worded
from graph.schema.filter import NameFilter
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.page import Connection, Taken, listed
from graph.schema.problem import FieldProblem
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.departure import DepartureReason
from rules.errors import Language, Words
from rules.form import read
from rules.label import Labelled
from rules.material import UploadedFile
from rules.other import PATHS, said
from rules.roster import COMPARED, RosterFinding, RosterForm

strawberry.enum(RosterFinding)
OnlyThis = Annotated[RosterFinding | None, strawberry.argument(description="Only these.")]


@strawberry.enum
class RosterRowOrder(Labelled):
    """One column to order the findings by; rows that name nobody of yours stand last by name."""

    PLACE_ASC = "place", "名单顺序"
    PLACE_DESC = "-place", "名单倒序"
    NAME_ASC = "nameOrder", "姓名，按拼音顺序"
    NAME_DESC = "-nameOrder", "姓名，按拼音倒序"


@strawberry.input
class RosterRowWhere:
    """Conditions on the findings; all that is given must hold."""

    and_: list[RosterRowWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[RosterRowWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: RosterRowWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    name: NameFilter | None = strawberry.field(
        default=UNSET,
        description="姓名 of the nurse of yours whom it is about: by equality, its beginning, or any part.",
    )


Where = Annotated[RosterRowWhere | None, strawberry.argument(description="Only findings like these.")]
OrderBy = Annotated[
    list[RosterRowOrder] | None,
    strawberry.argument(description="The columns to order by, first things first; as the list has them unless told."),
]


@strawberry.type
class RosterCheckRow:
    """One row of the list, or one nurse of the roster who is in no row."""

    place: int = strawberry.field(description="Its place, from 1, by which a step chooses it.")
    line: int | None = strawberry.field(description="The row of the list; null for a nurse who is in none.")
    finding: RosterFinding = strawberry.field(description="核对结果.")
    done_at: datetime | None = strawberry.field(description="When a step was taken on it.")
    nurse_id: strawberry.Private[UUID | None]
    kept_recorded: strawberry.Private[Mapping[str, str | None]]
    kept_wanted: strawberry.Private[Mapping[str, str | None]]
    kept_problems: strawberry.Private[Kept]
    nurse = link(Nurse, "nurse_id", "Who it is, while she is on your roster; null where the row names nobody of yours.")

    @strawberry.field
    def changes(self, info: Info) -> list[RecordChange]:
        """The values that differ: what is on record, and what the list says."""
        return [*_changes(self.kept_recorded, self.kept_wanted, info.context.language)]

    @strawberry.field
    def problems(self, info: Info) -> list[FieldProblem]:
        """Why the row could not be compared: which row and column, what stands there, what to do."""
        return worded(self.kept_problems, info.context.language)


def _changes(
    recorded: Mapping[str, str | None], wanted: Mapping[str, str | None], language: Language
) -> Iterator[RecordChange]:
    before, after = vars(read(RosterForm, recorded)), vars(read(RosterForm, wanted))
    for name in (one for one in COMPARED if one in wanted):
        words = f"other_{name}" if name in PATHS else name
        shown = [_said(values[name], values[words], language) for values in (before, after)]
        yield RecordChange(path=name, recorded=shown[0], wanted=shown[1])


def _said(value: object, words: object, language: Language) -> str:
    if value is None:
        return Words("未填写", "nothing").within(language)
    return said(value, words if isinstance(words, str) else None)  # type: ignore[arg-type]


@strawberry.type
class RosterCheck(Node):
    """Your roster beside your own list (名册核对); only you see it, until your next one takes its place."""

    created_at: datetime = strawberry.field(description="When they were compared.")
    equal: int = strawberry.field(description="一致: how many are in both, and equal.")
    different: int = strawberry.field(description="不一致: how many are in both, and differ in 科室, 职称 or 职务.")
    not_on_roster: int = strawberry.field(description="不在本院名册: how many rows name nobody of your roster.")
    not_listed: int = strawberry.field(description="名单中没有: how many of your roster are in no row.")
    unreadable: int = strawberry.field(description="无法核对: how many rows could not be compared.")
    key: strawberry.Private[UUID]
    kept_notes: strawberry.Private[Kept]
    rows = listed(
        "RosterCheck.rows",
        Connection[RosterCheckRow],
        "The findings: the rows in their order, then who is in none, by the pinyin of their names; unless told.",
        finding=Taken(OnlyThis),
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )

    @strawberry.field
    def notes(self, info: Info) -> list[FieldProblem]:
        """The parts of the list that were not read: columns that are not known, other sheets."""
        return worded(self.kept_notes, info.context.language)


@strawberry.input
class RosterCompareInput(IdempotentInput):
    """Your own list of your nurses."""

    csv: UploadedFile = strawberry.field(
        description="名单: .xlsx, .xls (5 MiB) or .csv (1 MiB), at most 10,000 rows. A row under any titles names the "
        "columns: 身份证号 (with 证件类型 where it is none) or 护士执业证书编号, and 姓名, 科室, 职称, 职务."
    )


@strawberry.input
class RosterStepInput(IdempotentInput):
    """Rows of a comparison on which a step is to be taken."""

    id: strawberry.ID = strawberry.field(description="The comparison's global id.")
    places: list[int] = strawberry.field(description="The places of the rows, 1 to 500, all of the same finding.")
    dry_run: bool = strawberry.field(
        default=False, description="试办: judge as the step would now, say all problems, and change nothing."
    )


@strawberry.input
class RosterReportDeparturesInput(RosterStepInput):
    """Rows whose nurses have left, and when."""

    reason: DepartureReason = strawberry.field(description="离职原因; 退休 ends no registration.")
    left_on: date = strawberry.field(description="离职日期, at most today.")
    remarks: str | None = strawberry.field(default=None, description="备注, up to 500 characters; needed with OTHER.")


@strawberry.interface
class RosterPayload:
    """The comparison, kept."""

    roster_check: RosterCheck = strawberry.field(description="The comparison as it stands now.")

    query = query_after("Anything else you want to read after the step.")

"""Interruptions of practice (中断执业, I23): the noun, its list, and what the steps take."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, BooleanFilter, DateFilter, TextFilter
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.place import Institution
from graph.schema.query import query_after
from graph.schema.registration_act import NurseActInput
from graph.schema.step import IdempotentInput
from rules.interruption import InterruptionReason
from rules.label import Labelled
from rules.material import UploadedFile
from rules.nurse import Sex


@strawberry.type
class Interruption(Node):
    """An interruption of practice (中断执业): it never changes whether she may practise, and shows to herself, to the
    institution that recorded it and to her 注册机关 only.
    """

    nurse_name: str = strawberry.field(description="姓名.")
    sex: Sex = strawberry.field(description="性别.")
    id_number_masked: str = strawberry.field(description="证件号, masked.")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号.")
    starts_on: date = strawberry.field(description="中断开始日期.")
    ends_on: date | None = strawberry.field(description="中断结束日期, inclusive; null while nobody knows it.")
    reason: InterruptionReason | None = strawberry.field(description="中断事由, where it was given.")
    running: bool = strawberry.field(description="Whether it runs today.")
    recorded_at: datetime | None = strawberry.field(description="登记时间.")
    dispute: str | None = strawberry.field(description="What the nurse says to it (异议), if she disputes it.")
    disputed_at: datetime | None = strawberry.field(description="When she disputed it.")
    answer: str | None = strawberry.field(description="What her 注册机关 answered (异议答复).")
    answered_at: datetime | None = strawberry.field(description="When it answered.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was taken back: then it never counts.")
    nurse_id: strawberry.Private[UUID]
    institution_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Whom it is about, while you may read her record.")
    institution = link(Institution, "institution_id", "登记机构: who recorded it.")


@strawberry.input
class InterruptionWhere:
    """Conditions on interruptions; all that is given must hold."""

    and_: list[InterruptionWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[InterruptionWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: InterruptionWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    certificate_number: TextFilter | None = strawberry.field(default=UNSET, description="护士执业证书编号.")
    starts_on: DateFilter | None = strawberry.field(default=UNSET, description="中断开始日期.")
    ends_on: DateFilter | None = strawberry.field(default=UNSET, description="中断结束日期.")
    running: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether it runs today.")
    disputed: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether she disputes it.")
    answered: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether that was answered.")
    withdrawn: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether it was taken back.")


@strawberry.enum
class SpanOrder(Labelled):
    """One column to order them by; rows that are equal in all of them keep the order of their ids."""

    STARTS_ON_ASC = "startsOn", "开始日期，从早到晚"
    STARTS_ON_DESC = "-startsOn", "开始日期，从晚到早"
    NAME_ASC = "nameOrder", "姓名，按拼音顺序"
    NAME_DESC = "-nameOrder", "姓名，按拼音倒序"


@strawberry.input
class InterruptionStartInput(NurseActInput):
    """An interruption of practice."""

    starts_on: date = strawberry.field(description="The first day on which she did not practise, at most today.")
    reason: InterruptionReason | None = strawberry.field(
        default=None, description="中断事由, which nobody has to give; never an illness or a pregnancy."
    )


@strawberry.input
class InterruptionEndInput(NurseActInput):
    """The end of an interruption."""

    ends_on: date = strawberry.field(description="The last day on which she did not practise, at most today.")


@strawberry.input
class InterruptionStepInput(IdempotentInput):
    """One interruption."""

    id: strawberry.ID = strawberry.field(description="The interruption's global id.")


@strawberry.input
class InterruptionDisputeInput(InterruptionStepInput):
    """A nurse's objection to it."""

    text: str = strawberry.field(description="异议内容, up to 500 characters.")


@strawberry.input
class InterruptionAnswerInput(InterruptionStepInput):
    """An answer to her objection."""

    upheld: bool = strawberry.field(description="True where she is right (异议成立): the record is taken back.")
    text: str = strawberry.field(description="答复, up to 500 characters.")


@strawberry.input
class SpanListInput(IdempotentInput):
    """A list of nurses of yours."""

    csv: UploadedFile = strawberry.field(
        description="名单: .xlsx, .xls (5 MiB) or .csv (1 MiB), at most 500 rows. A row under any titles names the "
        "columns: 身份证号 or 护士执业证书编号, 姓名 if you like, and those of the mutation."
    )
    dry_run: bool = strawberry.field(
        default=False, description="试办: judge as the step would now, say all problems, and change nothing."
    )


@strawberry.interface
class InterruptionPayload:
    """The step was taken."""

    interruption: Interruption = strawberry.field(description="The interruption as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class SpanListPayload:
    """The rows are recorded, or were tried."""

    rows: int = strawberry.field(description="How many nurses the list names.")
    recorded: int = strawberry.field(description="How many of them are recorded now: all, or none where it was tried.")

    query = query_after("Anything else you want to read after the step.")

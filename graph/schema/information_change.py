"""Changes of what the register says of a nurse (信息修改, N13, N14, I14, I15, I27)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.filter import (
    UNSET,
    Among,
    BooleanFilter,
    DateFilter,
    MomentFilter,
    NumberFilter,
    PartyFilter,
    TextFilter,
)
from graph.schema.form import FormInput, filled_as, shown_as
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from rules import information_form as rules
from rules.form import read
from rules.information_change import ChangeState, ChangeStep
from rules.label import Labelled
from rules.people import Party

strawberry.enum(ChangeState, name="InformationChangeState")
strawberry.enum(ChangeStep, name="InformationChangeStep")

if TYPE_CHECKING:
    InformationForm: TypeAlias = object
    InformationFormInput: TypeAlias = FormInput
else:
    InformationForm = shown_as(rules.InformationForm, "Information of a nurse; null is what a change does not name.")
    InformationFormInput = filled_as(rules.InformationForm, "Information of a nurse; what is left out stays.")


def _shown(values: Mapping[str, str | None]) -> InformationForm:
    return InformationForm(**vars(read(rules.InformationForm, values)))


@strawberry.type
class InformationChange(Node):
    """A change of what the register says of a nurse (信息修改): the wanted values beside those on record."""

    nurse_name: str = strawberry.field(description="姓名.")
    id_number_masked: str = strawberry.field(description="证件号, masked.")
    state: ChangeState = strawberry.field(description="Where it stands.")
    filed_by: Party = strawberry.field(description="Who asked: the nurse, or her institution, which wrote it itself.")
    accepted_fields: list[str] = strawberry.field(description="The fields that were agreed to.")
    marked_fields: list[str] = strawberry.field(description="The fields that she is asked to correct.")
    superseded_fields: list[str] = strawberry.field(description="The fields that newer values have taken the place of.")
    opinion: str | None = strawberry.field(description="意见: what the reviewer says, and why.")
    originals_seen: bool = strawberry.field(description="Whether the reviewer has seen the originals (核对原件).")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    created_at: datetime = strawberry.field(description="申请时间.")
    queued_at: datetime = strawberry.field(description="Since when it waits where it is.")
    escalated_at: datetime | None = strawberry.field(
        description="When her 注册机关 took over the review, which is her institution's otherwise."
    )
    decided_at: datetime | None = strawberry.field(description="When it ended.")
    due_on: date | None = strawberry.field(
        description="The last day for the institution's word (ten working days), or for the authority's decision on an "
        "objection (twenty); null while no such time runs."
    )
    objection_until: date | None = strawberry.field(
        description="异议期: the last day on which she may object to what her institution wrote; null of what she "
        "asked for."
    )
    objection: str | None = strawberry.field(description="异议: why she objects.")
    objected_at: datetime | None = strawberry.field(
        description="When she objected; until it is decided the old stands."
    )
    proof_file_name: str | None = strawberry.field(
        description="证明材料: the name of the paper that proves it; an `INFORMATION_PROOF` ticket downloads it."
    )
    key: strawberry.Private[UUID]
    nurse_id: strawberry.Private[UUID]
    asked_json: strawberry.Private[Mapping[str, str | None]]
    recorded_json: strawberry.Private[Mapping[str, str | None]]

    @strawberry.field
    def asked(self) -> InformationForm:
        """The wanted values."""
        return _shown(self.asked_json)

    @strawberry.field
    def recorded(self) -> InformationForm:
        """The values of the same fields that were on record when it was asked for."""
        return _shown(self.recorded_json)

    @strawberry.field
    async def available_steps(self, info: Info) -> list[ChangeStep]:
        """The steps open to you now: exactly those that would not be refused, if what you send with them is right."""
        return await info.context.load.change_steps(self.key)

    nurse = link(Nurse, "nurse_id", "Whom it is about, with her whole record, while you may read it.")


@strawberry.input
class InformationChangeStateFilter(Among[ChangeState]):
    """Compares where changes stand."""


@strawberry.input
class InformationChangeWhere:
    """Conditions on changes of information; all that is given must hold."""

    and_: list[InformationChangeWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[InformationChangeWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: InformationChangeWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    state: InformationChangeStateFilter | None = strawberry.field(default=UNSET, description="Where they stand.")
    created_at: MomentFilter | None = strawberry.field(default=UNSET, description="申请时间.")
    decided_at: MomentFilter | None = strawberry.field(default=UNSET, description="审核时间.")
    filed_by: PartyFilter | None = strawberry.field(default=UNSET, description="Who asked.")
    due_on: DateFilter | None = strawberry.field(
        default=UNSET, description="The last day: `lt` today are those overdue (逾期)."
    )
    escalated: BooleanFilter | None = strawberry.field(
        default=UNSET,
        description="Whether her 注册机关 reviews it: `eq: false` are those that lie with the institution.",
    )
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    id_number: NumberFilter | None = strawberry.field(default=UNSET, description="证件号.")


@strawberry.enum
class InformationChangeOrder(Labelled):
    """One column to order changes by; rows that are equal in all of them keep the order of their ids."""

    CREATED_AT_ASC = "createdAt", "申请时间，从早到晚"
    CREATED_AT_DESC = "-createdAt", "申请时间，从晚到早"
    QUEUED_AT_ASC = "queuedAt", "等待时间，从长到短"
    QUEUED_AT_DESC = "-queuedAt", "等待时间，从短到长"


@strawberry.interface
class InformationChangePayload:
    """The step was taken."""

    information_change: InformationChange = strawberry.field(description="The change as it stands now.")

    query = query_after("Anything else you want to read after the step.")

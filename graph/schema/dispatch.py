"""Dispatches (支援、进修、义诊等派出): the noun, its lists, and what the steps take."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, Among, BooleanFilter, DateFilter, TextFilter
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.place import Institution
from graph.schema.query import query_after
from graph.schema.registration_act import NurseActInput
from graph.schema.step import IdempotentInput
from rules.dispatch import DispatchKind
from rules.registration import Standing


@strawberry.type
class Dispatch(Node):
    """A dispatch (派出): she works elsewhere for a while, stays registered where she is, and may practise as before.

    The receiving institution sees it, with her standing, for its days only.
    """

    nurse_name: str = strawberry.field(description="姓名.")
    certificate_number: str | None = strawberry.field(description="护士执业证书编号, while it runs.")
    standing: Standing | None = strawberry.field(description="执业状态 today, while it runs.")
    may_practise: bool | None = strawberry.field(description="Whether she may work as a nurse today, while it runs.")
    kind: DispatchKind = strawberry.field(description="派出类别.")
    starts_on: date = strawberry.field(description="开始日期.")
    ends_on: date | None = strawberry.field(description="结束日期, inclusive; null while nobody knows it.")
    place: str | None = strawberry.field(description="系统外地点, where it is no institution of the register.")
    running: bool = strawberry.field(description="Whether it runs today.")
    recorded_at: datetime | None = strawberry.field(description="登记时间.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was taken back.")
    nurse_id: strawberry.Private[UUID]
    institution_id: strawberry.Private[UUID | None]
    to_institution_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Whom it is about, while you may read her record.")
    institution = link(Institution, "institution_id", "派出机构: where she is registered.")
    to_institution = link(Institution, "to_institution_id", "接收机构, where it is one of the register.")


@strawberry.input
class DispatchKindFilter(Among[DispatchKind]):
    """Compares 派出类别."""


@strawberry.input
class DispatchWhere:
    """Conditions on dispatches; all that is given must hold."""

    and_: list[DispatchWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[DispatchWhere] | None = strawberry.field(default=UNSET, name="or", description="At least one of these.")
    not_: DispatchWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    nurse_name: TextFilter | None = strawberry.field(default=UNSET, description="姓名: by equality or its beginning.")
    kind: DispatchKindFilter | None = strawberry.field(default=UNSET, description="派出类别.")
    starts_on: DateFilter | None = strawberry.field(default=UNSET, description="开始日期.")
    ends_on: DateFilter | None = strawberry.field(default=UNSET, description="结束日期.")
    running: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether it runs today.")
    withdrawn: BooleanFilter | None = strawberry.field(default=UNSET, description="Whether it was taken back.")


@strawberry.input
class DispatchInput:
    """A dispatch as it is to be."""

    kind: DispatchKind = strawberry.field(
        description="派出类别; which need no change of registration says the law (`lawSettings`, DISPATCH_KINDS)."
    )
    starts_on: date = strawberry.field(description="开始日期, at most 90 days ahead.")
    ends_on: date | None = strawberry.field(default=None, description="结束日期, inclusive, at most 36 months later.")
    to_institution: strawberry.ID | None = strawberry.field(default=None, description="接收机构, by its global id.")
    place: str | None = strawberry.field(
        default=None, description="系统外地点, up to 100 characters, where it is no institution of the register."
    )


@strawberry.input
class DispatchStartInput(NurseActInput):
    """A nurse of yours who works elsewhere."""

    dispatch: DispatchInput = strawberry.field(description="What kind, when and where.")


@strawberry.input
class DispatchStepInput(IdempotentInput):
    """One dispatch."""

    id: strawberry.ID = strawberry.field(description="The dispatch's global id.")


@strawberry.input
class DispatchChangeInput(DispatchStepInput):
    """A dispatch as it should be."""

    dispatch: DispatchInput = strawberry.field(description="All of it, as it is from now on.")


@strawberry.interface
class DispatchPayload:
    """The step was taken."""

    dispatch: Dispatch = strawberry.field(description="The dispatch as it stands now.")

    query = query_after("Anything else you want to read after the step.")

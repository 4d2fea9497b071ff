"""Reports that a nurse has left (离职报告, I9)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.place import Institution
from graph.schema.query import query_after
from graph.schema.registration_act import NurseActInput
from graph.schema.step import IdempotentInput
from rules.departure import DepartureReason

strawberry.enum(DepartureReason)


@strawberry.type
class Departure(Node):
    """A report that a nurse has left: from then on she is without an institution, and may not practise."""

    nurse_name: str = strawberry.field(description="姓名.")
    reason: DepartureReason = strawberry.field(description="离职原因.")
    left_on: date = strawberry.field(description="离职日期.")
    remarks: str | None = strawberry.field(description="备注.")
    reported_at: datetime = strawberry.field(description="When it was reported.")
    dispute: str | None = strawberry.field(description="What the nurse says to it (离职异议), if she disputes it.")
    disputed_at: datetime | None = strawberry.field(description="When she disputed it.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was taken back.")
    nurse_id: strawberry.Private[UUID]
    institution_id: strawberry.Private[UUID]
    nurse = link(Nurse, "nurse_id", "Whom it is about, while you may read her record.")
    institution = link(Institution, "institution_id", "Which institution she has left, or who took it over.")


@strawberry.input
class DepartureReportInput(NurseActInput):
    """That a nurse of yours has left."""

    reason: DepartureReason = strawberry.field(description="离职原因.")
    left_on: date = strawberry.field(description="离职日期, at most today.")
    remarks: str | None = strawberry.field(default=None, description="备注, up to 500 characters; needed with OTHER.")


@strawberry.input
class DepartureWithdrawInput(IdempotentInput):
    """One report."""

    id: strawberry.ID = strawberry.field(description="The report's global id.")


@strawberry.input
class DepartureDisputeInput(DepartureWithdrawInput):
    """A nurse's objection to it."""

    text: str = strawberry.field(description="异议内容, up to 500 characters.")


@strawberry.interface
class DeparturePayload:
    """The step was taken."""

    departure: Departure = strawberry.field(description="The report as it stands now.")

    query = query_after("Anything else you want to read after the step.")

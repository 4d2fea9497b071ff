"""Proposals of one officer that another confirms (双人决定): deregistration by office (A8), undoing a decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.application import Application
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from graph.schema.registration_act import DecisionNumberInput
from graph.schema.step import IdempotentInput
from rules.proposal import VoidGround
from rules.registration import DeregistrationReason
from rules.verification import RequestState

strawberry.enum(VoidGround)


@strawberry.type
class Proposal(Node):
    """A decision that waits for a second person."""

    state: RequestState = strawberry.field(description="Where it stands.")
    reason: DeregistrationReason | None = strawberry.field(description="注销理由, where a registration is to end.")
    fraud: bool = strawberry.field(
        description="Whether it was obtained by fraud (以欺骗、贿赂等不正当手段取得): a bar of three years."
    )
    ground: VoidGround | None = strawberry.field(description="撤销依据, where a decision is to be undone.")
    decision_number: str = strawberry.field(description="决定书文号.")
    remarks: str | None = strawberry.field(description="说明.")
    created_at: datetime = strawberry.field(description="When it was proposed.")
    decided_at: datetime | None = strawberry.field(description="When the second person decided.")
    note: str | None = strawberry.field(description="What the second person noted.")
    nurse_id: strawberry.Private[UUID]
    application_id: strawberry.Private[UUID | None]
    nurse = link(Nurse, "nurse_id", "Whom it is about, while you may read her record.")
    application = link(Application, "application_id", "The application whose decision is to be undone.")


@strawberry.input
class DeregistrationProposeInput(DecisionNumberInput):
    """The end of a registration, by office."""

    reason: DeregistrationReason = strawberry.field(description="注销理由; EXPIRED only of what has run out.")
    fraud: bool = strawberry.field(
        default=False, description="With ANNULLED: obtained by fraud (欺骗、贿赂); bars for three years."
    )
    remarks: str | None = strawberry.field(default=None, description="说明, up to 500 characters.")


@strawberry.input
class VoidProposeInput(IdempotentInput):
    """Undoing a decision."""

    application_id: strawberry.ID = strawberry.field(description="The approved or rejected application's global id.")
    ground: VoidGround = strawberry.field(description="撤销依据; FRAUD bars her for three years.")
    decision_number: str = strawberry.field(description="决定书文号, up to 60 characters.")
    remarks: str | None = strawberry.field(default=None, description="说明, up to 500 characters.")


@strawberry.input
class ProposalDecideInput(IdempotentInput):
    """The second person's word."""

    id: strawberry.ID = strawberry.field(description="The proposal's global id.")
    note: str | None = strawberry.field(default=None, description="意见, up to 500 characters.")


@strawberry.interface
class ProposalPayload:
    """The step was taken."""

    proposal: Proposal = strawberry.field(description="The proposal as it stands now.")

    query = query_after("Anything else you want to read after the step.")

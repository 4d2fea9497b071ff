"""Proposals of one officer that another confirms (双人决定): deregistration by office (A8), undoing a decision."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.application import Application
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from graph.schema.registration_act import DecisionNumberInput
from graph.schema.step import IdempotentInput
from rules.proposal import ProposalKind, VoidGround
from rules.registration import DeregistrationReason
from rules.verification import RequestState

strawberry.enum(VoidGround)
strawberry.enum(ProposalKind)


@strawberry.type
class Proposal(Node):
    """A decision that waits for a second person."""

    kind: ProposalKind = strawberry.field(description="What is proposed.")
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
    evidence: str | None = strawberry.field(description="证明材料, where records are to be merged, or to be two again.")
    objections_until: date | None = strawberry.field(
        description="异议期: the last day on which the nurses may object to a merge; it is confirmed after that day."
    )
    objection: str | None = strawberry.field(
        description="异议, of whoever has either record: the confirmation must answer it in its note."
    )
    nurse_id: strawberry.Private[UUID]
    merged_id: strawberry.Private[UUID | None]
    application_id: strawberry.Private[UUID | None]
    merged = link(Nurse, "merged_id", "The record that is merged into `nurse`, or that is to be its own again.")
    nurse = link(Nurse, "nurse_id", "Whom it is about, while you may read her record.")
    application = link(Application, "application_id", "The application whose decision is to be undone.")


@strawberry.input
class DeregistrationProposeInput(DecisionNumberInput):
    """The end of a registration, by office."""

    reason: DeregistrationReason = strawberry.field(description="注销理由; EXPIRED only of what has run out.")
    fraud: bool = strawberry.field(
        default=False, description="With ANNULLED: obtained by fraud (欺骗、贿赂); bars for three years."
    )
    remarks: str | None = strawberry.field(default=None, description="说明, up to 500 characters; needed with OTHER.")


@strawberry.input
class RecordMergeProposeInput(DecisionNumberInput):
    """Two records of one nurse become one: `nurseId` is the one that is kept."""

    merged_id: strawberry.ID = strawberry.field(description="将并入的档案: the other record, by its global id.")
    reason: str = strawberry.field(description="理由, up to 500 characters.")
    evidence: str = strawberry.field(
        description="证明材料: what proves that both are one person, up to 1,000 characters."
    )
    confirms_differences: bool = strawberry.field(
        default=False,
        description="确认差异: that the records differ in name, sex or birth date is known; otherwise it is refused.",
    )


@strawberry.input
class RecordUnmergeProposeInput(DecisionNumberInput):
    """The last merge into a record is to be undone; either record may be named."""

    reason: str = strawberry.field(description="理由, up to 500 characters.")
    evidence: str = strawberry.field(
        description="证明材料: what proves that they are two persons, up to 1,000 characters."
    )


@strawberry.input
class RecordMergeObjectInput(IdempotentInput):
    """A nurse's objection to the merge of her record."""

    text: str = strawberry.field(description="异议, up to 500 characters.")


@strawberry.interface
class ObjectionPayload:
    """The objection stands with the proposal: whoever confirms has to answer it."""

    query = query_after("Anything else you want to read after the step.")


@strawberry.input
class VoidProposeInput(IdempotentInput):
    """Undoing a decision."""

    application_id: strawberry.ID = strawberry.field(description="The approved or rejected application's global id.")
    ground: VoidGround = strawberry.field(description="撤销依据; FRAUD bars her for three years.")
    decision_number: str = strawberry.field(description="决定书文号, up to 60 characters.")
    remarks: str | None = strawberry.field(
        default=None, description="说明, up to 500 characters; needed with OTHER_BY_LAW."
    )


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

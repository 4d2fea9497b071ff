"""Requests to correct who a nurse is (关键信息修改, A5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.verification import RequestState


@strawberry.type
class KeyFactRequest(Node):
    """A request to put a nurse's name or ID number right."""

    state: RequestState = strawberry.field(description="Where it stands.")
    new_name: str | None = strawberry.field(description="姓名 as it should be, where that is asked for.")
    new_document_type: DocumentType | None = strawberry.field(description="证件类型 as it should be.")
    new_id_number_masked: str | None = strawberry.field(
        description="证件号 as it should be, masked: the decider types the original."
    )
    evidence: str = strawberry.field(description="证明材料.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    decided_at: datetime | None = strawberry.field(description="When it was decided.")
    reason: str | None = strawberry.field(description="Why it was rejected, or what was noted.")
    nurse_id: strawberry.Private[UUID]
    nurse = link(Nurse, "nurse_id", "Whom it is about, as the register has her now, if you may read her.")


@strawberry.input
class KeyFactRequestInput(IdempotentInput):
    """The faults in a nurse's key facts, and their proof."""

    nurse: strawberry.ID | None = strawberry.field(
        default=None, description="A nurse of your institution; yourself unless told."
    )
    name: str | None = strawberry.field(default=None, description="姓名 as it should be.")
    document_type: DocumentType | None = strawberry.field(default=None, description="证件类型; as it was unless told.")
    id_number: str | None = strawberry.field(default=None, description="证件号 as it should be.")
    evidence: str = strawberry.field(description="证明材料: what proves it, up to 1,000 characters.")


@strawberry.input
class KeyFactApproveInput(IdempotentInput):
    """Agreement, with what the original documents say."""

    id: strawberry.ID = strawberry.field(description="The request's global id.")
    name: str | None = strawberry.field(
        default=None, description="姓名 as the original has it, where a name was asked for."
    )
    id_number: str | None = strawberry.field(
        default=None, description="证件号 as the original has it, where a number was asked for."
    )
    confirms_sex_and_birth_date: bool = strawberry.field(
        default=False,
        description="确认变更性别和出生日期: that the new number tells another sex or birth date than the record "
        "is meant; otherwise it is refused.",
    )


@strawberry.input
class KeyFactRejectInput(IdempotentInput):
    """Refusal."""

    id: strawberry.ID = strawberry.field(description="The request's global id.")
    reason: str = strawberry.field(description="理由, up to 500 characters.")


@strawberry.input
class KeyFactWithdrawInput(IdempotentInput):
    """A request that you take back."""

    id: strawberry.ID = strawberry.field(description="The request's global id.")


@strawberry.interface
class KeyFactPayload:
    """The step was taken."""

    request_id: strawberry.ID = strawberry.field(description="The request's global id.")

    query = query_after("Anything else you want to read after the step.")

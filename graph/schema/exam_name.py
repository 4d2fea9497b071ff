"""Settling a name of the exam library by the province: what it takes and what it answers."""

from __future__ import annotations

import strawberry

from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType


@strawberry.input
class NurseSettleExamNameInput(IdempotentInput):
    """The person whose name it is, as you have read it off the originals."""

    name: str = strawberry.field(description="姓名, as the identity document has it.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号码.")
    evidence: str = strawberry.field(description="证明材料, up to 1,000 characters; it is kept with the exam's record.")


@strawberry.interface
class SettledNamePayload:
    """The exam library has this name from now on; an account that waited for it was compared again."""

    name: str = strawberry.field(description="姓名, as it is kept.")
    id_number_masked: str = strawberry.field(description="证件号码, masked.")

    query = query_after("Anything else you want to read after the step.")

"""Claiming by ID number (认领): what it takes and what it answers."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.schema.problem import NotAllowedProblem
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.kinds import Kind


@strawberry.type
class ClaimCandidate:
    """An application that you would claim by an ID number (认领前查看)."""

    kind: Kind = strawberry.field(description="业务类型.")
    nurse_name_masked: str | None = strawberry.field(
        description="姓名 as 王*: nothing else is told before you have claimed it; null where you may not."
    )
    submitted_at: datetime | None = strawberry.field(description="When it was filed.")
    refusal: NotAllowedProblem | None = strawberry.field(
        description="The rule by which claiming it would be refused; null where you may claim it."
    )


@strawberry.input
class ApplicationClaimByIdNumberInput(IdempotentInput):
    """The document of a nurse who has come to you."""

    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号.")
    kind: Kind | None = strawberry.field(default=None, description="业务类型, where you want no other claimed.")

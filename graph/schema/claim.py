"""Claiming by ID number (认领): what it takes and what it answers."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.schema.act import Act
from graph.schema.step import ApplicationPayload, IdempotentInput
from rules.identity import DocumentType
from rules.kinds import Kind


@strawberry.input
class ApplicationClaimByIdNumberInput(IdempotentInput):
    """The document of a nurse who has come to you."""

    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号.")
    kind: Kind | None = strawberry.field(default=None, description="业务类型, where you want no other claimed.")


CLAIM: Final = Act(
    "applicationClaimByIdNumber",
    ApplicationClaimByIdNumberInput,
    ApplicationPayload,
    "Claim what a nurse has filed for an institution to come (认领, I16): the first to name her ID number has it.",
)

"""Claiming by ID number (认领): what it takes and what it answers."""

from __future__ import annotations

import strawberry

from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.kinds import Kind


@strawberry.input
class ApplicationClaimByIdNumberInput(IdempotentInput):
    """The document of a nurse who has come to you."""

    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号.")
    kind: Kind | None = strawberry.field(default=None, description="业务类型, where you want no other claimed.")

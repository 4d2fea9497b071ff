"""Filing for a nurse: an institution for her deregistration (I21), an authority at its counter."""

from __future__ import annotations

import strawberry

from graph.schema.form import ApplicationFormInput
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.registration import DeregistrationReason


@strawberry.input
class ApplicationFileDeregistrationInput(IdempotentInput):
    """The end of a nurse's registration, as her institution asks for it."""

    nurse_id: strawberry.ID = strawberry.field(description="A nurse of your institution, by her global id.")
    reason: DeregistrationReason = strawberry.field(
        description="注销理由; EXPIRED only of what has run out, ANNULLED never."
    )
    remarks: str | None = strawberry.field(default=None, description="备注, up to 500 characters; needed with OTHER.")
    proof: str | None = strawberry.field(
        default=None, description="证明: the number of the death certificate, court finding or penalty decision."
    )


@strawberry.input
class ApplicationFileAtCounterInput(IdempotentInput):
    """The application of a nurse at your counter."""

    form: ApplicationFormInput = strawberry.field(description="The filled form.")
    identity_seen: bool = strawberry.field(description="That you have seen her identity document (已核验身份证件).")
    institution_id: strawberry.ID | None = strawberry.field(
        default=None, description="拟执业机构, needed for 首次 变更 重新 军转."
    )
    nurse_id: strawberry.ID | None = strawberry.field(
        default=None, description="A nurse whom you may read, by her global id; or else her document."
    )
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str | None = strawberry.field(
        default=None,
        description="证件号 of the nurse before you, wherever she is registered; counted and kept as a look-up is.",
    )

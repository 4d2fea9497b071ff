"""Claiming by ID number, and the look before it."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import strawberry

from graph.context import Context, Info
from graph.listing import only_once
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.claim import ApplicationClaimByIdNumberInput, ClaimCandidate
from graph.schema.problem import NotAllowedProblem
from graph.schema.step import ApplicationPayload
from rules.errors import Language
from rules.identity import DocumentType
from rules.kinds import Kind
from workflow.claim import ApplicationClaimByIdNumber, claim
from workflow.claim_candidate import Candidate, look

Type = Annotated[DocumentType, strawberry.argument(description="证件类型.")]
Number = Annotated[str, strawberry.argument(description="证件号: the whole number, in any spelling; one a request.")]
Only = Annotated[Kind | None, strawberry.argument(description="业务类型, where you mean no other.")]


@strawberry.type
class ClaimQuery:
    """Looking."""

    @strawberry.field
    async def claim_candidate(
        self, info: Info, id_number: Number, document_type: Type = DocumentType.RESIDENT_ID, kind: Only = None
    ) -> ClaimCandidate | None:
        """The application that this ID number would claim (认领前查看, I16), for operators; nothing is claimed.

        Null where there is nothing to claim. Counted and kept in the audit trail as the claim itself is.
        """
        context = info.context
        only_once(context)
        found = await look(context.db, context.signed_in, document_type, id_number, kind)
        return None if found is None else _shown(found, context.language)


def _shown(found: Candidate, language: Language) -> ClaimCandidate:
    why, problem = found.refusal, None
    if why is not None:
        problem = NotAllowedProblem(code=why.reason, message=why.words.within(language), blocked_by=None)
    name, at = found.nurse_name_masked, found.submitted_at
    return ClaimCandidate(kind=found.kind, nurse_name_masked=name, submitted_at=at, refusal=problem)


async def _claim(context: Context, input: ApplicationClaimByIdNumberInput) -> UUID:
    wish = ApplicationClaimByIdNumber(
        input.id_number, input.document_type, input.kind, idempotency_key=retry_key(input)
    )
    return await claim(context.db, context.signed_in, wish)


MUTATIONS: Final = (
    mutation.acting(
        ApplicationClaimByIdNumber,
        ApplicationClaimByIdNumberInput,
        ApplicationPayload,
        "Claim what a nurse has filed for an institution to come (认领, I16): the first to name her ID number has it.",
        _claim,
        Shows("Application"),
        secret=True,
    ),
)

"""Claiming by ID number."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.act import retry_key, shown
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.claim import ApplicationClaimByIdNumberInput
from graph.schema.step import ApplicationPayload
from workflow.claim import ApplicationClaimByIdNumber, claim


async def _claim(context: Context, input: ApplicationClaimByIdNumberInput) -> Fields:
    wish = ApplicationClaimByIdNumber(
        input.id_number, input.document_type, input.kind, idempotency_key=retry_key(input)
    )
    return {"application": await shown(context, "Application", await claim(context.db, context.signed_in, wish))}


MUTATIONS: Final = (
    Mutation(
        ApplicationClaimByIdNumber,
        ApplicationClaimByIdNumberInput,
        ApplicationPayload,
        "Claim what a nurse has filed for an institution to come (认领, I16): the first to name her ID number has it.",
        _claim,
        secret=True,
    ),
)

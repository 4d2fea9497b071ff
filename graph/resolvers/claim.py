"""Claiming by ID number."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, retry_key, shown
from graph.schema.act import Act
from graph.schema.claim import CLAIM
from workflow import claim as workflow


async def _claim(context: Context, act: Act, input: Any) -> Any:
    wish = workflow.Claim(context.signed_in, input.id_number, input.document_type, input.kind, retry_key(input))
    key = await workflow.claim(context.db, wish)
    return act.payload(application=await shown(context, "Application", key))


ClaimMutation: Any = strawberry.type(
    type("ClaimMutation", (), {CLAIM.name: mutation(CLAIM, _claim), "__doc__": "Acting."})
)

"""Correcting who a nurse is."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, optional_key, reason_of, retry_key
from graph.schema.act import Act
from graph.schema.key_fact import APPROVE, REJECT, REQUEST, KeyFactRequest
from graph.schema.node import global_id, key_of
from graph.schema.page import Connection, listed
from rules.key_fact import KeyFacts
from workflow import key_fact as workflow

NOUN = "KeyFactRequest"


async def _request(context: Context, act: Act, input: Any) -> Any:
    facts = KeyFacts(input.evidence, input.name, input.document_type, input.id_number)
    nurse_id = optional_key("Nurse", input.nurse)
    key = await workflow.request(context.db, workflow.Correction(context.signed_in, nurse_id, facts, retry_key(input)))
    return act.payload(id=global_id(NOUN, key))


async def _decide(context: Context, act: Act, input: Any) -> Any:
    seen = KeyFacts("", input.name, None, input.id_number) if act is APPROVE else None
    verdict = workflow.Verdict(context.signed_in, key_of(NOUN, input.id), seen, reason_of(input), retry_key(input))
    return act.payload(id=global_id(NOUN, await workflow.decide(context.db, verdict)))


KeyFactMutation: Any = strawberry.type(
    type(
        "KeyFactMutation",
        (),
        {
            REQUEST.name: mutation(REQUEST, _request),
            APPROVE.name: mutation(APPROVE, _decide),
            REJECT.name: mutation(REJECT, _decide),
            "__doc__": "Acting.",
        },
    )
)


@strawberry.type
class KeyFactQuery:
    """Looking."""

    key_fact_requests = listed(
        "keyFactRequests",
        Connection[KeyFactRequest],
        "The corrections that wait on your desk (provincial admins), that concern you, or that yours asked for, the "
        "oldest first.",
    )

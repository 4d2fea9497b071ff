"""Correcting who a nurse is."""

from __future__ import annotations

from typing import Any

import strawberry

from db import key_fact as requests
from db.key_fact import Request
from graph.context import Context, Info
from graph.resolvers.act import mutation, optional_key, reason_of, retry_key
from graph.schema.act import Act
from graph.schema.key_fact import APPROVE, REJECT, REQUEST, KeyFactRequest, KeyFactRequestPage
from graph.schema.node import global_id, key_of
from graph.schema.page import After, First
from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.key_fact import KeyFacts
from rules.privacy import mask_id_number
from workflow import key_fact as workflow

NOUN = "KeyFactRequest"
PAGE = 20
BAD_CURSOR = Words("分页游标无效", "This is not a cursor of this list.")


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

    @strawberry.field
    async def key_fact_requests(
        self, info: Info, first: First = None, after: After = None
    ) -> KeyFactRequestPage | None:
        """The corrections that wait on your desk (provincial admins), that concern you, or that yours asked for."""
        context, size = info.context, info.context.page(PAGE if first is None else first)
        place = None if after is None else _place(after)
        async with context.db.read() as reader:
            found = await requests.page(reader, context.actor, size + 1, place)
        nodes = [_shown(one) for one in found[:size]]
        end = nodes[-1].id if nodes else None
        return KeyFactRequestPage(nodes=nodes, end_cursor=end, has_more=len(found) > size)


def _place(after: str) -> Any:
    try:
        return key_of(NOUN, after)
    except NotFound:
        raise Invalid(FieldProblem("after", "CURSOR", BAD_CURSOR)) from None


def _shown(one: Request) -> KeyFactRequest:
    facts = one.facts
    return KeyFactRequest(
        id=global_id(NOUN, one.id),
        state=one.state,
        new_name=facts.name,
        new_document_type=facts.document_type,
        new_id_number_masked=None if facts.id_number is None else mask_id_number(facts.id_number),
        evidence=facts.evidence,
        created_at=one.created_at,
        decided_at=one.decided_at,
        reason=one.reason,
        nurse_key=one.nurse_id,
    )

"""What one officer proposes and another confirms."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, retry_key, shown
from graph.schema.act import Act
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from graph.schema.proposal import CONFIRM, PROPOSE_DEREGISTRATION, PROPOSE_VOID, REJECT, Proposal
from workflow import proposal as workflow
from workflow import void
from workflow.nurse_case import NurseOrder

NOUN: Final = "Proposal"


async def _deregistration(context: Context, act: Act, input: Any) -> Any:
    order = NurseOrder(context.signed_in, input.nurse_key(), input.given(), retry_key(input))
    return await _payload(context, act, await workflow.propose_deregistration(context.db, order))


async def _void(context: Context, act: Act, input: Any) -> Any:
    key = key_of("Application", input.application_id)
    told = (input.ground, input.decision_number, input.remarks, retry_key(input))
    return await _payload(context, act, await void.propose(context.db, void.Undoing(context.signed_in, key, *told)))


async def _decide(context: Context, act: Act, input: Any) -> Any:
    key, retry = key_of(NOUN, input.id), retry_key(input)
    verdict = workflow.Verdict(context.signed_in, key, act is CONFIRM, input.note, retry)
    return await _payload(context, act, await workflow.decide(context.db, verdict))


async def _payload(context: Context, act: Act, key: UUID) -> Any:
    return act.payload(proposal=await shown(context, NOUN, key))


_FIELDS: dict[str, Any] = {
    PROPOSE_DEREGISTRATION.name: mutation(PROPOSE_DEREGISTRATION, _deregistration),
    PROPOSE_VOID.name: mutation(PROPOSE_VOID, _void),
    CONFIRM.name: mutation(CONFIRM, _decide),
    REJECT.name: mutation(REJECT, _decide),
}
ProposalMutation: Any = strawberry.type(type("ProposalMutation", (), {**_FIELDS, "__doc__": "Acting."}))


@strawberry.type
class ProposalQuery:
    """Looking."""

    proposals = listed(
        "proposals",
        Connection[Proposal],
        "The proposals that wait for a second person of your authority (待确认提议, A8), the oldest first: for "
        "deciders and provincial admins.",
    )

"""What one officer proposes and another confirms."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import strawberry

from db import proposal as proposals
from graph.context import Context, Info
from graph.resolvers.act import mutation, place, retry_key
from graph.schema.act import Act
from graph.schema.node import global_id, key_of
from graph.schema.page import After, First
from graph.schema.proposal import CONFIRM, PROPOSE_DEREGISTRATION, PROPOSE_VOID, REJECT, Proposal, ProposalPage
from rules import proposal as rules
from workflow import proposal as workflow
from workflow import void
from workflow.nurse_case import NurseOrder

NOUN: Final = "Proposal"
PAGE: Final = 20


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
    context.forget()
    async with context.db.read() as reader:
        return act.payload(proposal=_shown(await proposals.get(reader, key)))


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

    @strawberry.field
    async def proposals(self, info: Info, first: First = None, after: After = None) -> ProposalPage:
        """What waits for a second person of your authority (待确认提议, A8): for deciders and provincial admins."""
        context, size = info.context, info.context.page(PAGE if first is None else first)
        start = None if after is None else place(NOUN, after)
        async with context.db.read() as reader:
            found = await proposals.page(reader, context.actor, size + 1, start)
        nodes = [_shown(one) for one in found[:size]]
        end = nodes[-1].id if nodes else None
        return ProposalPage(nodes=nodes, end_cursor=end, has_more=len(found) > size)


def _shown(one: rules.Proposal) -> Proposal:
    plain: dict[str, Any] = {
        name: getattr(one, name) for name in ("state", "reason", "fraud", "ground", "remarks", "note")
    }
    times: dict[str, Any] = {"created_at": one.created_at, "decided_at": one.decided_at}
    keys: dict[str, Any] = {"nurse_key": one.nurse_id, "application_key": one.application_id}
    return Proposal(id=global_id(NOUN, one.id), decision_number=one.number, **plain, **times, **keys)

"""Reports that a nurse has left."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import strawberry

from db import departure as departures
from db.departure import Report
from graph.context import Context, Info
from graph.resolvers.act import mutation, place, retry_key
from graph.schema.act import Act
from graph.schema.departure import DISPUTE, REPORT, WITHDRAW, Departure, DeparturePage
from graph.schema.node import global_id, key_of
from graph.schema.page import After, First
from rules.errors import NotFound
from workflow import departure as workflow
from workflow.nurse_case import NurseOrder

NOUN: Final = "Departure"
PAGE: Final = 20


async def _report(context: Context, act: Act, input: Any) -> Any:
    order = NurseOrder(context.signed_in, input.nurse_key(), input.given(), retry_key(input))
    return await _payload(context, act, await workflow.report(context.db, order))


async def _dispute(context: Context, act: Act, input: Any) -> Any:
    key, retry = key_of(NOUN, input.id), retry_key(input)
    return await _payload(context, act, await workflow.dispute(context.db, context.signed_in, key, input.text, retry))


async def _withdraw(context: Context, act: Act, input: Any) -> Any:
    key, retry = key_of(NOUN, input.id), retry_key(input)
    return await _payload(context, act, await workflow.withdraw(context.db, context.signed_in, key, retry))


async def _payload(context: Context, act: Act, key: UUID) -> Any:
    context.forget()
    async with context.db.read() as reader:
        found = await departures.page(reader, context.actor, 1, key=key)
    if not found:
        raise NotFound
    return act.payload(departure=_shown(found[0]))


_FIELDS: dict[str, Any] = {
    REPORT.name: mutation(REPORT, _report),
    DISPUTE.name: mutation(DISPUTE, _dispute),
    WITHDRAW.name: mutation(WITHDRAW, _withdraw),
}
DepartureMutation: Any = strawberry.type(type("DepartureMutation", (), {**_FIELDS, "__doc__": "Acting."}))


@strawberry.type
class DepartureQuery:
    """Looking."""

    @strawberry.field
    async def departures(self, info: Info, first: First = None, after: After = None) -> DeparturePage:
        """Reports that a nurse has left (离职报告): about you, by your institution, or of your nurses."""
        context, size = info.context, info.context.page(PAGE if first is None else first)
        before = None if after is None else place(NOUN, after)
        async with context.db.read() as reader:
            found = await departures.page(reader, context.actor, size + 1, before)
        nodes = [_shown(one) for one in found[:size]]
        end = nodes[-1].id if nodes else None
        return DeparturePage(nodes=nodes, end_cursor=end, has_more=len(found) > size)


def _shown(one: Report) -> Departure:
    plain = {name: getattr(one, name) for name in Report.__slots__ if not name.endswith("id")}
    keys: dict[str, Any] = {"nurse_key": one.nurse_id, "institution_key": one.institution_id}
    return Departure(id=global_id(NOUN, one.id), **keys, **plain)

"""Reports that a nurse has left."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, retry_key, shown
from graph.schema.act import Act
from graph.schema.departure import DISPUTE, REPORT, WITHDRAW, Departure
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow import departure as workflow
from workflow.nurse_case import NurseOrder

NOUN: Final = "Departure"


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
    return act.payload(departure=await shown(context, NOUN, key))


_FIELDS: dict[str, Any] = {
    REPORT.name: mutation(REPORT, _report),
    DISPUTE.name: mutation(DISPUTE, _dispute),
    WITHDRAW.name: mutation(WITHDRAW, _withdraw),
}
DepartureMutation: Any = strawberry.type(type("DepartureMutation", (), {**_FIELDS, "__doc__": "Acting."}))


@strawberry.type
class DepartureQuery:
    """Looking."""

    departures = listed(
        "departures",
        Connection[Departure],
        "Reports that a nurse has left (离职报告), newest first: about you, by your institution, or of your nurses.",
    )

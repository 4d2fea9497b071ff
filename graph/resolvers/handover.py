"""Handing over the work of a colleague (工作交接)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db import handover as handovers
from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields
from graph.schema.handover import HandoverItem, WorkHandoverInput, WorkHandoverPayload
from graph.schema.node import key_of
from rules.handover import Item, Work
from workflow.handover import WorkHandover


def _wish(input: WorkHandoverInput) -> WorkHandover:
    both = (key_of("Account", input.from_), key_of("Account", input.to))
    return WorkHandover(*both, idempotency_key=retry_key(input))


def _item(one: Item) -> HandoverItem:
    keys = {"application_key": one.id, "proposal_key": None}
    if one.work is Work.PROPOSAL:
        keys = {"application_key": None, "proposal_key": one.id}
    return HandoverItem(work=one.work, obstacle=one.obstacle, **keys)


async def _show(context: Context, key: UUID) -> Fields:
    async with context.db.read() as reader:
        return {"items": [_item(one) for one in await handovers.find(reader, key)]}


MUTATIONS: Final = (
    mutation.of(
        WorkHandover,
        WorkHandoverInput,
        WorkHandoverPayload,
        "Hand the work of one colleague over to another (工作交接): what she has taken, recommended and proposed. What "
        "cannot move is named with the reason; what an institution has claimed is its own and needs no handing over.",
        _wish,
        _show,
    ),
)

"""Getting a ticket for a download."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation
from graph.schema.act import Act
from graph.schema.node import key_of
from graph.schema.ticket import FILES, TICKET
from rules.ticket import NOUN_OF
from workflow import ticket as workflow


async def _create(context: Context, act: Act, input: Any) -> Any:
    subject = key_of(NOUN_OF[input.file], input.id)
    made = await workflow.create(context.db, context.signed_in, input.file, subject)
    return act.payload(ticket=made.token, url=FILES, expires_at=made.expires_at)


TicketMutation: Any = strawberry.type(
    type("TicketMutation", (), {TICKET.name: mutation(TICKET, _create), "__doc__": "Acting."})
)

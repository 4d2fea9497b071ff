"""Manuals: listed, published by who keeps them, downloaded with a ticket."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key, shown
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import Shows
from graph.schema import manual as schema
from graph.schema.page import Connection, listed
from graph.schema.ticket import FILES, DownloadTicketPayload
from rules.errors import NotFound
from rules.manual import members_only
from workflow.manual import ManualPublish, ManualTicketCreate, ManualWithdraw, create_ticket, publish


@strawberry.type
class ManualQuery:
    """Looking."""

    manuals = listed(
        "manuals",
        Connection[schema.Manual],
        "Manuals (手册, I26): those for everybody and for you; for who keeps them also those that were replaced.",
    )


async def _publish(context: Context, input: schema.ManualPublishInput) -> Fields:
    key = await publish(context.db, context.signed_in, input.text(), input.file, retry_key(input))
    return {"manual": await shown(context, "Manual", key)}


def _withdraw(input: schema.ManualStepInput) -> ManualWithdraw:
    return ManualWithdraw(input.key(), idempotency_key=retry_key(input))


async def _ticket(context: Context, input: schema.ManualTicketCreateInput) -> Fields:
    try:
        made = await create_ticket(context.db, input.key())
    except NotFound as refusal:
        if context.viewer is None or await context.load.one("Manual", input.key()) is None:
            raise
        raise members_only() from refusal
    return {"ticket": made.token, "url": FILES, "expires_at": made.expires_at}


MUTATIONS: Final = (
    Mutation(
        ManualPublish,
        schema.ManualPublishInput,
        schema.ManualPayload,
        "Publish a manual (发布手册, I26), in place of the last of its name; for provincial admins, as a multipart "
        "request.",
        _publish,
    ),
    mutation.of(
        ManualWithdraw,
        schema.ManualStepInput,
        schema.ManualPayload,
        "Withdraw a manual (撤下手册); who keeps them still reads it.",
        _withdraw,
        Shows("Manual"),
    ),
    Mutation(
        ManualTicketCreate,
        schema.ManualTicketCreateInput,
        DownloadTicketPayload,
        "Get a ticket for a manual that is for everybody (下载手册), without a sign-in.",
        _ticket,
        public=True,
    ),
)

"""Getting a ticket for a download."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.node import keys_of
from graph.schema.ticket import FILES, DownloadTicketCreateInput, DownloadTicketPayload
from rules.ticket import NOUN_OF
from workflow.ticket import DownloadTicketCreate, create


async def _create(context: Context, input: DownloadTicketCreateInput) -> Fields:
    made = await create(context.db, context.signed_in, input.file, *keys_of(NOUN_OF[input.file], input.ids))
    return {"ticket": made.token, "url": FILES, "expires_at": made.expires_at}


MUTATIONS: Final = (
    Mutation(
        DownloadTicketCreate,
        DownloadTicketCreateInput,
        DownloadTicketPayload,
        "Get a ticket for a download (下载凭证): one file, of one or of a list, once, soon, while you stay signed in.",
        _create,
    ),
)

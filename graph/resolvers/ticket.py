"""Getting a ticket for a download."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.node import key_of
from graph.schema.ticket import FILES, DownloadTicketCreateInput, DownloadTicketPayload
from rules.ticket import NOUN_OF
from workflow.ticket import DownloadTicketCreate, create


async def _create(context: Context, input: DownloadTicketCreateInput) -> Fields:
    about = key_of(NOUN_OF[input.file], input.id)
    made = await create(context.db, context.signed_in, input.file, about)
    return {"ticket": made.token, "url": FILES, "expires_at": made.expires_at}


MUTATIONS: Final = (
    Mutation(
        DownloadTicketCreate,
        DownloadTicketCreateInput,
        DownloadTicketPayload,
        "Get a ticket for a download (下载凭证): for one file, good once, 60 seconds long, while you stay signed in.",
        _create,
    ),
)

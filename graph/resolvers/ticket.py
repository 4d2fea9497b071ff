"""Getting a ticket for a download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.node import parsed
from graph.schema.ticket import FILES, DownloadTicketCreateInput, DownloadTicketPayload
from rules.ticket import NOUN_OF, require_all
from workflow.ticket import DownloadTicketCreate, create


async def _create(context: Context, input: DownloadTicketCreateInput) -> Fields:
    made = await create(context.db, context.signed_in, input.file, *_keys(NOUN_OF[input.file], input.ids))
    return {"ticket": made.token, "url": FILES, "expires_at": made.expires_at}


def _keys(noun: str, ids: Sequence[str]) -> list[UUID]:
    """The keys of these global ids; one of another noun is refused as one that nobody may read."""
    keys = [found[1] if (found := parsed(one)) and found[0] == noun else None for one in ids]
    known = [key for key in keys if key is not None]
    require_all(keys, known)
    return known


MUTATIONS: Final = (
    Mutation(
        DownloadTicketCreate,
        DownloadTicketCreateInput,
        DownloadTicketPayload,
        "Get a ticket for a download (下载凭证): one file, of one or of a list, once, soon, while you stay signed in.",
        _create,
    ),
)

"""Deputies (代理): named, ended, and acting for a colleague who is away."""

from __future__ import annotations

from typing import Final

import strawberry

from db import session as sessions
from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.session import entered
from graph.resolvers.shown import Shows
from graph.schema.deputy import (
    DeputyEndInput,
    DeputyNameInput,
    DeputyPayload,
    Deputyship,
    DeputySignInInput,
    DeputySignInPayload,
)
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow.deputy import DeputyEnd, DeputyName, DeputySignIn
from workflow.step import take

NOUN: Final = "Deputyship"
_SHOWN: Final = Shows(NOUN)


def _name(input: DeputyNameInput) -> DeputyName:
    people = (optional_key("Account", input.absent), key_of("Account", input.deputy))
    span = (input.starts_on, input.ends_on)
    return DeputyName(*people, frozenset(input.roles), *span, idempotency_key=retry_key(input))


def _end(input: DeputyEndInput) -> DeputyEnd:
    return DeputyEnd(key_of(NOUN, input.id), idempotency_key=retry_key(input))


async def _sign_in(context: Context, input: DeputySignInInput) -> Fields:
    token, own = sessions.new_token(), context.signed_in
    await take(context.db, own, DeputySignIn(key_of(NOUN, input.id), own.expires_at, token))
    return await entered(context, token)


MUTATIONS: Final = (
    mutation.of(
        DeputyName,
        DeputyNameInput,
        DeputyPayload,
        "Name a deputy (指定代理人) for some days: for yourself, or for somebody whom you manage. She gets roles that "
        "the absent colleague has, and gives none.",
        _name,
        _SHOWN,
    ),
    mutation.of(
        DeputyEnd,
        DeputyEndInput,
        DeputyPayload,
        "End a deputyship before its last day (结束代理): either of the two, or whoever manages them.",
        _end,
        _SHOWN,
    ),
    Mutation(
        DeputySignIn,
        DeputySignInInput,
        DeputySignInPayload,
        "Act for the absent colleague (以代理人身份办理): a second session beside your own, with the roles lent. "
        "Whatever is done in it says on whose behalf, and counts as done by you.",
        _sign_in,
    ),
)


@strawberry.type
class DeputyQuery:
    """Looking."""

    deputyships = listed(
        "deputyships",
        Connection[Deputyship],
        "Who acts for whom at your institution or authority (代理), the newest first.",
    )

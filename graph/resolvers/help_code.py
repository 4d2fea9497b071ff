"""A person lets the help desk see where she stands."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema import help_code as schema
from rules.help_code import LIFETIME
from workflow.help_code import HelpCodeCreate, HelpLookUp, create, look_up


async def _create(context: Context, input: schema.HelpCodeCreateInput) -> Fields:
    code, _ = await create(context.db, context.signed_in, send=input.send)
    return {"help_code": code, "minutes": int(LIFETIME.total_seconds()) // 60}


async def _look_up(context: Context, input: schema.HelpLookUpInput) -> Fields:
    return {"seen": schema.HelpSeen.of(await look_up(context.db, context.signed_in, input.code))}


MUTATIONS: Final = (
    Mutation(
        HelpCodeCreate,
        schema.HelpCodeCreateInput,
        schema.HelpCodePayload,
        "Make a code that you tell the help desk (客服查询码), so that it sees for one look where you stand.",
        _create,
    ),
    Mutation(
        HelpLookUp,
        schema.HelpLookUpInput,
        schema.HelpLookUpPayload,
        "See where somebody stands who has told you her code (客服查询), masked; for the help desk, and written down.",
        _look_up,
        secret=True,
    ),
)

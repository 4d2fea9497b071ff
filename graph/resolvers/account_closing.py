"""Closing one's account."""

from __future__ import annotations

from typing import Final

from graph.context import Context
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.account_closing import AccountCloseInput, AccountClosePayload
from graph.schema.node import global_id
from workflow.account_closing import AccountClose, close


async def _close(context: Context, input: AccountCloseInput) -> Fields:
    session = context.signed_in
    await close(context.db, context.services.passwords, session, AccountClose(input.password))
    return {"account_id": global_id("Account", session.actor.account_id)}


MUTATIONS: Final = (
    Mutation(
        AccountClose,
        AccountCloseInput,
        AccountClosePayload,
        "Close your account (账户注销): for nurses, with the password given again; refused while something is under "
        "way for you, saying what. Your registration stays; you may register an account again.",
        _close,
        secret=True,
    ),
)

"""The doors that open without a sign-in."""

from __future__ import annotations

from graph.context import Info
from workflow import address
from workflow.address import Budget


async def count_try(info: Info) -> None:
    """Count that somebody of this address is at this door; raises RateLimited."""
    context = info.context
    budget = Budget(context.services.limits.address_tries, context.services.known_networks)
    await address.count_try(context.db, context.address, info.field_name, budget)


async def give_back(info: Info) -> None:
    """Count it no more: what was given was right."""
    context = info.context
    if address.place_of(context.address) is not None:
        async with context.db.begin() as tx:
            await address.give_back(tx, context.address, info.field_name)

"""The doors that open without a sign-in."""

from __future__ import annotations

from graph.context import Info
from workflow import address


async def count_try(info: Info) -> None:
    """Count that somebody of this address is at this door; raises RateLimited."""
    context = info.context
    await address.count_try(context.db, context.address, info.field_name, context.services.limits.address_tries)

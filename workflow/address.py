"""What one address may ask for without a sign-in: one budget for each door, beside those of names and numbers."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from db import session as sessions
from db.store.engine import Database
from rules.errors import RateLimited

WINDOW: Final = timedelta(hours=1)
HOME_BITS: Final = 64
"""What one subscriber has of IPv6: whoever has one address of it has them all."""


async def count_try(db: Database, address: str, door: str, allowed: int) -> None:
    """Count before the door is opened, whatever comes of it; raises RateLimited where there was too much knocking."""
    place = _place(address)
    if place is None:
        return
    async with db.begin() as tx:
        await tx.ask_time()
        subject = tx.keyring.blind_index(f"{door}:{place}", "address")
        wait = await sessions.count_attempt(tx, subject, WINDOW, allowed)
    if wait:
        raise RateLimited(wait)


def _place(address: str) -> str | None:
    """Whom an address counts for; nobody at this machine itself, where an unnamed proxy would stand for everybody."""
    try:
        found = ip_address(address)
    except ValueError:
        return address or None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return None
    return str(ip_network((found, HOME_BITS), strict=False) if isinstance(found, IPv6Address) else found)

"""Limits of one address without a sign-in: a budget for each door, beside those of names and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from db import session as sessions
from db.store.engine import Database, Tx
from rules.errors import RateLimited

WINDOW: Final = timedelta(hours=1)
HOME_BITS: Final = 64
"""The prefix, in bits, that one subscriber has of IPv6: whoever has one address of it has them all."""


KNOWN_TIMES: Final = 20
"""So many times what others have, the networks have that are known: a whole hospital comes from one address."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The number of requests that one address may send in an hour at one door, and the networks that have more."""

    allowed: int
    known: tuple[str, ...] = ()

    def of(self, address: str) -> int:
        """The budget of this address."""
        return self.allowed * (KNOWN_TIMES if is_within(address, self.known) else 1)


def is_within(address: str, networks: Iterable[str]) -> bool:
    """True if an address lies in one of the networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(network) for network in networks)


async def count_try(db: Database, address: str, door: str, budget: Budget) -> None:
    """Count before the door is opened, whatever comes of it; raises RateLimited where there was too much knocking."""
    place = place_of(address)
    if place is None:
        return
    async with db.begin() as tx:
        await tx.ask_time()
        wait = await sessions.count_attempt(tx, _subject(tx, door, place), WINDOW, budget.of(address))
    if wait:
        raise RateLimited(wait)


async def give_back(tx: Tx, address: str, door: str) -> None:
    """Count one try less: it was judged, and right."""
    place = place_of(address)
    if place is not None:
        await sessions.forget_attempt(tx, _subject(tx, door, place))


def _subject(tx: Tx, door: str, place: str) -> bytes:
    return tx.keyring.blind_index(f"{door}:{place}", "address")


def place_of(address: str) -> str | None:
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

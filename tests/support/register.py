"""What every test above the rules may ask for: a database, its people, the whole server."""

from __future__ import annotations

from tests.support import refusals
from tests.support.key_facts import place
from tests.support.live import live
from tests.support.postgres import empty_url, owner_url, roomy, server
from tests.support.world import cast, keyring, services, world

refusals.watch()
__all__ = ["cast", "empty_url", "keyring", "live", "owner_url", "place", "roomy", "server", "services", "world"]

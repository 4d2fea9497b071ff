"""Starting over: the database that comes along is as it was on its first day."""

from __future__ import annotations

from web.banner import start_over_notice
from web.run import DEMO_NURSES, DEMO_SEED, database, fill, prepare
from web.settings import Settings, SettingsError


async def start_over(settings: Settings) -> None:
    """Empty our own database and fill it as the first start did; refused while a server runs on it."""
    if settings.owner_url is not None:
        raise SettingsError(
            "DATABASE_URL is set, and `hushi reset` empties only the database that comes along: unset it, "
            "or empty that one by `hushi seed --force`."
        )
    async with database(settings) as owner_url:
        keyring = await prepare(settings, owner_url)
        start_over_notice(settings.data, DEMO_NURSES)
        await fill(owner_url, keyring, nurses=DEMO_NURSES, seed=DEMO_SEED, force=True, demo=True)

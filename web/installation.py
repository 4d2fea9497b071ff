"""The database of an installation and its keys: brought up to date, or refused as they are."""

from __future__ import annotations

from urllib.parse import urlsplit

from db.store.keys import Keyring
from db.store.migrate import Migrated, migrate, require_keyring, require_migrated
from db.store.signing import Signers
from web.settings import Settings, SettingsError


async def prepare(settings: Settings, owner_url: str) -> Keyring:
    """Bring the database up to date; gives the keys, which are its own."""
    keyring = _keyring(settings)
    await migrate(owner_url)
    return await require_keyring(owner_url, keyring)


def migrated(settings: Settings, done: Migrated) -> str:
    """The sentence that says which database was brought up to date, and from where: never its password."""
    address = urlsplit(settings.owner_url) if settings.owner_url else None
    which = f"of DATABASE_URL{address.path and f' ({address.path[1:]})'}" if address else f"in {settings.data}"
    if done.before == done.now:
        return f"The database {which} is up to date, at migration {done.now}: nothing to do."
    since = f"from migration {done.before} " if done.before else "made new, "
    return f"The database {which} is up to date: {since}{'to' if done.before else 'at'} migration {done.now}."


async def require_own(settings: Settings, owner_url: str) -> Keyring:
    """Refuse a database that is not up to date or is sealed with other keys; gives the keys."""
    keyring = _keyring(settings)
    await require_migrated(owner_url)
    return await require_keyring(owner_url, keyring)


def _keyring(settings: Settings) -> Keyring:
    if settings.keys:
        return Keyring.parse(settings.keys)
    if settings.owner_url:
        raise SettingsError(
            "DATABASE_URL is set and HUSHI_KEYS is not: make a key with `hushi keys new` "
            "and give the same to every process of this database."
        )
    return Keyring.kept_in(settings.data)


def signers_of(settings: Settings) -> Signers:
    """The keys that this process signs with; on an outside database it signs nothing without HUSHI_SIGNING_KEYS."""
    if settings.signing_keys:
        return Signers.parse(settings.signing_keys)
    return Signers({}) if settings.owner_url else Signers.kept_in(settings.data)

"""Brings a database up to date, and refuses one that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.store import announced_days, known_faq, known_law, known_privacy
from db.store.connecting import DatabaseRefusal
from db.store.keys import Keyring, verify
from db.store.url import asyncpg_dsn, sqlalchemy_url
from rules.command_error import CommandError

OLDEST: Final = 18
MIGRATION_LOCK: Final = 0x6875_7368_6D69
CONNECT_SECONDS: Final = 10


class MigrationError(CommandError):
    """The database cannot be used as it is; the text gives the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The migration at which a database was, none for an empty one, and the one at which it is now."""

    before: str | None
    now: str | None


async def migrate(owner_url: str) -> Migrated:
    """Run the migrations that are missing, all or none of them; several processes at once take turns."""
    await require_supported(owner_url)
    engine = create_async_engine(sqlalchemy_url(owner_url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            done = await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()
    await _fill_known(owner_url)
    return done


async def require_migrated(owner_url: str) -> None:
    """Refuse a database whose tables are not those of this release."""
    await require_supported(owner_url)
    engine = create_async_engine(sqlalchemy_url(owner_url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_revision)
    finally:
        await engine.dispose()
    migrations = ScriptDirectory.from_config(alembic_config())
    _require_known(found, migrations)
    wanted = migrations.get_current_head()
    if found != wanted:
        raise MigrationError(
            f"The database is at migration {found} and this release needs {wanted}: run hushi migrate."
        )


async def require_keyring(owner_url: str, keyring: Keyring) -> Keyring:
    """The keys as the database indexes with them; refuses those that it was not made with."""
    connection = await _connect(owner_url)
    try:
        return await verify(connection, keyring)
    finally:
        await connection.close()


async def require_supported(owner_url: str) -> None:
    """Refuse a database that does not answer, is older than PostgreSQL 18, or is not in UTF-8."""
    connection = await _connect(owner_url)
    try:
        version = connection.get_server_version()
        encoding = await connection.fetchval("show server_encoding")
    finally:
        await connection.close()
    refuse_unsupported(version.major, encoding)


def refuse_unsupported(major: int, encoding: str) -> None:
    """Refuse a server of an unsupported version or encoding."""
    if major < OLDEST:
        raise MigrationError(
            f"The database server is PostgreSQL {major} and the register needs {OLDEST} or newer: "
            "point DATABASE_URL to a newer one, or unset it to use the one that comes with hushi."
        )
    if encoding != "UTF8":
        raise MigrationError(
            f"The database's encoding is {encoding} and names need UTF8: create it again with "
            "`create database … encoding 'UTF8' template template0`."
        )


async def _fill_known(owner_url: str) -> None:
    """Put in what this release knows: the working days, the law, the privacy notice, the frequent questions."""
    connection = await _connect(owner_url)
    try:
        await announced_days.fill(connection)
        await known_law.fill(connection)
        await known_privacy.fill(connection)
        await known_faq.fill(connection)
    finally:
        await connection.close()


async def _connect(owner_url: str) -> asyncpg.Connection[asyncpg.Record]:
    try:
        return await asyncpg.connect(asyncpg_dsn(owner_url), timeout=CONNECT_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseRefusal.because(error) from error


def alembic_config() -> Config:
    """The settings of Alembic with the folder of the migrations; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> Migrated:
    config = alembic_config()
    config.attributes["connection"] = connection
    before = _revision(connection)
    _require_known(before, ScriptDirectory.from_config(config))
    command.upgrade(config, "head")
    return Migrated(before, _revision(connection))


def _require_known(found: str | None, migrations: ScriptDirectory) -> None:
    """Refuse a database that a newer release has migrated: to migrate it with this one would not help."""
    if found is not None and found not in {one.revision for one in migrations.walk_revisions()}:
        raise MigrationError(
            f"The database is at migration {found}, which this release of hushi does not know: "
            "a newer release has migrated it, so start the newer release."
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()

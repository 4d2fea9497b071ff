"""A connection of the application: as the role and with the settings that it asked for, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import asyncpg

from rules.command_error import CommandError

REFUSALS: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidParameterValueError,
    asyncpg.ProtocolViolationError,
    asyncpg.FeatureNotSupportedError,
)
"""The answers to an address that is wrong, and stays wrong however often it is asked."""
_FOUND: Final = """select lower(name), setting from pg_settings where lower(name) = any($1)
union all select 'role', current_user::text"""
_FREE: Final = frozenset({"application_name"})
"""A pooler may say here who has come."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class DatabaseRefusal(CommandError):
    """The database does not let us in, or not as we are; the text gives the reason and the remedy."""

    @classmethod
    def because(cls, error: Exception) -> DatabaseRefusal:
        """The refusal in one sentence: the first line only, since the rest of PostgreSQL's answer may quote values."""
        reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        return cls(f"The database does not let us in ({reason}): check DATABASE_URL.")


async def connected(*address: Any, server_settings: Mapping[str, str], **options: Any) -> Connection:
    """A new connection, checked; raises DatabaseRefusal, or ConnectionError while the database is away."""
    try:
        connection: Connection = await asyncpg.connect(*address, server_settings=dict(server_settings), **options)
    except REFUSALS as error:
        raise DatabaseRefusal.because(error) from error
    except OSError as error:  # no socket there, no such host, no answer in time
        raise ConnectionError(str(error)) from error
    try:
        await _require_settings(connection, server_settings)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _require_settings(connection: Connection, wanted: Mapping[str, str]) -> None:
    """A pooler may drop what a connection asks for at its start: the role above all."""
    rows = await connection.fetch(_FOUND, list(wanted))
    found = dict(rows)
    for name in sorted(wanted.keys() - _FREE, key=lambda name: name != "role"):
        if found.get(name) != wanted[name]:
            raise DatabaseRefusal(
                f"The database gives us {name} {found.get(name)!r} where we ask for {wanted[name]!r}: "
                "something between drops start-up parameters (PgBouncer: ignore_startup_parameters); "
                "let it pass them on, or connect directly."
            )

"""One database address, spelled for each of the two libraries that open it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
OPTIONS: Final = frozenset({"host", "port", "sslmode"})


class UrlError(Exception):
    """The address names no database that can be opened; the text never repeats it, since it may hold a password."""


def asyncpg_dsn(url: str) -> str:
    """The address as `asyncpg.connect` takes it."""
    return _parse(url).set(drivername="postgresql").render_as_string(hide_password=False)


def sqlalchemy_url(url: str) -> str:
    """The address as `create_async_engine` takes it."""
    parsed = _parse(url)
    # asyncpg's own argument is `ssl`; only its address parser knows libpq's `sslmode`.
    query = {("ssl" if name == "sslmode" else name): value for name, value in parsed.query.items()}
    return parsed.set(query=query).render_as_string(hide_password=False)


def _parse(url: str) -> URL:
    scheme, _, rest = url.partition("://")
    try:
        parsed = make_url(f"postgresql+asyncpg://{rest}") if scheme in SCHEMES else None
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None:
        raise UrlError(
            "The database address is not one of PostgreSQL: write postgresql://user:password@host:5432/database."
        )
    query = {("sslmode" if name == "ssl" else name): value for name, value in parsed.query.items()}
    if unknown := sorted(query.keys() - OPTIONS):
        raise UrlError(
            f"The database address has the option {unknown[0]!r}: give only host, port and sslmode there, "
            "and certificates in PGSSLROOTCERT, PGSSLCERT and PGSSLKEY."
        )
    return parsed.set(query=query)

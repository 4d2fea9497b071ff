"""One address, two libraries."""

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from db.store.url import UrlError, asyncpg_dsn, sqlalchemy_url


@pytest.mark.parametrize(
    ("given", "dsn", "url"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
        ("postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u@[::1]:5/d", "postgresql://u@[::1]:5/d", "postgresql+asyncpg://u@[::1]:5/d"),
        (
            "postgresql://u@/d?host=/tmp/x&port=5432",
            "postgresql://u@/d?host=%2Ftmp%2Fx&port=5432",
            "postgresql+asyncpg://u@/d?host=%2Ftmp%2Fx&port=5432",
        ),
        (
            "postgresql://u:p%40%2F%3A%25%20+@h/d?sslmode=require",
            "postgresql://u:p%40%2F%3A%25 +@h/d?sslmode=require",
            "postgresql+asyncpg://u:p%40%2F%3A%25 +@h/d?ssl=require",
        ),
        (
            "postgresql+asyncpg://u@h/d?ssl=verify-full",
            "postgresql://u@h/d?sslmode=verify-full",
            "postgresql+asyncpg://u@h/d?ssl=verify-full",
        ),
    ],
)
def test_each_spelling_becomes_both_others_and_stays_itself(given: str, dsn: str, url: str) -> None:
    assert (asyncpg_dsn(given), sqlalchemy_url(given)) == (dsn, url)
    assert (asyncpg_dsn(url), sqlalchemy_url(dsn)) == (dsn, url)


@pytest.mark.parametrize(
    "given",
    ["", "secret", "mysql://u:secret@h/d", "postgresql+psycopg://u:secret@h/d", "postgresql://u:secret@h:port/d"],
)
def test_an_address_of_something_else_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(UrlError) as refusal:
        asyncpg_dsn(given)
    assert str(refusal.value) == (
        "The database address is not one of PostgreSQL: write postgresql://user:password@host:5432/database."
    )


def test_an_option_that_only_one_library_knows_is_refused_by_name() -> None:
    with pytest.raises(UrlError, match="has the option 'sslrootcert': give only host, port and sslmode there"):
        sqlalchemy_url("postgresql://u:p@h/d?sslrootcert=/x")


async def test_a_password_of_special_characters_opens_the_server_through_both(server: str) -> None:
    password = "a@b/c:d%e+f g?#&'é护"
    connection = await asyncpg.connect(server)
    rules = await connection.fetchval("show hba_file")
    await connection.execute(f"create role odd login password $word${password}$word$")
    before = await connection.fetchval("select pg_read_file($1)", rules)
    await _rewrite(connection, f"local all odd scram-sha-256\n{before}")
    try:
        url = make_url(sqlalchemy_url(server)).set(username="odd", password=password)
        address = url.render_as_string(hide_password=False)
        direct = await asyncpg.connect(asyncpg_dsn(address))
        assert await direct.fetchval("select current_user") == "odd"
        await direct.close()
        engine = create_async_engine(sqlalchemy_url(asyncpg_dsn(address)))
        async with engine.connect() as through:
            assert (await through.execute(text("select current_user"))).scalar_one() == "odd"
        await engine.dispose()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(asyncpg_dsn(address), password="wrong")
    finally:
        await _rewrite(connection, before)
        await connection.execute("drop role odd")
        await connection.close()


async def _rewrite(connection: asyncpg.Connection, rules: str) -> None:
    await connection.execute("create temp table line (text text)")
    await connection.executemany("insert into line values ($1)", [(line,) for line in rules.splitlines()])
    path = await connection.fetchval("show hba_file")
    await connection.execute(f"copy line to '{path}'")
    await connection.execute("drop table line")
    await connection.execute("select pg_reload_conf()")

"""What db/store/wire.py knows of asyncpg's inside, and of PostgreSQL's types: the same rows by both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from db.store import wire as wires
from db.store.url import asyncpg_dsn
from db.store.wire import Wire, WireUnknown, knows_wire, require_known
from db.store.wire_codec import UnknownType
from db.store.wire_message import Asked, Unsent
from tests.support.until import eventually

KEY = UUID("01a22e75-e15e-77c4-b65e-95659a6d338a")
VALUES = {
    "boolean": [True, False],
    "smallint": [0, -3, 32767],
    "integer": [-1, 2**31 - 1],
    "bigint": [-(2**63), 2**63 - 1],
    "text": ["", "护士\n'\"\\,{}", "NULL"],
    "varchar": ["王小明"],
    "bytea": [b"", b"\x00\xff\\"],
    "uuid": [KEY],
    "date": [date(1931, 9, 18), date(2026, 11, 30), date.max],
    "timestamptz": [datetime(1999, 12, 31, 23, 59, 59, 1, UTC), datetime(2026, 11, 30, tzinfo=UTC)],
    "numeric": [Decimal(0), Decimal("-12.5"), Decimal("123456789.000001"), Decimal("0.00001")],
    "text[]": [[], ["a", None, 'b"\\,c', "", "NULL"]],
    "uuid[]": [[], [KEY, KEY]],
    "integer[]": [[1, -2]],
    "date[]": [[date(2026, 1, 1)]],
}
"""Values of every type that steps send or read."""


@pytest_asyncio.fixture
async def connection(owner_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    found = await asyncpg.connect(asyncpg_dsn(owner_url))
    yield found
    found.terminate()


@pytest.mark.parametrize("type", list(VALUES))
async def test_every_type_comes_as_asyncpg_gives_it(connection: asyncpg.Connection[asyncpg.Record], type: str) -> None:
    wire = Wire(connection)
    for value in [*VALUES[type], None]:
        sql = f"select $1::{type} as one"
        answer = await wire.send([Asked(sql, [value])])
        assert answer.error is None
        assert answer.rows == [[{"one": await connection.fetchval(sql, value)}]] == [[{"one": value}]]


async def test_json_comes_parsed_or_raw(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    sql = "select $1::jsonb as parsed, $2::json as plain"
    given = [{"名": [1, None, "x"]}] * 2
    parsed, raw = (await Wire(connection).send([Asked(sql, given), Asked(sql, given, raw=True)])).rows
    assert parsed == [{"parsed": given[0], "plain": given[0]}]
    assert raw == [{"parsed": '{"名": [1, null, "x"]}'.encode(), "plain": '{"名":[1,null,"x"]}'.encode()}]


async def test_each_statement_of_a_message_sees_what_the_one_before_it_did(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    answer = await Wire(connection).send(
        [
            Asked("create temporary table thing (n int primary key)"),
            Asked("insert into thing select generate_series(1, 3)"),
            Asked("select count(*) as many from thing"),
        ]
    )
    assert answer.rows[-1] == [{"many": 3}]


async def test_what_stands_behind_an_error_is_not_carried_out_and_can_be_asked_again(
    connection: asyncpg.Connection[asyncpg.Record],
) -> None:
    wire = Wire(connection)
    asked = [Asked("select 1 as one"), Asked("select 1 / $1::int as two", [0]), Asked("select 3 as three")]
    broken = await wire.send(asked)
    assert broken.rows == [[{"one": 1}]]
    assert isinstance(broken.error, asyncpg.DivisionByZeroError)
    again = await wire.send([*asked[:1], Asked(asked[1].sql, [1]), asked[2]])
    assert again.rows == [[{"one": 1}], [{"two": 1}], [{"three": 3}]]
    assert await connection.fetchval("select 4") == 4  # asyncpg goes on with its own


async def test_the_oldest_of_too_many_statements_gives_way(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    wire = Wire(connection)
    for n in range(wires.KEPT + 3):
        await wire.send([Asked(f"select {n} as n")])
    kept = await connection.fetchval("select count(*) from pg_prepared_statements where name like 'hushi%'")
    assert kept == wires.KEPT
    assert (await wire.send([Asked("select 0 as n")])).rows == [[{"n": 0}]]


async def test_a_type_that_nobody_has_read_is_named(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    answer = await Wire(connection).send([Asked("select point(1, 2) as somewhere")])
    assert isinstance(answer.error, UnknownType)
    assert "type 600" in str(answer.error)


async def test_a_server_that_goes_is_told_to_asyncpg_too(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    wire = Wire(connection)
    with pytest.raises(asyncpg.AdminShutdownError):
        await wire.send([Asked("select pg_terminate_backend(pg_backend_pid())"), Asked("select 1")])
    assert connection.is_closed()
    with pytest.raises(Unsent):
        await wire.send([Asked("select 1")])


async def test_a_message_that_is_broken_off_stops_the_server(
    connection: asyncpg.Connection[asyncpg.Record], owner_url: str
) -> None:
    pid, wire = connection.get_server_pid(), Wire(connection)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await wire.send([Asked("select pg_sleep(600)")])
    assert wire.broken
    other = await asyncpg.connect(asyncpg_dsn(owner_url))
    gone = "select count(*) = 0 from pg_stat_activity where pid = $1"
    assert await eventually(lambda: other.fetchval(gone, pid))
    await other.close()


def test_this_asyncpg_is_the_one_that_is_known() -> None:
    require_known()
    assert knows_wire()


def test_another_asyncpg_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("asyncpg.connect_utils._cancel")
    with pytest.raises(WireUnknown) as refusal:
        require_known()
    assert str(refusal.value) == (
        f"asyncpg {asyncpg.__version__} has no connect_utils._cancel: db/store/wire.py must be read against it"
        " before steps go in two messages again."
    )

"""Seeding a real database: the same each time, consistent, and never over somebody's data."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from db.keys import Keyring, Sealed, new_keys
from db.migrate import migrate
from db.seed import DEMO_ACCOUNTS, SEED_LOCK, SeedError, is_empty, seed
from db.tables import metadata
from rules.application import PENDING, State
from rules.identity import DocumentType, identify
from rules.kinds import Kind
from rules.people import Party

TODAY = date(2026, 11, 20)
NURSES = 2000
KEYS = new_keys()
KEYRING = Keyring.parse(KEYS)
# A nonce makes each ciphertext new; when the event log began is the database's own.
UNEQUAL = {"id_number_sealed", "phone_sealed", "email_sealed", "epoch"}
# Not the seed's: the law's list, which each database numbers itself.
GIVEN = {"material_requirement"}

Make = Callable[[], Coroutine[Any, Any, str]]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest_asyncio.fixture(scope="module")
async def fresh(server: str) -> Make:
    async def make() -> str:
        name = f"seed_{uuid4().hex}"
        async with connected(server) as connection:
            await connection.execute(f"create database {name}")
        url = server.replace("/postgres?", f"/{name}?")
        await migrate(url)
        return url

    return make


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def definitions(url: str) -> list[tuple[str, ...]]:
    """Every constraint and index of the database, as PostgreSQL spells it."""
    async with connected(url) as connection:
        rows = await connection.fetch(
            "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text"
            " from pg_constraint where conrelid <> 0 union all"
            " select indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text"
            " from pg_index where indrelid >= 16384 and indrelid::regclass::text not like 'pg_toast.%'"
            " order by 1, 2, 3"
        )
        tables = await connection.fetch("select relname::text from pg_class where relkind in ('r', 'p') order by 1")
    return [tuple(row) for row in (*rows, *tables)]


async def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, without what may differ between two seeds."""
    async with connected(url) as connection:
        found = {}
        for table in (one for one in metadata.sorted_tables if one.name not in GIVEN):
            columns = [column.name for column in table.columns if column.name not in UNEQUAL]
            rows = await connection.fetch(f"select {', '.join(columns)} from {table.name}" if columns else "select")
            found[table.name] = sorted(map(tuple, rows), key=repr)
    return found


@pytest_asyncio.fixture(scope="module")
async def seeded(fresh: Make) -> str:
    """A database as `hushi seed` leaves it today."""
    url = await fresh()
    await seed(url, KEYRING, nurses=NURSES, seed=1)
    return url


@pytest_asyncio.fixture
async def connection(seeded: str) -> AsyncIterator[Connection]:
    async with connected(seeded) as connection:
        yield connection


async def test_the_same_seed_makes_the_same_register_and_another_another(fresh: Make) -> None:
    urls = [await fresh() for _ in range(3)]
    for url, number in zip(urls, (5, 5, 6), strict=True):
        await seed(url, KEYRING, nurses=1000, seed=number, today=TODAY)
    first, same, other = [await contents(url) for url in urls]
    assert first == same
    assert len(first["nurse"]) == len(other["nurse"]) == 1000
    assert not {row[0] for row in first["nurse"]} & {row[0] for row in other["nurse"]}


async def test_keys_indexes_and_references_are_the_same_as_before(fresh: Make, seeded: str) -> None:
    assert await definitions(seeded) == await definitions(await fresh())


async def test_the_sealed_numbers_open_and_are_valid(connection: Connection) -> None:
    rows = await connection.fetch("select * from nurse")
    assert len(rows) == NURSES
    for row in rows:
        number = KEYRING.unseal(Sealed(row["id_number_key_id"], row["id_number_sealed"]), "id_number")
        assert KEYRING.blind_index(number, "id_number") == row["id_number_index"]
        assert identify(DocumentType(row["document_type"]), number, TODAY).birth_date in (row["birth_date"], None)


async def test_every_state_is_there_and_at_most_one_is_open_a_nurse(connection: Connection) -> None:
    states = await connection.fetch("select distinct state from application")
    assert {row["state"] for row in states} == set(State)
    assert await connection.fetchval("select count(*) - count(distinct nurse_id) from application") == 0


async def test_each_application_agrees_with_what_it_left_behind(connection: Connection) -> None:
    wrong = await connection.fetch(
        "select id from application a where revision <> (select count(*) from application_revision where application_id = a.id)"
        " or (revision > 0 and form <> (select form from application_revision r where r.application_id = a.id"
        "   and r.revision = a.revision))"
        " or (accepted_at is null) <> (receipt_number is null) or (accepted_at is null) <> (due_on is null)"
        " or exists (select from registration_history where application_id = a.id) <> exists ("
        "   select from review_decision where application_id = a.id and stage = 'AUTHORITY_DECISION'"
        "   and outcome in ('AGREED', 'DEEMED'))"
        " or (recommender_id is not null and recommender_id = moved_by and state in ('APPROVED', 'REJECTED'))"
    )
    assert wrong == []


async def test_each_scope_counts_its_events_without_gaps_in_the_order_of_time(connection: Connection) -> None:
    rows = await connection.fetch("select scope, seq, at from event order by scope, seq")
    counted: dict[object, list[tuple[int, object]]] = {}
    for row in rows:
        counted.setdefault(row["scope"], []).append((row["seq"], row["at"]))
    last = {row["scope"]: row["seq"] for row in await connection.fetch("select * from feed_scope")}
    assert {scope: len(heard) for scope, heard in counted.items()} == last
    for heard in counted.values():
        assert [seq for seq, _ in heard] == list(range(1, len(heard) + 1))
        assert [at for _, at in heard] == sorted(at for _, at in heard)  # type: ignore[type-var]


async def test_replaying_the_events_gives_the_pending_reviews(connection: Connection) -> None:
    queues: dict[object, set[object]] = {}
    for row in await connection.fetch("select scope, queue, application_id from event order by scope, seq"):
        queue = queues.setdefault(row["scope"], set())
        match row["queue"]:
            case "ADDED":
                assert row["application_id"] not in queue
                queue.add(row["application_id"])
            case "REMOVED":
                queue.remove(row["application_id"])
            case "CHANGED":
                assert row["application_id"] in queue
    pending: dict[object, set[object]] = {}
    for row in await connection.fetch("select id, state, institution_id, authority_id from application"):
        for party in (Party.INSTITUTION, Party.AUTHORITY):
            # What waits for a claim is on nobody's desk.
            if State(row["state"]) in PENDING[party] and row[f"{party.lower()}_id"]:
                pending.setdefault(row[f"{party.lower()}_id"], set()).add(row["id"])
    assert {scope: queue for scope, queue in queues.items() if queue} == pending


async def test_no_event_needs_the_partition_for_strays_and_none_lies_ahead(connection: Connection) -> None:
    assert await connection.fetchval("select count(*) from event_other") == 0
    assert await connection.fetchval("select max(at) < now() from event")


async def test_receipts_are_numbered_without_gaps_as_the_counter_says(connection: Connection) -> None:
    rows = await connection.fetch("select receipt_number from application where receipt_number is not null order by 1")
    counted: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        code, year, number = row["receipt_number"].split("-")
        counted.setdefault((code, int(year)), []).append(int(number))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counted.values())
    last = await connection.fetch("select code, year, last from receipt_counter join authority on id = authority_id")
    assert {(row["code"], row["year"]): row["last"] for row in last} == {
        place: len(numbers) for place, numbers in counted.items()
    }


async def test_every_demo_account_signs_in_with_its_role(connection: Connection) -> None:
    names = [demo.user_name for demo in DEMO_ACCOUNTS]
    rows = await connection.fetch("select * from account where user_name = any($1)", names)
    found = {row["user_name"]: row for row in rows}
    assert {name: row["roles"] for name, row in found.items()} == {
        demo.user_name: [demo.role] for demo in DEMO_ACCOUNTS
    }
    assert [name for name, row in found.items() if row["state"] != "ACTIVE"] == ["nurse002"]
    (password_hash,) = {row["password_hash"] for row in rows}
    assert PasswordHasher().verify(password_hash, DEMO_ACCOUNTS[0].password)


async def test_the_stage_is_set_for_a_renewal(connection: Connection) -> None:
    row = await connection.fetchrow(
        "select r.*, i.name, s.authority_id as route, (select count(*) from application where nurse_id = r.nurse_id) as filed"
        " from account a join registration r on r.nurse_id = a.nurse_id join institution i on i.id = r.institution_id"
        " join approval_setting s on s.institution_id = i.id and s.kind = 'RENEWAL' where user_name = 'nurse001'"
    )
    assert row is not None
    assert (row["status"], row["filed"]) == ("VALID", 0)
    assert row["valid_until"] == await connection.fetchval("select current_date + 60")
    staff = await connection.fetch(
        "select user_name, institution_id, authority_id from account where user_name = any($1)",
        ["manager01", "operator01", "operator02", "viewer001", "reviewer01", "decider001", "supervisor01"],
    )
    assert {member["institution_id"] or member["authority_id"] for member in staff} == {
        row["institution_id"],
        row["route"],
    }


async def test_the_stage_is_set_for_a_change(connection: Connection) -> None:
    row = await connection.fetchrow(
        "select r.*, a.state, (select count(*) from application where nurse_id = r.nurse_id) as filed,"
        " o.institution_id as other, f.institution_id as first"
        " from account a join registration r on r.nurse_id = a.nurse_id, account o, account f"
        " where a.user_name = 'nurse003' and o.user_name = 'operator03' and f.user_name = 'operator01'"
    )
    assert row is not None
    assert (row["status"], row["state"], row["filed"]) == ("VALID", "ACTIVE", 0)
    assert row["institution_id"] == row["other"] != row["first"]
    assert row["valid_until"] > await connection.fetchval("select current_date + 700")


async def test_a_register_that_is_there_is_refused_and_left_as_it_is(seeded: str) -> None:
    before = await contents(seeded)
    with pytest.raises(SeedError, match="holds a register already"):
        await seed(seeded, KEYRING, nurses=1000, seed=2)
    assert await contents(seeded) == before
    assert await is_empty(seeded) is False


@pytest.mark.parametrize("nurses", [0, 999, 5_600_001])
async def test_a_size_that_cannot_be_is_refused_with_the_limits(seeded: str, nurses: int) -> None:
    with pytest.raises(SeedError, match=f"{nurses} nurses cannot be seeded: choose from 1000 to 5600000"):
        await seed(seeded, KEYRING, nurses=nurses, seed=1)


async def test_a_second_seed_at_once_is_refused(fresh: Make) -> None:
    url = await fresh()
    async with connected(url) as connection:
        await connection.execute("select pg_advisory_lock($1)", SEED_LOCK)
        with pytest.raises(SeedError, match="Another `hushi seed` is at work"):
            await seed(url, KEYRING, nurses=1000, seed=1)
    assert await is_empty(url) is True


class _Interruption(Exception):
    """Somebody stops the seed."""


@pytest.mark.parametrize("stage", ["nurses", "applications", "indexes", "statistics"])
async def test_an_interrupted_seed_is_known_and_can_start_over(fresh: Make, stage: str) -> None:
    def stop(reached: str, done: int, total: int) -> None:
        if reached == stage and done * 2 >= total - 1:
            raise _Interruption

    url = await fresh()
    before = await definitions(url)
    with pytest.raises(_Interruption):
        await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, progress=stop)
    with pytest.raises(SeedError, match="interrupted and the register is incomplete: start over with --force"):
        await is_empty(url)
    with pytest.raises(SeedError, match="interrupted"):
        await seed(url, KEYRING, nurses=1000, seed=1)
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, force=True)
    assert await definitions(url) == before
    assert await is_empty(url) is False


async def test_a_killed_process_is_told_in_one_sentence(fresh: Make, caplog: pytest.LogCaptureFixture) -> None:
    def kill(stage: str, done: int, total: int) -> None:
        if done:
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

    url = await fresh()
    with pytest.raises(
        SeedError, match="A process of the seed was killed, perhaps for memory: start over with --force"
    ):
        await seed(url, KEYRING, nurses=20_000, seed=1, progress=kill)
    gc.collect()
    assert caplog.records == []
    with pytest.raises(SeedError, match="interrupted"):
        await is_empty(url)


KILLED = """
import asyncio, sys
from db.keys import Keyring
from db.seed import seed
tell = lambda stage, done, total: print(stage, done, flush=True)
asyncio.run(seed(sys.argv[1], Keyring.parse(sys.argv[2]), nurses=50_000, seed=1, progress=tell))
"""


async def test_after_kill_9_the_register_can_start_over_at_once(fresh: Make) -> None:
    url = await fresh()
    command = (sys.executable, "-c", KILLED, url, KEYS)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=DEVNULL)
    assert process.stdout is not None
    while await process.stdout.readline() in (b"", b"nurses 0\n"):
        assert process.returncode is None
    process.kill()
    await process.wait()
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, force=True)
    async with connected(url) as connection:
        assert await connection.fetchval("select count(*) from nurse") == 1000
    assert await is_empty(url) is False


async def test_force_starts_over_and_spoils_old_cursors(fresh: Make) -> None:
    url = await fresh()
    told: list[tuple[str, int, int]] = []
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY)
    async with connected(url) as connection:
        epoch = await connection.fetchval("select epoch from feed_epoch")
    await seed(
        url, KEYRING, nurses=1200, seed=2, today=TODAY, force=True, demo=False, progress=lambda *step: told.append(step)
    )
    async with connected(url) as connection:
        assert await connection.fetchval("select count(*) from nurse") == 1200
        assert await connection.fetchval("select epoch from feed_epoch") != epoch
        named = await connection.fetchval(
            "select count(*) from account where user_name = any($1)", [demo.user_name for demo in DEMO_ACCOUNTS]
        )
        (row,) = await connection.fetch("select distinct password_hash from account")
    assert named == 0
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(row["password_hash"], DEMO_ACCOUNTS[0].password)
    assert list(dict.fromkeys(stage for stage, *_ in told)) == ["nurses", "applications", "indexes", "statistics"]
    assert [(stage, done) for stage, done, total in told if done == total] == [
        ("nurses", 1200),
        ("applications", 5),
        ("indexes", len([step for step in told if step[0] == "indexes"]) - 1),
        ("statistics", 1),
    ]


async def test_every_valid_registration_has_its_certificate_in_force_and_nobody_else_has(
    connection: Connection,
) -> None:
    wrong = await connection.fetch(
        "select nurse_id, r.status, array_agg(c.number) as numbers from registration r"
        " left join certificate c using (nurse_id) where c.voided_at is null group by nurse_id, r.status"
        " having array_agg(c.number) <> array[case status when 'VALID' then min(r.certificate_number) end]"
    )
    assert wrong == []
    assert await connection.fetchval("select count(*) from certificate where voided_at is not null") > 0


async def test_all_kinds_are_there_and_the_first_hospital_has_what_comes_to_it(connection: Connection) -> None:
    kinds = await connection.fetch("select distinct kind from application")
    assert {row["kind"] for row in kinds} == set(Kind)
    first = await connection.fetchval("select institution_id from account where user_name = 'operator01'")
    coming = await connection.fetch(
        "select distinct a.kind from application a join registration r using (nurse_id)"
        " where a.institution_id = $1 and r.institution_id is distinct from $1 and state = 'INSTITUTION_REVIEW'",
        first,
    )
    assert "CHANGE" in {row["kind"] for row in coming}


async def test_whoever_left_has_been_reported_and_her_places_were_told(connection: Connection) -> None:
    wrong = await connection.fetch(
        "select r.nurse_id from registration r left join departure d using (nurse_id)"
        " where (r.status = 'VALID' and r.institution_id is null) <> (d.id is not null)"
        " or d.id is not null and not exists (select from registration_history h where h.nurse_id = r.nurse_id"
        "   and h.account_id = d.reported_by and h.reason like '离职报告%' || d.left_on)"
    )
    assert wrong == []
    told = await connection.fetch(
        "select d.id, count(*) from departure d join event e on e.body->>'nurse' = d.nurse_id::text"
        " and e.scope in (d.nurse_id, d.institution_id) and e.type = 'registration.departed' group by d.id"
    )
    assert {row["count"] for row in told} == {2}


async def test_what_waits_for_a_claim_is_at_no_institution_and_who_was_refused_is_kept(connection: Connection) -> None:
    waiting = await connection.fetchval(
        "select count(*) from application where state = 'INSTITUTION_REVIEW' and institution_id is null"
    )
    assert waiting > 0
    assert await connection.fetchval("select count(*) from claim_rejection") > 0


async def test_force_keeps_what_the_law_asks_for_and_nothing_of_a_province(fresh: Make) -> None:
    url = await fresh()
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY)
    law = "select * from material_requirement order by id"
    async with connected(url) as connection:
        before = await connection.fetch(law)
        await connection.execute(
            "insert into material_requirement (kind, authority_id, code, title_zh, title_en, valid_from)"
            " select 'FIRST', id, 'HEALTH_REPORT', '体检', 'Health', current_date from authority where code = '110000'"
        )
    await seed(url, KEYRING, nurses=1000, seed=1, today=TODAY, force=True)
    async with connected(url) as connection:
        assert await connection.fetch(law) == before
        assert len(before) > 0

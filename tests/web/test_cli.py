"""The command line as people run it: real processes, real signals."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from typer.testing import CliRunner

import graph.root
from db.seed import DEMO_ACCOUNTS
from db.store.keys import Keyring, new_keys
from db.store.migrate import MIGRATION_LOCK, migrate, require_keyring, require_migrated
from graph.limits import Limits
from tests.support.command_line import Result, begin, end, hushi
from tests.support.postgres import new_database
from tests.support.processes import children_with, connected
from web.cli import app, main
from web.settings import load

KEYS = new_keys()
SECOND_START = 5.0


def refused(result: Result, code: int, sentence: str) -> None:
    """Refused in exactly this sentence, and nothing else was said."""
    assert (result.code, result.out, result.error) == (code, "", f"{sentence}\n")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """The command within this process, for what is refused before anything is started."""

    def run(*arguments: str, **environment: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["hushi", *arguments])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        out, error = capsys.readouterr()
        return Result(ended.value.code, out, error)

    return run


@pytest.fixture
def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("HUSHI_PORT", "99999", "HUSHI_PORT is '99999': it should be less than or equal to 65535."),
        ("HUSHI_HOST", "no.host.invalid", "HUSHI_HOST is 'no.host.invalid': Name or service not known."),
        ("HUSHI_LOG", "loud", "HUSHI_LOG is 'loud': it should be 'debug', 'info', 'warning', 'error' or 'json'."),
        ("HUSHI_TRUSTED_PROXIES", "10.0.0.1,x", "HUSHI_TRUSTED_PROXIES is '10.0.0.1,x': 'x' does not appear to be an IPv4 or IPv6 network."),
        ("HUSHI_PUBLIC_URL", "nurse", "HUSHI_PUBLIC_URL is 'nurse': it should match pattern '^https?://[^/]+$'."),
        ("HUSHI_LIMIT_DEPTH", "0", "HUSHI_LIMIT_DEPTH is '0': it should be greater than 0."),
        ("HUSHI_RETENTION_MONTHS", "5", "HUSHI_RETENTION_MONTHS is '5': it should be greater than or equal to 6."),
        ("HUSHI_PASSWORD_MIN", "5", "HUSHI_PASSWORD_MIN is '5': it should be greater than or equal to 6."),
        ("PASSWORD_MIN", "12", "PASSWORD_MIN is called HUSHI_PASSWORD_MIN now: set that instead."),
        ("HUSHI_SMTP_URL", "geheim", "HUSHI_SMTP_URL cannot be used: it should match pattern '^smtps?://.+$'."),
        (
            "DATABASE_URL",
            "mysql://u:geheim@h/d",
            "DATABASE_URL cannot be used: The database address is not one of PostgreSQL: write postgresql://user:password@host:5432/database.",
        ),
        (
            "DATABASE_OWNER_URL",
            "postgresql://u:geheim@h/d",
            "DATABASE_OWNER_URL is set and DATABASE_URL is not: set both, or DATABASE_URL alone.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_in_one_sentence_without_secrets(
    here: Callable[..., Result], tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    refused(here("run", HUSHI_DATA=str(tmp_path / "data"), **{variable: value}), 2, sentence)
    assert not (tmp_path / "data").exists()


def test_a_misspelled_limit_is_refused_with_the_names_there_are(here: Callable[..., Result]) -> None:
    result = here("run", HUSHI_LIMIT_DETPH="3")
    assert (result.code, result.out) == (2, "")
    assert result.error.startswith("HUSHI_LIMIT_DETPH is no limit: after HUSHI_LIMIT_ may stand BODY_BYTES, ")


def test_every_limit_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().limits == Limits()
    given = {field.name: 7 for field in fields(Limits)}
    for name in given:
        monkeypatch.setenv(f"HUSHI_LIMIT_{name.upper()}", "7")
    assert asdict(load().limits) == given


def test_the_limits_are_no_setting_of_their_own(here: Callable[..., Result]) -> None:
    result = here("run", HUSHI_LIMIT="3 of everything")
    assert (result.code, result.out) == (2, "")
    assert result.error.startswith("HUSHI_LIMIT is no setting: after HUSHI_LIMIT_ may stand BODY_BYTES, ")


async def test_a_taken_port_is_said_before_anything_is_started(roomy: Path, taken_port: str) -> None:
    refused(
        await hushi("run", HUSHI_DATA=str(roomy / "data"), HUSHI_PORT=taken_port),
        1,
        f"Port {taken_port} of 127.0.0.1 is taken by another program: stop what uses it, or set HUSHI_PORT to another.",
    )
    assert not (roomy / "data").exists()


async def test_a_data_folder_that_cannot_be_made_is_refused(roomy: Path, free_port: str) -> None:
    (roomy / "file").write_text("mine")
    folder = roomy / "file" / "data"
    refused(
        await hushi("run", HUSHI_DATA=str(folder), HUSHI_PORT=free_port),
        1,
        f"The data folder {folder} cannot be made (Not a directory: {folder}): set HUSHI_DATA to a folder you can write to.",
    )


async def test_data_of_another_version_are_refused(roomy: Path, free_port: str) -> None:
    (roomy / "PG_VERSION").write_text("17\n")
    refused(
        await hushi("run", HUSHI_DATA=str(roomy), HUSHI_PORT=free_port),
        1,
        f"The data in {roomy} are of PostgreSQL 17 and this one is 18: "
        "set HUSHI_DATA to another folder, or move the data with pg_upgrade.",
    )


@pytest.mark.parametrize("command", ["run", "serve", "migrate", "retain", "seed"])
async def test_a_database_that_does_not_answer_is_refused_without_its_password(free_port: str, command: str) -> None:
    url = f"postgresql://u:geheim@127.0.0.1:{free_port}/d"
    result = await hushi(command, DATABASE_URL=url, HUSHI_KEYS=KEYS, HUSHI_PORT="0")
    assert (result.code, result.out, result.error.count("\n")) == (1, "", 1)
    assert re.fullmatch(r"The database does not let us in \(.*\): check DATABASE_URL\.\n", result.error)
    assert "geheim" not in result.error


@pytest.mark.parametrize("command", ["run", "serve", "seed"])
async def test_an_outside_database_without_keys_is_refused(empty_url: str, command: str) -> None:
    refused(
        await hushi(command, DATABASE_URL=empty_url, HUSHI_PORT="0"),
        2,
        "DATABASE_URL is set and HUSHI_KEYS is not: make a key with `hushi keys new` "
        "and give the same to every process of this database.",
    )


async def test_bad_keys_are_refused_without_repeating_them(empty_url: str) -> None:
    refused(
        await hushi("run", DATABASE_URL=empty_url, HUSHI_KEYS="a:geheim!", HUSHI_PORT="0"),
        1,
        "HUSHI_KEYS has no base64 after the id 'a': copy the whole entry.",
    )


async def test_other_keys_than_the_databases_are_refused(empty_url: str) -> None:
    await migrate(empty_url)
    made_with = new_keys()
    await require_keyring(empty_url, Keyring.parse(made_with))
    refused(
        await hushi("serve", DATABASE_URL=empty_url, HUSHI_KEYS=KEYS, HUSHI_PORT="0"),
        1,
        "The database was sealed with other keys than these: start with the HUSHI_KEYS it was made with, "
        f"the key {made_with.partition(':')[0]!r} among them.",
    )


async def test_serve_brings_no_database_and_migrates_none(empty_url: str) -> None:
    refused(
        await hushi("serve", HUSHI_PORT="0"),
        2,
        "DATABASE_URL is not set: set it, or start with `hushi run`, which brings a database along.",
    )
    result = await hushi("serve", DATABASE_URL=empty_url, HUSHI_KEYS=KEYS, HUSHI_PORT="0")
    assert result.code == 1
    assert re.fullmatch(
        r"The database is at migration None and this release needs \w+: run hushi migrate\.\n", result.error
    )


async def test_migrate_brings_an_outside_database_up_to_date(empty_url: str) -> None:
    name = empty_url.rpartition("/")[2].partition("?")[0]
    done = await hushi("migrate", DATABASE_URL=empty_url)
    head = re.fullmatch(
        rf"The database of DATABASE_URL \({name}\) is up to date: made new, at migration (\w+)\.\n", done.out
    )
    assert (done.code, done.error, head is not None) == (0, "", True), done
    await require_migrated(empty_url)
    again = await hushi("migrate", DATABASE_URL=empty_url)
    assert head is not None
    assert again.out == (
        f"The database of DATABASE_URL ({name}) is up to date, at migration {head[1]}: nothing to do.\n"
    )


async def test_a_size_that_is_not_made_is_refused_before_there_is_a_folder(roomy: Path) -> None:
    refused = await hushi("seed", "--nurses", "10", HUSHI_DATA=str(roomy / "new"))
    assert (refused.code, "choose from 1000 to" in refused.error) == (1, True)
    assert not (roomy / "new").exists()


async def test_serve_on_an_outside_database_makes_no_demo_data_and_shows_no_sign_ins(server: str) -> None:
    url = await new_database(server)
    await migrate(url)
    async with serving("serve", DATABASE_URL=url, HUSHI_KEYS=KEYS, HUSHI_PORT="0") as (process, origin, shown):
        assert "Sign in" not in shown
        assert (await ask(origin)).status_code == 200
        process.send_signal(signal.SIGTERM)
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select count(*) from account") == 0
    await connection.close()


async def test_a_new_key_can_be_used_as_printed() -> None:
    result = await hushi("keys", "new")
    assert (result.code, result.error) == (0, "")
    assert Keyring.parse(result.out).seal("王", "name").key_id == result.out.partition(":")[0]


def test_the_schema_file_is_written_and_one_behind_the_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.root, "__file__", str(tmp_path / "root.py"))
    run, path = CliRunner().invoke, tmp_path / "schema.graphql"
    missing = run(app, ["schema", "--check"])
    assert (missing.exit_code, path.exists()) == (1, False)
    assert missing.stderr == "schema.graphql is behind the code: run `make schema` and commit it.\n"
    assert run(app, ["schema"]).exit_code == 0
    assert run(app, ["schema", "--check"]).exit_code == 0
    path.write_text(path.read_text().replace("type Query", "type Queries"))
    assert run(app, ["schema", "--check"]).exit_code == 1


async def ask(origin: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"{origin}/graphql", json={"query": "{ __typename }"})


@asynccontextmanager
async def serving(*arguments: str, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    """A server that has said that it is ready: its process, its address, and what it showed; it must end well."""
    process = await begin(*arguments, **environment)
    assert process.stdout is not None
    shown = ""
    try:
        async with asyncio.timeout(60):
            while "GraphiQL" not in shown:
                line = (await process.stdout.readline()).decode()
                if not line:
                    pytest.fail(f"It ended: {(await end(process)).error}")
                shown += line
        found = re.search(r"GraphQL +(http://\S+)/graphql", shown)
        assert found is not None
        yield process, found[1], shown
        result = await end(process)
        assert (result.code, "Traceback" in result.error) == (0, False)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def servers_of(data: Path) -> list[int]:
    """The PostgreSQL servers that run on this data folder."""
    found = psutil.process_iter(["pid", "cmdline"])
    return [each.info["pid"] for each in found if f"{data}/postgres" in (each.info["cmdline"] or [])]


async def test_run_makes_everything_once_and_both_signals_stop_the_server_and_then_the_database(roomy: Path) -> None:
    data = roomy / "data"
    environment = {"HUSHI_DATA": str(data), "HUSHI_PORT": "0", "HUSHI_LOG": "json"}
    async with serving("run", **environment) as (process, origin, _):
        assert (await ask(origin)).json() == {"data": {"__typename": "Query"}}
        assert len(servers_of(data)) == 1
        process.send_signal(signal.SIGINT)
    assert servers_of(data) == []
    assert oct((data / "keys").stat().st_mode)[-3:] == "600"
    keys = (data / "keys").read_bytes()
    began = asyncio.get_running_loop().time()
    async with serving("run", **environment) as (process, origin, _):
        # The deadline of the issue, times 3.
        assert asyncio.get_running_loop().time() - began < 3 * SECOND_START
        await sign_in_as_shown(process, origin)
        await see_the_database_come_back(process, data)
        process.send_signal(signal.SIGTERM)
    assert (servers_of(data), (data / "keys").read_bytes()) == ([], keys)


async def sign_in_as_shown(process: asyncio.subprocess.Process, origin: str) -> None:
    assert process.stdout is not None
    shown = (await process.stdout.readuntil(b"analyst001")).decode()
    found = re.findall(r"^  ([a-z]+\d+) +(\S+)", shown, re.MULTILINE)
    assert [name for name, _ in found] == [account.user_name for account in DEMO_ACCOUNTS][:-1]
    query = "mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }"
    variables = {"input": dict(zip(("userName", "password"), found[0], strict=True))}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{origin}/graphql", json={"query": query, "variables": variables})
    assert answer.json() == {"data": {"signIn": {"__typename": "SignInPayload"}}}


async def see_the_database_come_back(process: asyncio.subprocess.Process, data: Path) -> None:
    """Killed, it is started again, and the log for machines says so in one JSON object a line."""
    (pid,) = servers_of(data)
    os.kill(pid, signal.SIGKILL)
    assert process.stderr is not None
    said: dict[str, object] = {}
    async with asyncio.timeout(30):
        while said.get("event") != "postgresql ended by itself and is started again":
            said = json.loads(await process.stderr.readline())
    assert (said["exit_code"], said["level"]) == (-9, "warning")


async def test_run_broken_off_while_starting_leaves_no_process_and_the_next_one_completes(roomy: Path) -> None:
    data = roomy / "data"
    for reached in ("lock", "postgres", "keys"):
        process = await begin("run", HUSHI_DATA=str(data), HUSHI_PORT="0")
        await until((data / reached).exists)
        # As a terminal does it: to everybody in the foreground.
        os.killpg(process.pid, signal.SIGINT)
        result = await end(process)
        assert (result.code, "Traceback" in result.error) == (1, False)
        assert result.error.splitlines()[-1] == "Stopped before it was done."
        assert servers_of(data) == []
    async with serving("run", HUSHI_DATA=str(data), HUSHI_PORT="0") as (process, origin, _):
        assert (await ask(origin)).status_code == 200
        process.send_signal(signal.SIGINT)


def seeding_for(pid: int) -> bool:
    """Whether all processes that make the nurses have reached the database."""
    workers = children_with("spawn_main", pid)
    return bool(workers) and all(map(connected, workers))


async def test_a_first_seed_broken_off_is_started_over(roomy: Path) -> None:
    data = roomy / "data"
    process = await begin("run", HUSHI_DATA=str(data), HUSHI_PORT="0")
    await until(lambda: seeding_for(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    result = await end(process)
    assert (result.code, "Traceback" in result.error) == (1, False)
    assert servers_of(data) == []
    async with serving("run", HUSHI_DATA=str(data), HUSHI_PORT="0") as (process, _, shown):
        assert "is ready" in shown
        process.send_signal(signal.SIGINT)


async def until(reached: Callable[[], bool]) -> None:
    """Return as soon as it is so."""
    async with asyncio.timeout(30):
        while not reached():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_server_that_runs_lets_its_register_be_cleared_scheduled_and_sealed_anew_beside_it(roomy: Path) -> None:
    data = {"HUSHI_DATA": str(roomy / "data"), "HUSHI_LOG": "warning"}
    said = {
        ("retain",): "Months of events: ",
        ("scheduler",): "",
        ("keys", "rotate"): "Sealed with ",
    }
    async with serving("run", HUSHI_PORT="0", **data) as (process, origin, _):
        (pid,) = servers_of(roomy / "data")
        for command, beginning in said.items():
            result = await hushi(*command, **data)
            assert (result.code, result.error, result.out.count("\n")) == (0, "", 1)
            assert result.out.startswith(beginning)
        assert servers_of(roomy / "data") == [pid]
        for command in ("seed", "reset", "run"):
            refused(
                await hushi(command, HUSHI_PORT="0", **data),
                1,
                f"The data in {roomy / 'data'} are in use by process {process.pid}: "
                "stop it, or set HUSHI_DATA to another folder.",
            )
        assert (await ask(origin)).status_code == 200
        process.send_signal(signal.SIGTERM)
    assert servers_of(roomy / "data") == []


async def test_a_migration_broken_off_says_so_and_leaves_an_empty_database(empty_url: str) -> None:
    other = await asyncpg.connect(empty_url)
    await other.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
    waiting = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
    process = await begin("migrate", DATABASE_URL=empty_url)
    async with asyncio.timeout(30):
        while not await other.fetchval(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert await end(process) == Result(1, "", "Stopped before it was done.\n")
    assert await other.fetchval("select to_regclass('alembic_version')") is None
    await other.close()

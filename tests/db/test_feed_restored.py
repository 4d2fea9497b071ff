"""A register that was copied, restored or promoted: what it still holds goes on, and what it never had is told.

Each way is that of PostgreSQL's own tools; after the copy both go on by themselves, past each other's numbers.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from uuid_utils.compat import uuid7

from db.embedded.server import Embedded
from db.feed.cursor import FeedLost
from db.feed.feed import Feed
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.outage import retry_until_up
from rules.events import Lost
from tests.support.database_copies import (
    STANDBY,
    base_backup,
    cluster,
    connected,
    copied,
    frozen,
    run,
    server_at,
    socket_of,
)
from tests.support.feed_process import process
from tests.support.first_cursors import of_version_1
from tests.support.postgres import open_folder
from tests.support.recorded_history import cursors_of, resumed, tell_each
from tests.support.until import until

SHARED, THEIRS, OURS = 5, 3, 5
CHANCE = Random(1)
Finish = Callable[[], Awaitable[str]]


@dataclass
class Home:
    """The original register, and the folder in which its copies lie."""

    folder: Path
    server: Embedded
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        """The owner's address."""
        return self.server.dsn

    async def start(self, folder: Path, **options: str) -> str:
        """A server over a copy; its address."""
        copy = server_at(folder, **options)
        self.stack.push_async_callback(copy.stop)
        return await copy.start()


@pytest_asyncio.fixture(scope="module")
async def original() -> AsyncIterator[Home]:
    folder = open_folder()
    home = Home(folder, server_at(folder / "original"), AsyncExitStack())
    await home.server.start()
    await migrate(home.url)
    yield home
    await home.server.stop()
    shutil.rmtree(folder)


@pytest_asyncio.fixture
async def home(original: Home) -> AsyncIterator[Home]:
    async with AsyncExitStack() as stack:
        original.stack = stack
        yield original


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def dumped(home: Home) -> Path:
    """The whole register by pg_dump."""
    path = cluster(home.folder / uuid7().hex)
    await run("pg_dump", *connected(home.url), "-d", "postgres", "-Fc", "-f", str(path))
    return path


async def restored_beside(home: Home) -> Finish:
    dump, name = await dumped(home), f"restored_{uuid7().hex}"

    async def finish() -> str:
        await execute(home.url, f"create database {name}")
        await run("pg_restore", *connected(home.url), "-d", name, str(dump))
        return home.url.replace("/postgres?", f"/{name}?")

    return finish


async def restored_elsewhere(home: Home) -> Finish:
    dump = await dumped(home)

    async def finish() -> str:
        url = await home.start(home.folder / uuid7().hex)
        await execute(url, "create role hushi_app")
        await run("pg_restore", *connected(url), "-d", "postgres", str(dump))
        return url

    return finish


def started(home: Home, folder: Path) -> Finish:
    return lambda: home.start(folder)


async def cold_copy(home: Home) -> Finish:
    target = home.folder / uuid7().hex
    await home.server.stop()
    copied(home.server.data, target)
    await home.server.start()
    return started(home, target)


async def snapshot(home: Home) -> Finish:
    target = home.folder / uuid7().hex
    assert home.server.pid is not None
    with frozen(home.server.pid):
        copied(home.server.data, target)
    return started(home, target)


async def base_backup_without_a_signal(home: Home) -> Finish:
    target = home.folder / uuid7().hex
    await base_backup(home.url, target)
    return started(home, target)


async def standby(home: Home) -> tuple[Path, str]:
    """A standby that has all that the original has; its folder and address."""
    target = home.folder / uuid7().hex
    await base_backup(home.url, target)
    (cluster(target) / STANDBY).touch()
    with (cluster(target) / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"primary_conninfo = 'host={socket_of(home.url)} port=5432 user=hushi'\n")
    url = await home.start(target)
    await caught_up(home, url)
    return target, url


async def caught_up(home: Home, url: str) -> None:
    """Return as soon as the standby has all that the original has by now."""
    primary, copy = await asyncpg.connect(home.url), await asyncpg.connect(url)
    here = await primary.fetchval("select pg_current_wal_flush_lsn()::text")
    async with asyncio.timeout(30):
        while not await copy.fetchval(f"select pg_last_wal_replay_lsn() >= '{here}'"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    for one in (primary, copy):
        await one.close()


async def promoted(home: Home, target: Path, url: str) -> str:
    await run("pg_ctl", "promote", "-w", "-D", str(cluster(target)))
    return url


async def promoted_with_nothing_lost(home: Home) -> Finish:
    target, url = await standby(home)

    async def finish() -> str:
        await caught_up(home, url)
        return await promoted(home, target, url)

    return finish


async def promoted_without_its_last_second(home: Home) -> Finish:
    target, url = await standby(home)
    copy = await asyncpg.connect(url)
    await copy.execute("alter system set primary_conninfo = ''")
    await copy.fetchval("select pg_reload_conf()")
    async with asyncio.timeout(30):
        while await copy.fetchval("select exists (select from pg_stat_wal_receiver)"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await copy.close()
    return lambda: promoted(home, target, url)


@dataclass(frozen=True)
class Way:
    """One way to another database; `lost` says whether what the original told later is missing there.

    `same` is whether that one has the identifier and the timeline of the original, by which version 1 knows it.
    """

    begin: Callable[[Home], Awaitable[Finish]]
    lost: bool = True
    same: bool = True


WAYS = {
    "pg_restore into the same cluster": Way(restored_beside),
    "pg_restore into another cluster": Way(restored_elsewhere, same=False),
    "a cold copy": Way(cold_copy),
    "a snapshot": Way(snapshot),
    "pg_basebackup without a signal": Way(base_backup_without_a_signal),
    "an ordinary failover": Way(promoted_with_nothing_lost, lost=False, same=False),
    "the failover to a standby without the last second": Way(promoted_without_its_last_second, same=False),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_what_the_other_history_holds_goes_on_and_what_it_never_had_is_told(
    home: Home, keyring: Keyring, way: Way
) -> None:
    scope, quiet = uuid7(), uuid7()
    async with process(home.url, keyring) as here:
        await tell_each(here, {scope: SHARED}, CHANCE)
        first = of_version_1(here.feed.cursors, scope, 3)
    finish = await way.begin(home)
    async with process(home.url, keyring) as here:
        await tell_each(here, {scope: THEIRS}, CHANCE)
        cursors = (await cursors_of(here, [scope]))[scope]
        born = (await here.feed.enter(quiet)).cursor
    good = SHARED + (0 if way.lost else THEIRS)
    async with process(await finish(), keyring) as there:
        for more in (0, OURS):
            await tell_each(there, {scope: more, quiet: more}, CHANCE)
            ids = [row["id"] for row in await there.db.pool.fetch(HEARD, scope)]
            assert len(ids) == good + more
            for seq, cursor in enumerate(cursors):
                assert await resumed(there, scope, cursor) == (ids[seq:] if seq <= good else Lost.EPOCH)
            assert await resumed(there, quiet, born) == [r["id"] for r in await there.db.pool.fetch(HEARD, quiet)]
        assert await good_in_version_1(there.feed, scope, first) == way.same


HEARD = "select id from event where scope = $1 order by seq"


async def good_in_version_1(feed: Feed, scope: UUID, cursor: str) -> bool:
    try:
        place = await feed.enter(scope, cursor)
    except FeedLost as lost:
        assert lost.because is Lost.EPOCH  # noqa: PT017
        return False
    assert (place.seq, len(place.cursor)) == (3, len(cursor))
    return True


async def exchanged(home: Home, older: Path) -> None:
    """The server dies, and what is started again at its address has the older data."""
    dead, data = home.server.pid, cluster(home.server.data)
    assert dead is not None
    data.rename(older.with_name(f"{older.name}-before"))
    cluster(older).rename(data)
    os.kill(dead, signal.SIGQUIT)
    await until(lambda: home.server.pid not in (None, dead))
    await (await retry_until_up(partial(asyncpg.connect, home.url))).close()


async def test_a_process_that_never_stopped_finds_out_and_ends_only_what_is_another(
    home: Home, keyring: Keyring
) -> None:
    """Its database dies and an older copy comes in its place: with the same identifier, address and timeline."""
    older, scope, calm = home.folder / uuid7().hex, uuid7(), uuid7()
    assert home.server.pid is not None
    async with process(home.url, keyring) as here:
        await tell_each(here, {scope: SHARED, calm: SHARED}, CHANCE)
        place, stands = await here.feed.enter(scope), await here.feed.enter(calm)
        with frozen(home.server.pid):
            copied(home.server.data, older)
        async with (
            asyncio.timeout(60),
            aclosing(here.feed.follow(place, 600)) as lost,
            aclosing(here.feed.follow(stands, 600)) as kept,
        ):
            await tell_each(here, {scope: THEIRS}, CHANCE)
            heard = 0
            while heard < THEIRS:
                heard += len((await anext(lost)).events)
            ended, waiting = (asyncio.create_task(anext(one)) for one in (lost, kept))
            await until(lambda: here.feed.followers(calm) == 1)
            await exchanged(home, older)
            async with process(home.url, keyring) as other:
                await tell_each(other, {scope: THEIRS + 1, calm: 1}, CHANCE)
            assert [event.seq for event in (await waiting).events] == [SHARED + 1]
            with pytest.raises(FeedLost) as refusal:
                await ended
            assert refusal.value.because is Lost.EPOCH

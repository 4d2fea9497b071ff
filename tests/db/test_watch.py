"""Whoever lives as long as a session is told when it ends, or when what its account may do changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from db.session import Session, Sessions
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.url import asyncpg_dsn
from db.watch import Ended
from graph.context import Services
from rules.errors import Unauthenticated
from rules.people import Party, Role
from tests.support.postgres import new_database
from tests.support.until import until
from tests.support.world import Cast, Person, World

QUICK = 0.02
"""Seconds between two looks, in place of 2.5."""

Change = Callable[[World, Person], Awaitable[None]]


def changing(sql: str) -> Change:
    """One statement about an account."""

    async def change(world: World, person: Person) -> None:
        await world.owner.execute(sql, person.account_id)

    return change


async def move(world: World, person: Person) -> None:
    other = await world.institution(await world.authority(await world.authority()))
    await world.owner.execute("update account set institution_id = $2 where id = $1", person.account_id, other)


CHANGES: dict[str, Change] = {
    "revoked": changing("update session set revoked_at = now() where account_id = $1"),
    "deleted": changing("delete from session where account_id = $1"),
    "expired": changing("update session set expires_at = now() where account_id = $1"),
    "account disabled": changing("update account set state = 'DISABLED' where id = $1"),
    "another role": changing("update account set roles = array['VIEWER'] where id = $1"),
    "one role more": changing("update account set roles = roles || 'VIEWER'::text where id = $1"),
    "institution closed": changing(
        "update institution set state = 'CLOSED' where id = (select institution_id from account where id = $1)"
    ),
    "another institution": move,
}
STANDS = {"another role", "one role more", "another institution"}
"""The changes after which the session still stands."""


@asynccontextmanager
async def looking(services: Services, seconds: float = QUICK) -> AsyncIterator[Sessions]:
    """A process's sessions, looked at often."""
    heard = services.db.heard
    sessions = Sessions(services.db)
    await sessions.open(seconds)
    try:
        yield sessions
    finally:
        await sessions.close()
        services.db.heard = heard  # those of the other tests hear of their wake-ups again


class Watched:
    """Somebody whose session is watched."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.event = asyncio.Event()

    def __call__(self, because: Unauthenticated) -> None:
        self.codes.append(because.code)
        self.event.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self.event.wait(), 10)


def watch(sessions: Sessions, session: Session, ended: Ended) -> Callable[[], object]:
    """Watch a session as the door does."""
    return sessions.watch(session.token_hash, session.actor, ended)


async def admitted(sessions: Sessions, person: Person) -> Session:
    """Her session, as the door finds it."""
    found = await sessions.find(person.session.token_hash)
    assert found is not None
    return found


async def everybody(world: World, cast: Cast) -> list[Person]:
    """One of each kind of account."""
    fresh = await world.nurse(None, cast.district)
    return [
        cast.nurse,
        await world.person(Party.NURSE, fresh, Role.NURSE, state="INACTIVE"),
        cast.operator,
        cast.manager,
        await world.person(Party.INSTITUTION, cast.hospital, Role.VIEWER, Role.MANAGER, Role.OPERATOR),
        await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=cast.nurse_id),
        cast.reviewer,
        await world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR, Role.DECIDER),
        await world.person(Party.HELP_DESK, None, Role.HELP_DESK),
        await world.person(Party.ANALYST, None, Role.ANALYST),
    ]


@pytest.mark.parametrize("change", CHANGES)
async def test_whoever_changed_is_told_once_and_nobody_else(
    services: Services, world: World, cast: Cast, change: str
) -> None:
    other = await world.cast()
    people = [*await everybody(world, other), cast.operator]
    async with looking(services) as sessions:
        watched = [Watched() for _ in people]
        for person, one in zip(people, watched, strict=True):
            watch(sessions, await admitted(sessions, person), one)
        again = Watched()
        watch(sessions, await admitted(sessions, cast.operator), again)
        await CHANGES[change](world, cast.operator)
        await watched[-1].wait()
        await again.wait()
        # One look more: who had only been overlooked would be told now, and who was told, again.
        latest = Watched()
        await CHANGES["revoked"](world, cast.viewer)
        watch(sessions, cast.viewer.session, latest)
        await latest.wait()
    why = "ACCESS_CHANGED" if change in STANDS else "UNAUTHENTICATED"
    expected = [[] for _ in people[1:]] + [[why], [why], ["UNAUTHENTICATED"]]
    assert [one.codes for one in [*watched, again, latest]] == expected


async def test_an_authority_that_is_put_elsewhere_in_the_tree_changes_what_its_officers_see(
    services: Services, world: World, cast: Cast
) -> None:
    async with looking(services) as sessions:
        officer, operator = Watched(), Watched()
        watch(sessions, await admitted(sessions, cast.reviewer), officer)
        watch(sessions, await admitted(sessions, cast.operator), operator)
        await world.owner.execute("update authority set path = $2 where id = $1", cast.district, f"/{uuid4()}/")
        await officer.wait()
        assert (officer.codes, operator.codes) == (["ACCESS_CHANGED"], [])


async def test_a_nurse_who_is_activated_is_told_since_she_may_do_more(
    services: Services, world: World, cast: Cast
) -> None:
    nurse = await world.nurse(None, cast.district)
    person = await world.person(Party.NURSE, nurse, Role.NURSE, state="INACTIVE")
    async with looking(services) as sessions:
        watched = Watched()
        watch(sessions, await admitted(sessions, person), watched)
        await changing("update account set state = 'ACTIVE' where id = $1")(world, person)
        await watched.wait()
    assert watched.codes == ["ACCESS_CHANGED"]


async def test_who_has_gone_is_not_told(services: Services, world: World, cast: Cast) -> None:
    async with looking(services) as sessions:
        gone, stays = Watched(), Watched()
        stop = watch(sessions, await admitted(sessions, cast.operator), gone)
        watch(sessions, await admitted(sessions, cast.operator), stays)
        stop()
        await CHANGES["revoked"](world, cast.operator)
        await stays.wait()
        stop()
        assert gone.codes == []


async def test_who_goes_because_another_was_told_is_not_told(services: Services, world: World, cast: Cast) -> None:
    notified: list[int] = []
    stops: list[Callable[[], object]] = []
    async with looking(services) as sessions:

        def ended(who: int, because: Unauthenticated) -> None:
            notified.append(who)
            stops[1 - who]()

        stops += [watch(sessions, await admitted(sessions, cast.operator), partial(ended, who)) for who in (0, 1)]
        latest = Watched()
        watch(sessions, await admitted(sessions, cast.viewer), latest)
        await CHANGES["revoked"](world, cast.operator)
        await until(lambda: bool(notified))
        await CHANGES["revoked"](world, cast.viewer)
        await latest.wait()
    assert len(notified) == 1


async def test_nobody_is_told_anything_while_the_database_is_away(
    server: str, keyring: Keyring, services: Services
) -> None:
    """The looks fail, again and again; the first that does not finds who ended meanwhile, and nobody else."""
    url, keeper = await new_database(server), await asyncpg.connect(server)
    await migrate(url)
    name = await keeper.fetchval("select datname from pg_database where $1 like '%/' || datname || '?%'", url)
    owner = await asyncpg.connect(asyncpg_dsn(url))
    world = World(owner, keyring)
    cast = await world.cast()
    db = Database(url, keyring)
    await db.open()
    async with looking(replace(services, db=db)) as sessions:
        ended, stays = Watched(), Watched()
        watch(sessions, await admitted(sessions, cast.operator), ended)
        watch(sessions, await admitted(sessions, cast.manager), stays)
        await CHANGES["revoked"](world, cast.operator)
        await ended.wait()
        later = Watched()
        watch(sessions, await admitted(sessions, cast.viewer), later)
        await keeper.execute(f"alter database {name} allow_connections false")
        await keeper.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        with capture_logs() as logs:
            await until(lambda: bool(logs))
        assert [log["event"] for log in logs] == ["a connection is away"]
        assert (later.codes, stays.codes) == ([], [])
        await keeper.execute(f"alter database {name} allow_connections true")
        owner = await asyncpg.connect(asyncpg_dsn(url))
        await CHANGES["revoked"](World(owner, keyring), cast.viewer)
        await later.wait()
        assert (later.codes, stays.codes) == (["UNAUTHENTICATED"], [])
    await owner.close()
    await db.close()
    await keeper.close()

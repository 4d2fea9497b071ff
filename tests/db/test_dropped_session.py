"""A session that ends, or whose account may do something else, is dropped by every process with the next wake-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import update

from db import session as sessions
from db.feed.feed import Feed
from db.session import Sessions
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.tables import account
from rules.people import Role
from tests.support.world import Cast, Person, World
from workflow import session as signing

NEVER = 3600.0
"""Seconds in place of the one after which a session is read again, and of the 2.5 between two looks."""


@dataclass
class Process:
    """What a server process has of the sessions."""

    db: Database
    sessions: Sessions

    async def roles(self, person: Person) -> frozenset[Role] | None:
        """The roles with which her token opens this process's door; None where it does not."""
        found = await self.sessions.find(person.session.token_hash)
        return None if found is None else found.actor.roles


@asynccontextmanager
async def process(url: str, keyring: Keyring) -> AsyncIterator[Process]:
    """One of several on the same database, with its wake-ups."""
    db = Database(url, keyring, pool_size=2)
    feed, kept = Feed(db), Sessions(db)
    await db.open()
    await feed.open()
    await kept.open(NEVER)
    yield Process(db, kept)
    await kept.close()
    await feed.close()
    await db.close()


@pytest_asyncio.fixture
async def two(
    owner_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Process, Process]]:
    """Two processes that would keep for ever what they have read."""
    monkeypatch.setattr(Sessions, "KEPT_SECONDS", NEVER)
    async with process(owner_url, keyring) as first, process(owner_url, keyring) as second:
        yield first, second


async def sign_out(here: Process, person: Person) -> None:
    await signing.sign_out(here.db, person.session)


async def end_all(here: Process, person: Person) -> None:
    async with here.db.begin() as tx:
        await sessions.lock(tx, person.account_id)
        await sessions.end(tx, person.account_id)


async def give_another_role(here: Process, person: Person) -> None:
    async with here.db.begin() as tx:
        await sessions.lock(tx, person.account_id)
        await tx.execute(update(account).where(account.c.id == person.account_id).values(roles=[Role.VIEWER]))


def notified(here: Process, person: Person) -> asyncio.Event:
    """Set once this process has told her socket that her session is no longer what it was."""
    event = asyncio.Event()
    here.sessions.watch(person.session.token_hash, person.actor, lambda _: event.set())
    return event


@pytest.mark.parametrize("end", [sign_out, end_all])
async def test_an_ended_session_opens_no_door_of_any_process_and_its_sockets_are_told(
    two: tuple[Process, Process], cast: Cast, end: Callable[[Process, Person], Awaitable[None]]
) -> None:
    for one in two:
        assert await one.roles(cast.operator) == {Role.OPERATOR}
        assert await one.roles(cast.manager) == {Role.MANAGER}
    closing = [notified(one, cast.operator) for one in two]
    staying = [notified(one, cast.manager) for one in two]
    await end(two[0], cast.operator)
    assert await two[0].roles(cast.operator) is None
    async with asyncio.timeout(10):
        await asyncio.gather(*(one.wait() for one in closing))
    assert [await one.roles(cast.operator) for one in two] == [None, None]
    assert [await one.roles(cast.manager) for one in two] == [{Role.MANAGER}] * 2
    assert not any(one.is_set() for one in staying)


async def test_an_account_with_other_roles_may_do_no_more_in_any_process(
    two: tuple[Process, Process], cast: Cast
) -> None:
    assert [await one.roles(cast.operator) for one in two] == [{Role.OPERATOR}] * 2
    closing = [notified(one, cast.operator) for one in two]
    await give_another_role(two[0], cast.operator)
    async with asyncio.timeout(10):
        await asyncio.gather(*(one.wait() for one in closing))
    assert [await one.roles(cast.operator) for one in two] == [{Role.VIEWER}] * 2


async def test_what_was_being_read_while_the_session_ended_is_not_kept(
    two: tuple[Process, Process], world: World, cast: Cast
) -> None:
    """The read began before the end and comes back after it: the next one asks the database again."""
    here, ended = two[0], cast.operator.session.token_hash
    reading = [asyncio.ensure_future(here.sessions.find(ended)) for _ in range(3)]
    await asyncio.sleep(0)
    here.sessions.drop([UUID(bytes=ended[:16])])
    assert all(await asyncio.gather(*reading))
    await world.owner.execute("update session set revoked_at = now() where token_hash = $1", ended)
    assert await here.roles(cast.operator) is None


async def test_a_step_that_is_rolled_back_drops_nothing(two: tuple[Process, Process], cast: Cast) -> None:
    closing = [notified(one, cast.operator) for one in two]
    with pytest.raises(ZeroDivisionError):
        async with two[0].db.begin() as tx:
            await sessions.lock(tx, cast.operator.account_id)
            await sessions.revoke(tx, cast.operator.session.token_hash)
            raise ZeroDivisionError
    await sign_out(two[0], cast.manager)
    assert [await one.roles(cast.operator) for one in two] == [{Role.OPERATOR}] * 2
    assert not any(one.is_set() for one in closing)

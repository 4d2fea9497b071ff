"""Wake-ups by either carrier: who hears what, and that nobody suffers while the carrier is away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGSTOP
from time import monotonic
from uuid import UUID

import asyncpg
import nats
import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from db.feed.wakeup import COALESCE_SECONDS, MOST_WAITING, POSTGRES, wakeup_address, wakeups_of
from db.store.engine import Database
from db.store.keys import Keyring
from db.store.migrate import migrate
from db.store.outage import run_forever
from db.store.url import asyncpg_dsn
from tests.support.nats_server import nats_server, needs_nats
from tests.support.postgres import new_database
from tests.support.until import until


class Party:
    """One process's end of the wake-ups: what it was told, message by message, and how often it connected."""

    def __init__(self, address: str, db: Database) -> None:
        self.messages: list[list[UUID]] = []
        self.tries = 0
        self._wakeups = wakeups_of(address, db, lambda scopes: self.messages.append(list(scopes)))

    def send(self, scopes: Iterable[UUID]) -> None:
        """What a step does after its commit."""
        self._wakeups.send(scopes)

    def start(self) -> None:
        """Connect, and connect again, until stopped."""
        self._task = asyncio.create_task(run_forever(self._run))

    async def _run(self) -> None:
        self.tries += 1
        await self._wakeups.run()

    async def stop(self) -> None:
        """End the connection."""
        self._task.cancel()
        ended, _ = await asyncio.wait([self._task], timeout=30)
        assert ended, "its cancellation was lost"

    def heard(self, scope: UUID) -> bool:
        """Whether it was told of this scope."""
        return any(scope in message for message in self.messages)

    def messages_of(self, scopes: set[UUID]) -> list[int]:
        """How many of these scopes each message carried."""
        return [count for message in self.messages if (count := len(scopes & set(message)))]


@dataclass
class Carrier:
    """What carries the wake-ups of one database, and how it goes away and comes back."""

    address: str
    go: Callable[[], Awaitable[None]]
    come: Callable[[], Awaitable[None]]


async def new_register(server: str) -> str:
    """A migrated database of its own."""
    url = await new_database(server)
    await migrate(url)
    return url


@pytest_asyncio.fixture(scope="module")
async def url(server: str) -> str:
    """A database that these tests may close."""
    return await new_register(server)


@pytest_asyncio.fixture(scope="module")
async def other_url(server: str) -> str:
    """Another register."""
    return await new_register(server)


@asynccontextmanager
async def postgres(server: str, url: str) -> AsyncIterator[Carrier]:
    """The database itself, which may let nobody in."""
    keeper, within = await asyncpg.connect(server), await asyncpg.connect(asyncpg_dsn(url))
    name = await within.fetchval("select current_database()")

    async def go() -> None:
        await keeper.execute(f"alter database {name} allow_connections false")
        await within.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'hushi' and datname = current_database()"
        )

    async def come() -> None:
        await keeper.execute(f"alter database {name} allow_connections true")

    yield Carrier(POSTGRES, go, come)
    await come()
    await within.close()
    await keeper.close()


@pytest_asyncio.fixture(params=["postgres", pytest.param("nats", marks=needs_nats)])
async def carrier(request: pytest.FixtureRequest, server: str, url: str) -> AsyncIterator[Carrier]:
    """Either of the two."""
    if request.param == "postgres":
        async with postgres(server, url) as found:
            yield found
    else:
        async with nats_server() as nats:
            yield Carrier(nats.address, nats.kill, nats.start)


@asynccontextmanager
async def parties(address: str, url: str, keyring: Keyring, count: int = 2) -> AsyncIterator[list[Party]]:
    """Processes on one database, not yet connected."""
    db = Database(url, keyring)
    await db.open()
    found = [Party(address, db) for _ in range(count)]
    try:
        yield found
    finally:
        for party in found:
            await party.stop()
        await db.close()


async def acquaint(*parties: Party) -> None:
    """Go on as soon as everybody hears everybody, and nothing that was sent waits any more."""

    def everywhere(names: dict[Party, UUID]) -> bool:
        return all(party.heard(name) for party in parties for other, name in names.items() if other is not party)

    def found() -> bool:
        for party, name in names.items():
            party.send({name})
        return everywhere(names)

    names = {party: uuid7() for party in parties}
    await until(found)
    last = {party: uuid7() for party in parties}
    for party, name in last.items():
        party.send({name})
    await until(lambda: everywhere(last))


async def connect(*parties: Party) -> None:
    """Start, and go on as soon as everybody hears everybody."""
    for party in parties:
        party.start()
    await acquaint(*parties)


async def test_the_others_hear_it_once_and_who_told_it_does_not(carrier: Carrier, url: str, keyring: Keyring) -> None:
    async with parties(carrier.address, url, keyring, 3) as (one, two, three):
        await connect(one, two, three)
        scopes, end = {uuid7(), uuid7()}, uuid7()
        one.send(scopes)
        await until(lambda: all(two.heard(scope) and three.heard(scope) for scope in scopes))
        # What one could have heard of itself was on its way before this.
        two.send({end})
        await until(lambda: one.heard(end) and three.heard(end))
        assert [party.messages_of(scopes) for party in (one, two, three)] == [[], [2], [2]]


async def test_what_comes_together_is_told_together_in_messages_of_bounded_size(
    carrier: Carrier, url: str, keyring: Keyring
) -> None:
    async with parties(carrier.address, url, keyring) as (one, two):
        await connect(one, two)
        scopes, end = {uuid7() for _ in range(450)}, uuid7()
        for scope in scopes:
            one.send({scope})
            one.send({scope})
        await until(lambda: sum(two.messages_of(scopes)) >= 450)
        one.send({end})
        await until(lambda: two.heard(end))
        assert two.messages_of(scopes) == [200, 200, 50]


async def test_what_was_told_without_a_connection_goes_with_the_next_one(
    carrier: Carrier, url: str, keyring: Keyring
) -> None:
    async with parties(carrier.address, url, keyring) as (one, two):
        await connect(one, two)
        await one.stop()
        first, second, rest = {uuid7()}, {uuid7() for _ in range(MOST_WAITING - 1)}, {uuid7()}
        for scopes in (first, second, rest):
            one.send(scopes)
        one.start()
        await until(lambda: sum(two.messages_of(first | second)) >= MOST_WAITING)
        await acquaint(one, two)
        # Nobody waits for the rest: the others have looked by themselves long since.
        assert sum(two.messages_of(first | second)) == MOST_WAITING
        assert two.messages_of(rest) == []


async def test_what_comes_bit_by_bit_is_gathered_for_a_moment(carrier: Carrier, url: str, keyring: Keyring) -> None:
    async with parties(carrier.address, url, keyring) as (one, two):
        await connect(one, two)
        scopes, begun = {uuid7() for _ in range(300)}, monotonic()
        for scope in scopes:
            one.send({scope})
            await asyncio.sleep(0)
        gatherings = (monotonic() - begun) / COALESCE_SECONDS
        await until(lambda: sum(two.messages_of(scopes)) >= 300)
        # One at the beginning, one at the end, and one of them may be too big for one message.
        assert len(two.messages_of(scopes)) <= gatherings + 3


async def test_what_was_being_told_when_the_connection_ended_is_told_again(
    carrier: Carrier, url: str, keyring: Keyring
) -> None:
    async with parties(carrier.address, url, keyring) as (one, two):
        await connect(one, two)
        scopes = {uuid7() for _ in range(MOST_WAITING)}
        one.send(scopes)
        await until(lambda: two.messages_of(scopes) != [])
        await one.stop()
        one.start()
        await until(lambda: scopes <= set().union(*two.messages))


async def test_what_was_told_while_the_connection_was_cut_goes_with_the_next_one(url: str, keyring: Keyring) -> None:
    ours = "from pg_stat_activity where datname = current_database() and query ~* '^(listen|select pg_notify)'"
    newest = f"select pg_terminate_backend(pid) {ours} order by backend_start desc limit 1"
    owner = await asyncpg.connect(asyncpg_dsn(url))
    async with parties(POSTGRES, url, keyring) as (one, two):
        two.start()
        async with asyncio.timeout(30):
            while await owner.fetchval(f"select count(*) {ours}") == 0:
                pass
        one.start()
        await acquaint(one, two)
        for _ in range(5):
            scope = uuid7()
            assert await owner.fetchval(newest)
            one.send({scope})
            await until(partial(two.heard, scope))
        assert (one.tries, two.tries) == (6, 1)
    await owner.close()


async def test_a_carrier_that_goes_is_told_once_raises_nothing_and_is_found_when_it_is_back(
    carrier: Carrier, url: str, keyring: Keyring, caplog: pytest.LogCaptureFixture
) -> None:
    async with parties(carrier.address, url, keyring) as (one, two):
        await connect(one, two)
        with capture_logs() as said:
            await carrier.go()
            lost = uuid7()
            await until(lambda: len(said) >= 2)
            tries = one.tries
            while one.tries < tries + 3:
                one.send({lost})
                await asyncio.sleep(0)
            await carrier.come()
            await acquaint(one, two)
        assert [entry["event"] for entry in said] == ["a connection is away"] * 2
        assert len({entry["error"] for entry in said}) == 1
        assert [record for record in caplog.records if record.name.startswith("nats")] == []


async def test_two_registers_on_one_server_do_not_wake_each_other(
    carrier: Carrier, url: str, other_url: str, keyring: Keyring
) -> None:
    async with (
        parties(carrier.address, url, keyring) as (one, two),
        parties(carrier.address, other_url, keyring) as (three, four),
    ):
        await connect(one, two)
        await connect(three, four)
        scope, end = uuid7(), uuid7()
        one.send({scope})
        await until(lambda: two.heard(scope))
        # What three could have heard of the other register was on its way before this.
        four.send({end})
        await until(lambda: three.heard(end))
        assert [party.heard(scope) for party in (one, two, three, four)] == [False, True, False, False]


@needs_nats
@pytest.mark.parametrize(
    ("options", "credentials"),
    [(("--user", "护士", "--pass", "p@ss/w%rd"), "护士:p%40ss%2Fw%25rd"), (("--auth", "ge/heim"), "ge%2Fheim")],
)
async def test_a_server_that_asks_for_a_password_gets_the_one_in_the_address_and_nobody_else_sees_it(
    url: str, keyring: Keyring, options: tuple[str, ...], credentials: str
) -> None:
    async with nats_server(*options) as server:
        address = server.address.replace("//", f"//{credentials}@")
        async with parties(address, url, keyring) as (one, two):
            await connect(one, two)
        with capture_logs() as said:
            async with parties(address.replace("%2F", "%2Fgeheim"), url, keyring) as (one, two):
                one.start()
                two.start()
                await until(lambda: one.tries > 2 and two.tries > 2)
        assert {(entry["event"], entry["error"]) for entry in said} == {("a connection is away", "WakeupsAway")}
        assert len(said) == 2
        assert "heim" not in str(said)


@needs_nats
async def test_a_server_that_lets_nobody_listen_is_told_as_away(url: str, keyring: Keyring, tmp_path: Path) -> None:
    rules = tmp_path / "nats.conf"
    rules.write_text('authorization { users = [{ user: a, password: b, permissions: { subscribe: { deny: ">" } } }] }')
    async with nats_server("-c", str(rules)) as server:
        address = server.address.replace("//", "//a:b@")
        with capture_logs() as said:
            async with parties(address, url, keyring) as (one, two):
                one.start()
                two.start()
                await until(lambda: one.tries > 2 and two.tries > 2)
        assert [entry["error"] for entry in said] == ["WakeupsAway"] * 2


@needs_nats
async def test_what_strangers_say_on_the_subject_breaks_nothing(url: str, keyring: Keyring) -> None:
    async with nats_server() as server, parties(server.address, url, keyring) as (one, two):
        await connect(one, two)
        owner = await asyncpg.connect(asyncpg_dsn(url))
        subject = f"hushi.{await owner.fetchval('select epoch from feed_epoch')}"
        await owner.close()
        scope = uuid7()
        async with await nats.connect(server.address) as stranger:
            for said in (b"", b"x" * 15, scope.bytes + b"x"):
                await stranger.publish(subject, said)
            await stranger.flush()
            await until(lambda: one.heard(scope) and two.heard(scope))
        assert two.messages[-1] == [scope]
        await acquaint(one, two)


@needs_nats
@pytest.mark.parametrize("options", [(), ("--auth", "geheim")], ids=["let in", "refused"])
async def test_it_ends_at_whatever_moment_it_is_stopped(url: str, keyring: Keyring, options: tuple[str, ...]) -> None:
    chance = random.Random(3)
    async with nats_server(*options) as server, parties(server.address, url, keyring, 100) as found:
        for party in found:
            party.start()
            await asyncio.sleep(chance.random() * 0.004)
            await party.stop()


@needs_nats
async def test_a_server_that_answers_nothing_holds_up_neither_a_step_nor_the_end(url: str, keyring: Keyring) -> None:
    async with nats_server() as server, parties(server.address, url, keyring) as (one, two):
        await connect(one, two)
        server.signal(SIGSTOP)
        scopes = [uuid7() for _ in range(MOST_WAITING)]
        # More than any buffer on the way takes.
        for _ in range(100):
            one.send(scopes)
            await asyncio.sleep(2 * COALESCE_SECONDS)
        await until(lambda: one.tries > 1)
        async with asyncio.timeout(10):
            await one.stop()
            await two.stop()


@pytest.mark.parametrize(
    "address", [POSTGRES, "nats://h", "nats://h:4222", "nats://u:p@h:4222", "nats://a:4222,nats://b:4222"]
)
def test_an_address_by_which_wakeups_can_go(address: str) -> None:
    assert wakeup_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "Postgres", "nats", "nats://", "nats://:4222", "nats://h:geheim", "nats://u:ge/heim@h:4222"),
        *("nats://h:0", "tls://u:geheim@h:4222", "redis://h", "nats://a,b", "nats://a,", "postgres,nats://a"),
    ],
)
async def test_an_address_by_which_no_wakeup_can_go_is_refused_without_repeating_it(
    address: str, keyring: Keyring
) -> None:
    with pytest.raises(
        ValueError, match="it should be postgres or an address of NATS: write nats://user:password"
    ) as refusal:
        wakeups_of(address, Database("postgresql://h/d", keyring), lambda _: None)
    assert "heim" not in str(refusal.value)

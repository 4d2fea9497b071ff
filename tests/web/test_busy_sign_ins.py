"""Forty who sign in within one second, over HTTP, at a server process that hashes in earnest: each gets an answer."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import asyncpg
import httpx
import pytest_asyncio
from argon2 import PasswordHasher

from db.store.announced_days import fill
from db.store.keys import Keyring
from db.store.migrate import migrate, require_keyring
from db.store.url import asyncpg_dsn
from rules.people import Party, Role
from tests.support.authority_stage import PASSWORD
from tests.support.postgres import new_database
from tests.support.server_process import KEYS, begun
from tests.support.signing_in import SIGN_IN, WHO, WRONG, name_of
from tests.support.world import World

FORTY: Final = 40
Door = tuple[str, World]


@pytest_asyncio.fixture(scope="module")
async def door(server: str) -> AsyncIterator[Door]:
    """The address of a server process with a register of its own."""
    url = await new_database(server)
    await migrate(url)
    await require_keyring(url, Keyring.parse(KEYS))
    owner = await asyncpg.connect(asyncpg_dsn(url))
    await fill(owner)
    async with begun("serve", DATABASE_URL=url) as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (found := re.search(rb"GraphQL +(http://\S+)/graphql", await process.stdout.readline())):
                assert process.returncode is None
        yield found[1].decode(), World(owner, Keyring.parse(KEYS))
    await owner.close()


async def names_of(world: World, count: int) -> dict[str, str]:
    """The user names of so many operators, whose hash takes as long as everybody's, and the names they are shown by."""
    cast, stored = await world.cast(), PasswordHasher().hash(PASSWORD)
    found = {}
    for _ in range(count):
        person = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
        found[await name_of(world, person, password_hash=stored)] = person.actor.name
    return found


async def sign_in(http: httpx.AsyncClient, name: str, password: str) -> dict[str, Any]:
    """One answer, whose head says what it says: when to come again, if at all."""
    asked = {"query": SIGN_IN, "variables": {"input": {"userName": name, "password": password}}}
    answer = await http.post("/graphql", json=asked)
    body = answer.json()
    assert (answer.status_code, "errors" in body) == (200, False), body
    given: dict[str, Any] = body["data"]["signIn"]
    wait = given.get("retryAfter")
    assert answer.headers.get("Retry-After") == (None if wait is None else str(wait))
    return given


async def decided(http: httpx.AsyncClient, asked: Mapping[str, str]) -> tuple[dict[str, Any], Counter[str]]:
    """The decision on each: all at once, and whoever is told to come again does, one after the other.

    The kinds of the answers to all at once besides.
    """
    answers = await asyncio.gather(*(sign_in(http, *one) for one in asked.items()))
    done = dict(zip(asked, answers, strict=True))
    for name in [name for name, answer in done.items() if answer["__typename"] == "RateLimitedProblem"]:
        assert (done[name]["code"], done[name]["retryAfter"] >= 1) == ("RATE_LIMITED", True)
        async with asyncio.timeout(300):
            while done[name]["__typename"] == "RateLimitedProblem":
                done[name] = await sign_in(http, name, asked[name])
    return done, Counter(answer["__typename"] for answer in answers)


def client(address: str) -> httpx.AsyncClient:
    """A client that holds nobody back."""
    return httpx.AsyncClient(base_url=address, timeout=60, limits=httpx.Limits(max_connections=FORTY))


async def shown(http: httpx.AsyncClient, tokens: Sequence[str]) -> list[str]:
    """Who each token signs in as."""
    heads = ({"Authorization": f"Bearer {token}"} for token in tokens)
    answers = await asyncio.gather(*(http.post("/graphql", json={"query": WHO}, headers=head) for head in heads))
    return [answer.json()["data"]["viewer"]["displayName"] for answer in answers]


async def test_each_of_forty_at_once_is_let_in_or_told_when_to_come_again_and_is_let_in_then(door: Door) -> None:
    address, world = door
    names = await names_of(world, FORTY)
    async with client(address) as http:
        done, kinds = await decided(http, dict.fromkeys(names, PASSWORD))
        assert set(kinds) <= {"SignInPayload", "RateLimitedProblem"}
        assert (kinds["SignInPayload"] >= 1, kinds.total()) == (True, FORTY)
        assert {answer["__typename"] for answer in done.values()} == {"SignInPayload"}
        tokens = [done[name]["token"] for name in names]
        assert len(set(tokens)) == FORTY
        assert await shown(http, tokens) == [*names.values()]


async def test_wrong_passwords_and_unknown_names_among_forty_are_told_as_ever_and_counted_once(door: Door) -> None:
    address, world = door
    names = [*await names_of(world, 30)]
    right, wrong = names[:20], [*names[20:], *(f"nobody{n:02d}" for n in range(10))]
    before = await world.owner.fetchval("select count(*) from attempt")
    mixed = {
        name: password
        for pair in zip(right, wrong, strict=True)
        for name, password in zip(pair, (PASSWORD, "no"), strict=True)
    }
    async with client(address) as http:
        done, kinds = await decided(http, mixed)
    assert set(kinds) <= {"SignInPayload", "NotAllowedProblem", "RateLimitedProblem"}
    assert {done[name]["__typename"] for name in right} == {"SignInPayload"}
    assert [done[name] for name in wrong] == [WRONG] * len(wrong)
    # Whoever was told to come again had no try counted against her.
    assert await world.owner.fetchval("select count(*) from attempt") - before == len(wrong)

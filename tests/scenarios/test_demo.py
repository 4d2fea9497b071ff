"""The story of `make demo`: on the server of this run, and as people start it."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from bench.moving import Cast as Moving
from bench.moving import move
from bench.person import Differs, sign_in
from bench.person import Person as Client
from bench.story import Cast, tell
from rules.errors import Words
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.kinds import move as change_of_registration
from tests.support.live import Live
from tests.support.processes import descendants_named
from tests.support.world import TODAY, Person, World
from tests.support.world import Cast as People

COMMAND = (sys.executable, "-m", "bench.demo")


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture
async def signed_in(live: Live, http: httpx.AsyncClient, world: World, cast: People) -> Cast:
    """The people of this test, as the story knows them."""
    colleague = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)

    def client(person: Person) -> Client:
        return Client(http, live.origin, person.token, person.actor.name)

    operators = client(cast.operator), client(colleague)
    return Cast(client(cast.nurse), client(cast.viewer), operators, client(cast.reviewer), client(cast.decider))


@pytest.mark.feature("N18", "N19", "I16", "I17", "A4")
async def test_a_renewal_is_seen_live_by_everybody_and_ends_in_the_register(signed_in: Cast) -> None:
    lines: list[tuple[Words, Words]] = []
    await tell(signed_in, lambda who, what: lines.append((who, what)))
    assert [who.en for who, _ in lines] == [
        *("Dashboard", "Nurse", "Dashboard", "Dashboard", "Operator", "Nurse", "Dashboard", "Operators"),
        *("Dashboard", "Authority", "Reviewer", "Reviewer", "Decider", "Register", "All three"),
    ]
    assert all(what.zh and what.en for _, what in lines)
    everybody = "have their events (nurse 6, hospital 6, authority 4): in order, none lost, none twice"
    assert lines[-1][1].en == everybody


@pytest.mark.feature("N16", "I17", "A4")
async def test_a_change_brings_a_nurse_and_her_old_hospital_hears_of_it(
    live: Live, http: httpx.AsyncClient, world: World
) -> None:
    scene = await change_of_registration(world, Kind.CHANGE, TODAY)
    here, there = scene.cast, scene.target
    people = here.nurse, here.operator, there.viewer, there.operator, there.reviewer, there.decider
    lines: list[tuple[Words, Words]] = []
    cast = Moving(*(Client(http, live.origin, one.token, one.actor.name) for one in people))
    await move(cast, lambda who, what: lines.append((who, what)))
    assert [who.en for who, _ in lines] == ["Mover", "Dashboard", "Authority", "Register", "Old place"]
    assert all(what.zh and what.en for _, what in lines)
    assert (await world.row("registration", here.nurse_id, "nurse_id"))["institution_id"] == there.hospital


async def test_the_story_stops_at_the_first_thing_that_is_not_as_it_should_be(
    signed_in: Cast, world: World, cast: People
) -> None:
    before = await world.row("registration", cast.nurse_id, "nurse_id")
    with pytest.raises(Differs) as refusal:
        await tell(replace(signed_in, decider=signed_in.reviewer), lambda who, what: None)
    assert str(refusal.value) == "applicationApprove was refused: 此操作由决定人办理，您没有该角色 (NOT_ALLOWED)."
    assert await world.row("registration", cast.nurse_id, "nurse_id") == before


async def test_a_wrong_password_is_said_in_one_sentence(live: Live, http: httpx.AsyncClient) -> None:
    with pytest.raises(Differs) as refusal:
        await sign_in(http, live.origin, "nobody01", "wrong")
    assert str(refusal.value) == "nobody01 cannot sign in: 用户名或密码不正确 (WRONG_CREDENTIALS)."


async def until(found: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    """What is found as soon as there is anything."""
    async with asyncio.timeout(30):
        while not (processes := found()):  # noqa: ASYNC110, a process tells nobody that it has begun
            await asyncio.sleep(0.05)
    return processes


def left(folder: str, processes: list[psutil.Process]) -> list[str | int]:
    """What is still there."""
    return [one.pid for one in processes if one.is_running()] + [folder] * Path(folder).exists()


@pytest.mark.parametrize("stop", [None, signal.SIGTERM, signal.SIGINT])
async def test_the_demo_leaves_no_process_and_no_folder_behind(stop: signal.Signals | None) -> None:
    demo = await asyncio.create_subprocess_exec(*COMMAND, stdout=PIPE, stderr=PIPE)
    (server,) = await until(lambda: psutil.Process(demo.pid).children())
    # More than one: while it is being made, a postgres comes and goes alone.
    await until(lambda: descendants_named("postgres", server)[3:])
    folder, started = server.environ()["HUSHI_DATA"], [server, *server.children(recursive=True)]
    assert left(folder, started) == [*(one.pid for one in started), folder]
    if stop:
        demo.send_signal(stop)
    out, error = await demo.communicate()
    if stop:
        assert (demo.returncode, error.decode().splitlines()[-1]) == (1, "演示已中止 The demo was stopped.")
    else:
        assert (demo.returncode, "everything was right" in out.decode()) == (0, True), error.decode()
    assert left(str(Path(folder).parent), started) == []

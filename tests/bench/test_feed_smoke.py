"""Every part of the feed's bench runs, at a tiny size, and leaves the register as it was; no time decides."""

from __future__ import annotations

import io
import json
import os
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from rich.console import Console

from bench.feed.__main__ import Run
from bench.feed.client import Seat
from bench.feed.hall import Hall
from bench.feed.live_lists import live_lists
from bench.feed.parts import PARTS
from bench.feed.probe import Size
from bench.feed.report import TITLES, table
from bench.measure import Failed, Target
from bench.report import judge
from graph.context import Services
from tests.support.live import Live
from tests.support.world import Cast, World

NURSES = 10
TINY = Size(
    subscribers=20,
    institutions=4,
    watchers=10,
    events=3,
    rounds=1,
    rate=5,
    seconds=1,
    stalled=2,
    stalled_rooms=2,
    stalled_seconds=1,
    streamed=2000,
    renewals=2,
    idle_seconds=0.05,
)
COST = {"deliveries", "server_us", "server_us_with_idle", "postgres_us", "p50_ms", "p99_ms", "per_second"}
CORES = {"idle_core", "client_core"}
CALM = {"calm_p50_ms", "calm_p99_ms", "calm_server_us"}
KEYS = {
    "connect": {"subscribers", "per_second", "kb_each", "pss_kb_each", "idle_core"},
    **dict.fromkeys(("broadcast", "alone", "fives", "throughput"), COST | CORES),
    "stalled": COST | CORES | CALM | {"stalled", "stalled_left"},
    "stream": {"deliveries", "per_second", "server_us", "grown_mb", "grown_at_end_mb"},
}
DELIVERIES = {"broadcast": 30, "alone": 10, "fives": 10, "throughput": 20, "stalled": 6, "stream": 2000}
KEPT = {
    "institution": "id",
    "account": "id",
    "session": "token_hash",
    "registration": "nurse_id",
    "application": "id",
    "application_revision": "application_id, revision",
    "review_decision": "id",
    "feed_scope": "scope",
    "approval_setting": "institution_id, kind",
    "event": "scope, seq",
}


@pytest_asyncio.fixture
async def hall(world: World, services: Services, cast: Cast) -> Hall:
    """A register with nurses who have not filed yet."""
    for _ in range(NURSES):
        await world.nurse(cast.hospital, cast.district)
    return Hall(world.owner, services.db)


def target(live: Live) -> Target:
    return Target("Hushi", int(live.origin.rpartition(":")[2]), os.getpid(), os.getpid())


async def register(world: World) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(row) for row in await world.owner.fetch(f"select * from {name} order by {key}")]
        for name, key in KEPT.items()
    }


def run_of(live: Live, parts: list[str], folder: Path) -> tuple[Run, Any]:
    @asynccontextmanager
    async def serve() -> AsyncIterator[Target]:
        yield target(live)

    return Run(parts, TINY, Console(file=io.StringIO(), width=200), folder), serve


async def test_every_part_tells_its_figures_and_the_register_is_as_it_was(
    live: Live, world: World, hall: Hall, tmp_path: Path
) -> None:
    before = await register(world)
    run, serve = run_of(live, list(PARTS), tmp_path)
    await run.measure(hall, serve)
    assert await register(world) == before

    path = run.report({"cores": 2})
    record = json.loads(path.read_text("utf-8"))
    assert path.name == f"{record['date']}-feed.json"
    assert set(record) == {"what", "date", "settings", "machine", "figures", "goals"}
    assert record["settings"]["streamed"] == 2000
    found = record["figures"]
    assert {part: set(figures) - {"gone_seconds"} for part, figures in found.items()} == KEYS
    assert set(TITLES) >= {name for figures in found.values() for name in figures}
    assert {part: figures["deliveries"] for part, figures in found.items() if part != "connect"} == DELIVERIES
    assert found["connect"]["subscribers"] == 20
    assert found["stalled"]["stalled"] == 2
    assert [set(goal) for goal in record["goals"]] == [{"what", "found", "most", "least", "met"}] * 8
    console = run.console.file
    assert isinstance(console, io.StringIO)
    assert "| server CPU each, µs |" in console.getvalue()


async def test_a_part_that_fails_is_a_goal_that_is_missed_and_the_others_are_measured(
    live: Live, world: World, hall: Hall, tmp_path: Path
) -> None:
    before = await register(world)
    run, serve = run_of(live, ["alone", "connect"], tmp_path)
    run.size = replace(TINY, watchers=100_000)
    await run.measure(hall, serve)
    assert await register(world) == before
    assert [goal.met for goal in run.goals if "failures of the part alone" in goal.what] == [False]
    assert run.found["alone"].figures == {}
    assert run.found["connect"].figures["subscribers"] == 20
    assert "fail" in table(run.found) + judge(run.goals)


async def test_rooms_that_a_broken_run_has_left_are_taken_away_by_the_next_one(world: World, hall: Hall) -> None:
    before = await register(world)
    left = hall.rooms(2, watchers=20)
    (room, _) = await left.__aenter__()
    await room.happen(hall.db)
    assert await register(world) != before
    await hall.undo()
    assert await register(world) == before
    await left.__aexit__(None, None, None)


async def test_too_few_nurses_who_could_file_are_said_and_nothing_is_left(world: World, hall: Hall) -> None:
    before = await register(world)
    with pytest.raises(Failed, match=r"nurses who could file, and 100000 are needed"):
        async with hall.rooms(1, watchers=1, renewals=100_000):
            pytest.fail("the room was opened")
    assert await register(world) == before
    assert await world.owner.fetchval("select to_regclass('bench_room')") is None


def test_a_smaller_machine_is_asked_for_less_of_everything_that_connects() -> None:
    assert Size.of(10_000, 1_000_000) == Size()
    small = Size.of(400, 5)
    assert (small.subscribers, small.institutions, small.watchers, small.stalled) == (400, 200, 400, 25)
    assert (small.streamed, small.rate, small.stalled_seconds) == (5, 40, 60)


async def test_a_watcher_who_is_refused_is_not_measured(live: Live) -> None:
    seat = Seat("nobody's token", array("d"))
    with pytest.raises(ExceptionGroup) as failures:
        async with live_lists(target(live).port, [seat]):
            pytest.fail("the socket was opened")
    assert failures.group_contains(Failed, match="4403")


async def test_a_socket_that_is_cut_off_ends_the_measurement(live: Live, hall: Hall) -> None:
    async with hall.rooms(1, watchers=2) as (room,), live_lists(target(live).port, room.seats(0, 2)) as watching:
        await room.happen(hall.db)
        await watching.reach(1)
        watching.watchers[1].leave()
        with pytest.raises(Failed, match="closed a socket"):
            await watching.reach(2)

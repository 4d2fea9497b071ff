"""Jobs that a server does again and again beside its requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from web.periodic import Periodic, kept

SOON = 0.001


class Script:
    """A job that ends as its script says, run by run, and then waits; `over` is set when it waits."""

    def __init__(self, *ends: Exception | bool) -> None:
        self.ends, self.runs = list(ends), 0
        self.over, self.broken_off = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> bool:
        self.runs += 1
        if not self.ends:
            self.over.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.broken_off.set()
        match self.ends.pop(0):
            case bool() as done:
                return done
            case error:
                raise error


@pytest.fixture
def serves() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


async def entries(serves: asyncio.Event, *ends: Exception | bool) -> list[dict[str, object]]:
    """What is logged of such a script."""
    script = Script(*ends)
    with capture_logs() as logs:
        async with kept([Periodic("a job", script, SOON)], serves), asyncio.timeout(10):
            await script.over.wait()
    assert script.broken_off.is_set()
    return [{name: value for name, value in entry.items() if name != "exc_info"} for entry in logs]


async def test_a_job_waits_until_the_server_serves() -> None:
    serves, script = asyncio.Event(), Script(True)
    async with kept([Periodic("a job", script, SOON)], serves), asyncio.timeout(10):
        for _ in range(100):
            await asyncio.sleep(0)
        assert script.runs == 0
        serves.set()
        await script.over.wait()


async def test_a_job_that_does_its_work_is_run_again_and_nothing_is_told(serves: asyncio.Event) -> None:
    assert await entries(serves, True, False, True) == []


async def test_an_outage_is_told_once_and_the_next_one_again(serves: asyncio.Event) -> None:
    away, broken = "a periodic job was broken off and is begun again", {"job": "a job", "log_level": "info"}
    assert await entries(
        serves, OSError(), ConnectionResetError(), OSError(), True, TimeoutError(), TimeoutError()
    ) == [
        {"event": away, "error": "OSError", **broken},
        {"event": away, "error": "TimeoutError", **broken},
    ]


async def test_a_bug_is_told_each_time_and_the_job_goes_on(serves: asyncio.Event) -> None:
    failed = {"event": "a periodic job failed and is begun again", "job": "a job", "log_level": "error"}
    assert await entries(serves, KeyError(), KeyError(), True) == [failed, failed]


async def test_a_run_that_takes_too_long_is_broken_off_and_begun_again(serves: asyncio.Event) -> None:
    runs, third = [], asyncio.Event()

    async def hang() -> bool:
        runs.append(1)
        if len(runs) == 3:
            third.set()
        return await asyncio.Event().wait()

    with capture_logs() as logs:
        async with kept([Periodic("a job", hang, SOON, within=SOON)], serves), asyncio.timeout(10):
            await third.wait()
    assert [entry["error"] for entry in logs] == ["TimeoutError"]


async def test_a_refusal_is_told_once_and_ends_the_job(serves: asyncio.Event) -> None:
    script = Script(True, ValueError("You may not."))
    job = Periodic("a job", script, SOON, refusals=(ValueError,))
    with capture_logs() as logs:
        await asyncio.wait_for(job.keep(serves), 10)
    assert (script.runs, [entry["event"] for entry in logs]) == (2, ["You may not."])


@pytest.mark.parametrize(("chance", "daily", "hourly"), [(0, 75, 7.5), (0.5, 100, 10), (1, 125, 12.5)])
def test_a_pause_is_the_long_one_after_everything_was_done_and_differs_between_servers(
    chance: float, daily: float, hourly: float
) -> None:
    never: Callable[[], Awaitable[bool]] = Script()
    job = Periodic("a job", never, 100, again=10, jitter=0.25, chance=lambda: chance)
    assert (job.pause(done=True), job.pause(done=False)) == (daily, hourly)
    assert Periodic("a job", never, 100).pause(done=False) == 100

"""The five minutes of the README, taken on a server as people start it, and taken again after `hushi reset`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from db.seed.career import DEMO_DAYS
from db.seed.demo import PASSWORD
from rules.facts import WINDOW_DAYS
from rules.working_days import add_years
from tests.support.live import Client, Watch
from tests.support.world import TODAY
from web.graphiql import FOLDER

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
TOUR = README.partition("## Five minutes\n")[2].partition("\n## ")[0]
EXAMPLES = {one["titleEn"]: one for one in json.loads((FOLDER / "examples.json").read_text("utf-8"))}
STEPS = (
    *(("operator01", "Pending reviews, live"), ("nurse001", "Renewal: draft"), ("nurse001", "Renewal: submit")),
    *(("operator01", "Institution: forward"), ("reviewer01", "Authority: accept")),
    *(("reviewer01", "Authority: recommend"), ("decider001", "Authority: approve")),
    *(("nurse001", "My record"), ("nurse001", "What happened")),
)
"""Who runs which example, in the order of the README."""
SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { token } } }"


def test_the_readme_tells_these_steps_in_this_order() -> None:
    named = re.findall(r"`([a-z]+0\d+)`|“([^”]+)”", TOUR)
    person, steps = "", []
    for name, title in named:
        person = name or person
        steps += [(person, title)] if title else []
    assert steps == list(STEPS)
    assert f"`{PASSWORD}`" in TOUR


def test_whoever_seeded_weeks_ago_may_still_take_the_tour() -> None:
    """The first nurse's window is open on the day of the seed and on each of the 85 days after it."""
    assert DEMO_DAYS == 85 <= WINDOW_DAYS


async def begin(command: str, data: Path, **more: str) -> Process:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HUSHI_DATA": str(data), "HUSHI_PORT": "0"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.cli", command), env=environment | more, stdout=PIPE, stderr=PIPE
    )


async def ended(process: Process) -> tuple[int | None, str, str]:
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


@asynccontextmanager
async def serving(data: Path) -> AsyncIterator[str]:
    """`hushi run` on a free port; gives its address, and stops it as Ctrl-C does."""
    process = await begin("run", data)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            while not (found := re.search(rb"(http://\S+)/graphql\b", await process.stdout.readline())):
                assert process.returncode is None
        yield found[1].decode()
    finally:
        process.send_signal(signal.SIGINT)
        code, _, error = await ended(process)
    assert (code, "Traceback" in error) == (0, False)


class Tour:
    """The demo accounts in front of one server, with what the page shows them."""

    def __init__(self, origin: str, http: httpx.AsyncClient) -> None:
        self.origin, self.http = origin, http
        self.application = ""

    async def as_(self, user_name: str) -> Client:
        """A demo account, signed in."""
        client = Client(self.origin, self.http, None)
        given = {"userName": user_name, "password": PASSWORD}
        client.token = (await client.ask(SIGN_IN, input=given))["signIn"]["token"]
        return client

    async def runs(self, user_name: str, title: str) -> Any:
        """An example as the page shows it, with the id of the application pasted into it."""
        text = json.dumps(EXAMPLES[title]["variables"]).replace("A_WEEK_AGO", str(TODAY - timedelta(days=7)))
        variables = json.loads(text.replace('"id": ""', f'"id": "{self.application}"'))
        (found,) = (await (await self.as_(user_name)).ask(EXAMPLES[title]["query"], **variables)).values()
        return found

    async def run(self) -> None:
        """Every step of the README, with what it promises to be seen."""
        before = (await self.runs("nurse001", "My record"))["nurse"]["registration"]["validUntil"]
        operator = await self.as_("operator01")
        async with operator.watch(EXAMPLES["Pending reviews, live"]["query"]) as window:
            assert (await window.next())["__typename"] == "FeedHeartbeat"
            for person, title in STEPS[1:3]:
                self.application = (await self.runs(person, title))["application"]["id"]
            assert await self.shown(window) == "ADDED"
            states = [(await self.runs(*step))["application"]["state"] for step in STEPS[3:7]]
        assert states == ["AUTHORITY_INTAKE", "ACCEPTED", "ACCEPTED", "APPROVED"]
        await self.sees_the_end(before)

    async def shown(self, window: Watch) -> str:
        """What the feed shows of the application."""
        message = await window.next()
        assert message["application"]["id"] == self.application
        return str(message["change"])

    async def sees_the_end(self, before: str) -> None:
        """The record is five years longer, and the events are there."""
        record = (await self.runs("nurse001", "My record"))["nurse"]["registration"]
        assert record["validUntil"] == add_years(type(TODAY).fromisoformat(before), 5).isoformat()
        assert record["history"][0]["kind"] == "RENEWAL"
        events = [one["type"] for one in (await self.runs("nurse001", "What happened"))["nodes"]]
        assert events[0] == "APPLICATION_SUBMITTED"
        assert "APPLICATION_DECIDED" in events


async def tour(data: Path) -> None:
    async with serving(data) as origin, httpx.AsyncClient(timeout=30, trust_env=False) as http:
        await Tour(origin, http).run()


async def test_the_tour_can_be_taken_and_after_a_reset_taken_again(roomy: Path) -> None:
    data = roomy / "data"
    await tour(data)
    kept = (data / "keys").read_bytes()
    code, output, error = await ended(await begin("reset", data))
    assert (code, "Traceback" in error) == (0, False)
    assert " ".join(output.split()) == (
        f"Everybody and everything in the register of {data}/postgres is deleted, accounts and messages too, and"
        " 20,000 invented nurses take their place; the keys, the logs and every other file stay."
    )
    assert (data / "keys").read_bytes() == kept
    await tour(data)


async def test_a_reset_is_refused_while_the_server_runs_and_nothing_is_lost(roomy: Path) -> None:
    data = roomy / "data"
    async with serving(data) as origin, httpx.AsyncClient(timeout=30, trust_env=False) as http:
        code, output, error = await ended(await begin("reset", data))
        assert (code, output) == (1, "")
        assert re.fullmatch(
            rf"The data in {data} are in use by process \d+: stop it, or set HUSHI_DATA to another folder\.\n", error
        )
        await Tour(origin, http).as_("nurse001")


async def test_a_reset_never_touches_an_outside_database(tmp_path: Path, owner_url: str) -> None:
    code, output, error = await ended(await begin("reset", tmp_path / "data", DATABASE_URL=owner_url))
    assert (code, output) == (2, "")
    assert error == (
        "DATABASE_URL is set, and `hushi reset` empties only the database that comes along: unset it, "
        "or empty that one by `hushi seed --force`.\n"
    )
    assert not (tmp_path / "data").exists()

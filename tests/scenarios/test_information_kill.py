"""Changes of information while the server is killed (kill -9): each step is taken once and whole, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from signal import SIGKILL
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from graph.schema.node import global_id
from rules.people import Party, Role
from tests.support.killable_server import Register, Server, registered, serving
from tests.support.live import Client
from tests.support.world import Person

NURSES, KILLS = 24, 3
STEPS: Final = (
    "informationChangeRequest",
    "informationEdit",
    "informationChangeApprove",
    "informationEdit",
    "informationChangeObject",
    "informationChangeApprove",
)
"""The way of each nurse: asked for, written otherwise in part, agreed to, written, objected to, decided."""
EVENTS: Final = ["requested", "edited", "superseded", "decided", "edited", "disputed", "decided"]
HISTORY: Final = [
    ("department", "WARD", "INTENSIVE_CARE"),
    ("school", None, "北京大学"),
    ("post", None, "HEAD_NURSE"),
    ("post", "HEAD_NURSE", None),
    ("post", None, "HEAD_NURSE"),
]


@dataclass
class Story:
    """All that goes on, on whichever server is up."""

    register: Register
    http: httpx.AsyncClient
    server: Server | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    until: int = 0
    acknowledged: int = 0
    broken_off: int = 0

    async def ask(self, who: Person, name: str, key: str, **given: Any) -> Any:
        """Take a step, again under its key until it is answered; gives the change."""
        title = name[0].upper() + name[1:]
        text = (
            f"mutation($input: {title}Input!) {{ {name}(input: $input) {{ ... on InformationChangePayload {{"
            " informationChange { id version } } ... on Problem { code message } } }"
        )
        while True:
            await self.up.wait()
            assert self.server is not None
            try:
                client = Client(self.server.origin, self.http, who.token)
                answer = await client.ask(text, input={**given, "idempotencyKey": key})
                break
            except httpx.TransportError:
                self.broken_off += 1
        self.acknowledged += 1
        if self.acknowledged >= self.until:
            self.reached.set()
        return answer[name]["informationChange"]

    async def along(self, nurse_id: UUID, she: Person) -> None:
        """One nurse's way."""
        cast, of = self.register.cast, {"nurseId": global_id("Nurse", nurse_id)}
        keys = iter(f"{nurse_id}-{n}" for n in range(len(STEPS)))
        form = {"school": "北京大学", "department": "EMERGENCY"}
        asked = await self.ask(she, STEPS[0], next(keys), form=form)
        await self.ask(cast.operator, STEPS[1], next(keys), **of, form={"department": "INTENSIVE_CARE"})
        seen = {"id": asked["id"], "expectedVersion": 2}
        await self.ask(cast.operator, STEPS[2], next(keys), **seen, originalsSeen=True)
        edit = await self.ask(cast.operator, STEPS[3], next(keys), **of, form={"post": "HEAD_NURSE"})
        seen = {"id": edit["id"], "expectedVersion": 1}
        objected = await self.ask(she, STEPS[4], next(keys), **seen, text="未任护士长")
        seen = {"id": edit["id"], "expectedVersion": objected["version"]}
        await self.ask(cast.reviewer, STEPS[5], next(keys), **seen, opinion="经核对属实")

    async def killed(self) -> None:
        """The server dies in the middle again and again, and another one comes up."""
        chance = Random(7)
        for _ in range(KILLS):
            async with serving(self.register) as self.server:
                self.reached.clear()
                self.until = self.acknowledged + chance.randint(10, 30)
                self.up.set()
                await self.reached.wait()
                self.up.clear()
                self.server.process.send_signal(SIGKILL)
        async with serving(self.register) as self.server:
            self.up.set()
            await self.done.wait()


@pytest.mark.feature("I15", "I27")
async def test_every_step_is_whole_and_taken_once_though_the_server_is_killed_in_the_middle(server: str) -> None:
    async with AsyncExitStack() as stack:
        register = await stack.enter_async_context(registered(server, NURSES))
        story = Story(register, await stack.enter_async_context(httpx.AsyncClient(timeout=30)))
        others = "select id from nurse where id <> $1"
        nurses = [row["id"] for row in await register.world.owner.fetch(others, register.cast.nurse_id)]
        people = [await register.world.person(Party.NURSE, one, Role.NURSE) for one in nurses]
        killing = asyncio.create_task(story.killed())
        await asyncio.gather(*(story.along(*one) for one in zip(nurses, people, strict=True)))
        story.done.set()
        await killing
        assert story.acknowledged == len(nurses) * len(STEPS)
        assert story.broken_off > 0
        owner = register.world.owner
        for one in nurses:
            changes = "select state, version from information_change where nurse_id = $1 order by id"
            assert [tuple(row) for row in await owner.fetch(changes, one)] == [
                ("APPROVED", 3),
                ("APPROVED", 1),
                ("APPROVED", 3),
            ]
            history = "select field, before, after from nurse_change where nurse_id = $1 order by id"
            assert [tuple(row) for row in await owner.fetch(history, one)] == HISTORY
            audit = "select action from audit where nurse_id = $1 order by id"
            assert [row["action"] for row in await owner.fetch(audit, one)] == [*STEPS]
            events = "select type from event where scope = $1 and type like 'information.%' order by seq"
            assert [row["type"].removeprefix("information.") for row in await owner.fetch(events, one)] == EVENTS

"""What the tests of acts on a nurse's registration have in common: a snapshot, a refusal, a race, who has heard."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from db.store.engine import Database
from rules.errors import RegistryError
from rules.people import Party, Role
from tests.support.world import Cast, Person, World
from workflow.nurse_case import NurseCommand
from workflow.step import take

ROUNDS: Final = int(os.environ.get("HUSHI_TEST_ROUNDS", "200" if os.environ.get("HUSHI_TEST_LONG") else "10"))
TASKS: Final = 8
NUMBER: Final = "卫医罚〔2024〕17号"
_ABOUT_HER: Final = ("registration_span", "conduct_record", "departure", "desk_request", "audit", "certificate")


@dataclass
class Acts:
    """A nurse, her people, and the register they act on."""

    db: Database
    world: World
    cast: Cast

    async def take(self, command: type[NurseCommand], who: Person, key: str | None = None, **given: Any) -> UUID:
        """Somebody takes a step on the entry of the cast's nurse."""
        return await take(self.db, who.session, command(self.cast.nurse_id, idempotency_key=key, **given))

    async def row(self) -> dict[str, Any]:
        """The nurse's entry."""
        return await self.world.row("registration", self.cast.nurse_id, "nurse_id")

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """What a table has of the nurse, in order."""
        found = await self.world.owner.fetch(
            f"select * from {table} where nurse_id = $1 order by 1", self.cast.nurse_id
        )
        return [dict(row) for row in found]

    async def everything(self) -> dict[str, Any]:
        """All that an act could have changed; equal before and after a refusal."""
        kept = {table: await self.rows(table) for table in _ABOUT_HER}
        keys = await self.world.owner.fetch("select count(*) from idempotency")
        return {**await self.world.traces(self.cast), **kept, "keys": keys}

    async def refused(self, act: Awaitable[Any]) -> RegistryError:
        """How an act is refused; nothing has moved."""
        before = await self.everything()
        with pytest.raises(RegistryError) as refusal:
            await act
        assert await self.everything() == before
        return refusal.value

    async def heard(self, scope: UUID) -> list[tuple[str, Any]]:
        """The events of a scope, in order: their types, and who did it."""
        found = await self.world.owner.fetch("select type, body from event where scope = $1 order by seq", scope)
        return [(row["type"], orjson.loads(row["body"])["by"]) for row in found]

    async def all_heard(self) -> list[list[str]]:
        """The types of the events of the nurse, her hospital and her district."""
        scopes = (self.cast.nurse_id, self.cast.hospital, self.cast.district)
        return [[heard[0] for heard in await self.heard(scope)] for scope in scopes]

    async def officer(self, *roles: Role, of: UUID | None = None) -> Person:
        """Another officer of the district, or of another authority."""
        return await self.world.person(Party.AUTHORITY, of or self.cast.district, *roles)

    async def audited(self) -> list[str]:
        """What is on record about the nurse."""
        return [row["action"] for row in await self.rows("audit")]


async def race(*acts: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Eight at once, the acts in turn: what they answered, in that order."""
    tasks = (acts[n % len(acts)]() for n in range(TASKS))
    return await asyncio.gather(*tasks, return_exceptions=True)

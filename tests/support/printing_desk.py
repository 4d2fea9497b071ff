"""A renewal under way, and a printer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
import pytest_asyncio

from db.store.engine import Database
from db.store.keys import Keyring, Sealed
from graph.context import Services
from papers import paper
from rules.form import Form, form_to_json
from rules.kinds import Kind
from tests.support.pdf import Pdf
from tests.support.story import NOW, Clock, Story, open_story
from tests.support.until import LONG_ENOUGH
from tests.support.world import Person, World


@dataclass
class Desk:
    """A renewal under way, and a printer."""

    story: Story
    services: Services

    async def form(self, who: str | Person = "nurse") -> Pdf:
        """The form, as somebody prints it."""
        viewer = self.story.person(who) if isinstance(who, str) else who
        return Pdf(await paper.application_form(self.services.db, viewer.actor, [self.story.id]))

    async def letter(self, who: str = "nurse") -> Pdf:
        """The decision, as somebody prints it."""
        return Pdf(await paper.decision_letter(self.services.db, self.story.person(who).actor, [self.story.id]))

    async def file(self, kind: Kind, form: Form) -> None:
        """Make the application one of another kind."""
        sql = "update application set kind = $2, form = $3 where id = $1"
        await self.story.world.owner.execute(sql, self.story.id, kind, orjson.dumps(form_to_json(form)).decode())

    async def rename(self, name: str) -> None:
        """Give the nurse another name on the application."""
        sql = "update application set nurse_name = $2 where id = $1"
        await self.story.world.owner.execute(sql, self.story.id, name)

    async def prints(self) -> list[dict[str, Any]]:
        """Who printed the nurse's full number."""
        sql = "select account_id, detail from audit where nurse_id = $1 and action = 'id_number.printed' order by id"
        return await self.story.rows(sql, self.story.cast.nurse_id)


@pytest_asyncio.fixture
async def desk(owner_url: str, keyring: Keyring, world: World, services: Services) -> AsyncIterator[Desk]:
    """A renewal that the nurse has begun."""
    clock = Clock(NOW)
    db = Database(owner_url, keyring, clock=clock, statement_seconds=LONG_ENOUGH)
    yield Desk(await open_story(db, world, clock), replace(services, db=db))
    await db.close()


@pytest.fixture
async def number(desk: Desk, keyring: Keyring) -> str:
    """The nurse's full ID number."""
    row = await desk.story.world.row("nurse", desk.story.cast.nurse_id)
    return keyring.unseal(Sealed(row["id_number_key_id"], row["id_number_sealed"]), "id_number")

"""A change that a nurse has filed for whoever claims it, as the tests of claims tell it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from rules.application import State
from rules.errors import RegistryError
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.people import form, known, resident
from tests.support.story import Story
from tests.support.world import Person
from workflow.claim import ApplicationClaimByIdNumber, claim

FILED = {"institution_id": None, "authority_id": None}


@dataclass
class Unaddressed(Story):
    """A change that a nurse has filed without naming an institution; the cast's hospital is not where she works."""

    number: str = ""

    async def claim(self, who: Person, **more: Any) -> UUID:
        """Somebody names her ID number."""
        return await claim(self.db, who.session, ApplicationClaimByIdNumber(**{"id_number": self.number, **more}))

    async def not_claimed(self, who: Person, **more: Any) -> RegistryError:
        """How that is refused; nothing has moved."""
        before = await self.everything()
        with pytest.raises(RegistryError) as refusal:
            await self.claim(who, **more)
        assert await self.everything() == before
        return refusal.value

    async def another_hospital(self, **values: Any) -> Person:
        """An operator of another hospital."""
        hospital = await self.world.institution(self.cast.district, **values)
        return await self.world.person(Party.INSTITUTION, hospital, Role.OPERATOR)


async def unaddressed(story: Story, kind: Kind = Kind.CHANGE, **more: Any) -> Unaddressed:
    """A further nurse and what she has filed."""
    given = form(id_number=resident())
    nurse_id = await known(story.world, story.cast, given)
    nurse = await story.world.person(Party.NURSE, nurse_id, Role.NURSE)
    cast = replace(story.cast, nurse_id=nurse_id, nurse=nurse)
    works_at = await story.world.institution(story.cast.district)
    sql = "update registration set institution_id = $2 where nurse_id = $1 and institution_id is not null"
    await story.world.owner.execute(sql, nurse_id, works_at)
    key = await put(story.world, cast, State.INSTITUTION_REVIEW, kind, **{**FILED, **more})
    return Unaddressed(story.db, story.world, cast, story.clock, key, given.id_number)

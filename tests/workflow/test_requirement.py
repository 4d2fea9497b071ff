"""What a province asks for: from a day on, set and ended by its own admin."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from rules.application import Step
from rules.errors import Invalid, NotAllowed, NotFound, RegistryError, Words
from rules.kinds import Kind
from rules.people import Party, Role
from rules.requirement import Requirement
from tests.support.story import NOW, Story
from tests.support.world import Person, World
from workflow.requirement import MaterialRequirementEnd, MaterialRequirementSet
from workflow.step import take

pytestmark = pytest.mark.feature("N18")
CODE = "PROOF_OF_WORK"


def codes(refusal: RegistryError) -> list[tuple[str, str]]:
    """Which field, and what is wrong with it."""
    assert isinstance(refusal, Invalid)
    return [(one.path, one.code) for one in refusal.problems]


async def admin_of(story: Story, world: World) -> Person:
    """Who says what is asked for there."""
    return await world.person(Party.AUTHORITY, story.cast.nation, Role.PROVINCIAL_ADMIN)


async def ask(story: Story, who: Person, one: Requirement, key: str | None = None) -> UUID:
    """Ask for it."""
    return await take(story.db, who.session, MaterialRequirementSet(one, idempotency_key=key))


async def end(story: Story, who: Person, key: UUID, until: date) -> UUID:
    """Ask for it no longer after a day."""
    return await take(story.db, who.session, MaterialRequirementEnd(key, until))


ASKED = Requirement(Kind.RENEWAL, CODE, Words("在岗证明", "Proof of work"), True, False, NOW.date())


async def asked(story: Story) -> list[tuple[str, date, date | None]]:
    """What the province has asked for: title, first and last day."""
    sql = "select title_zh, valid_from, valid_until from material_requirement where authority_id = $1 order by 2"
    return [tuple(row.values()) for row in await story.rows(sql, story.cast.nation)]  # type: ignore[misc]


async def test_a_province_asks_from_a_day_on_and_no_longer(story: Story, world: World) -> None:
    admin, today = await admin_of(story, world), NOW.date()
    key = await ask(story, admin, ASKED, "asking-once")
    assert await ask(story, admin, ASKED, "asking-once") == key
    assert await asked(story) == [("在岗证明", today, None)]
    assert codes(await story.refused(Step.SUBMIT)) == [(f"materials.{CODE}", "MATERIAL_MISSING")]
    await end(story, admin, key, today)
    story.clock.now += timedelta(days=1)
    await story.take(Step.SUBMIT)


async def test_what_is_set_anew_ends_what_was_there_and_replaces_what_was_to_come(story: Story, world: World) -> None:
    admin, today = await admin_of(story, world), NOW.date()
    for title, days in (("一", 0), ("二", 30), ("三", 10), ("四", 10)):
        one = replace(ASKED, title=Words(title, "x"), valid_from=today + timedelta(days=days))
        await ask(story, admin, one)
    assert await asked(story) == [
        ("一", today, today + timedelta(days=9)),
        ("四", today + timedelta(days=10), None),
    ]


async def test_only_the_province_itself_sets_and_ends(story: Story, world: World) -> None:
    admin = await admin_of(story, world)
    key = await ask(story, admin, ASKED)
    elsewhere = await world.cast()
    other = await world.person(Party.AUTHORITY, elsewhere.nation, Role.PROVINCIAL_ADMIN)
    national = await world.owner.fetchval("select id from material_requirement where authority_id is null limit 1")
    before = await asked(story)
    for person, requirement, why in (
        (other, key, NotFound),
        (admin, national, NotFound),
        (story.cast.reviewer, key, NotAllowed),
    ):
        with pytest.raises(why):
            await end(story, person, requirement, NOW.date())
    for person in (story.cast.reviewer, story.cast.manager, story.cast.nurse):
        with pytest.raises(NotAllowed):
            await ask(story, person, ASKED)
    assert await asked(story) == before


async def test_two_admins_at_once_leave_one_requirement(story: Story, world: World) -> None:
    admin = await admin_of(story, world)
    wishes = [replace(ASKED, title=Words(f"第{n}", "x")) for n in range(8)]
    await asyncio.gather(*(ask(story, admin, one) for one in wishes))
    ((_, first, last),) = await asked(story)
    assert (first, last) == (NOW.date(), None)


async def test_no_province_asks_for_a_proof_of_health_of_a_change(story: Story, world: World) -> None:
    admin, words = await admin_of(story, world), Words("体检证明", "Health report")
    today = story.clock.now.date()
    wish = Requirement(Kind.CHANGE, "HEALTH_REPORT", words, True, True, today)
    with pytest.raises(Invalid) as refusal:
        await ask(story, admin, wish)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("code", "NO_HEALTH_PROOF")]
    assert await asked(story) == []
    await ask(story, admin, replace(wish, kind=Kind.RENEWAL))

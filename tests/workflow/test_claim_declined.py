"""What an institution that claims may not be, and what becomes of an application that it claimed and does not want."""

from __future__ import annotations

import pytest

from rules.application import State, Step
from rules.kinds import Kind
from tests.support.story import Story, reason_of
from tests.support.unaddressed import unaddressed


async def works_at(story: Story, hospital: object) -> None:
    """She practises there."""
    sql = "update registration set institution_id = $2 where nurse_id = $1"
    await story.world.owner.execute(sql, story.cast.nurse_id, hospital)


@pytest.mark.feature("I16")
async def test_the_hospital_that_she_wants_to_leave_does_not_claim_her_change(story: Story) -> None:
    waiting = await unaddressed(story)
    await works_at(waiting, story.cast.hospital)
    refusal = await waiting.not_claimed(story.cast.operator)
    assert reason_of(refusal) == "OTHER_INSTITUTION"
    assert refusal.words.zh == "该护士已在本机构执业，变更注册须由拟执业的其他机构认领"


async def test_the_hospital_where_she_was_may_claim_her_re_registration(story: Story) -> None:
    waiting = await unaddressed(story, Kind.REREGISTRATION)
    await works_at(waiting, story.cast.hospital)
    assert await waiting.claim(story.cast.operator) == waiting.id


@pytest.mark.feature("I17")
async def test_what_was_claimed_and_declined_waits_for_another_and_never_for_this_one_again(story: Story) -> None:
    waiting = await unaddressed(story)
    await waiting.claim(story.cast.operator)
    await waiting.take(Step.DECLINE, story.cast.operator)
    row = await waiting.row()
    free = {"state": "INSTITUTION_REVIEW", "institution_id": None, "claimed": False, "decided_at": None}
    assert {name: row[name] for name in free} == free
    (decision,) = await waiting.decisions()
    assert (decision["stage"], decision["outcome"]) == ("INSTITUTION", "REFUSED")
    assert reason_of(await waiting.not_claimed(story.cast.operator)) == "CLAIM_REJECTED"
    other = await waiting.another_hospital()
    assert await waiting.claim(other) == waiting.id
    assert (await waiting.row())["claimed"]


async def test_what_was_claimed_returned_and_filed_again_is_still_claimed(story: Story) -> None:
    waiting = await unaddressed(story)
    await waiting.claim(story.cast.operator)
    await waiting.world.owner.execute("update application set state = 'RETURNED' where id = $1", waiting.id)
    assert (await waiting.row())["claimed"]


async def test_what_she_addressed_to_an_institution_ends_where_that_declines(story: Story) -> None:
    named = await unaddressed(story, institution_id=story.cast.hospital)
    await named.take(Step.DECLINE, story.cast.operator)
    assert (await named.row())["state"] == State.INSTITUTION_REJECTED


async def test_a_claim_that_she_refused_is_no_claim_any_more(story: Story) -> None:
    waiting = await unaddressed(story)
    await waiting.claim(story.cast.operator)
    await waiting.take(Step.REJECT_CLAIM, waiting.cast.nurse)
    assert not (await waiting.row())["claimed"]

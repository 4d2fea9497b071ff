"""The same request sent twice is carried out once: by key, client and mutation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from rules.application import State, Step
from rules.conflict import Situation
from rules.errors import Conflict, NotFound, Unauthenticated, WrongState
from rules.nurse import Title
from rules.reasons import Reason
from tests.support.orders import Order, draft_of, take_order
from tests.support.story import FILLED, PATHS, Story

KEY = "3f1c-once"


async def _kept(story: Story) -> list[dict[str, Any]]:
    """What is remembered of this cast's requests."""
    return [{**row} for row in (await story.everything())["keys"]]


async def _again(story: Story, order: Order) -> None:
    """The request once more: the same answer, and nothing has moved."""
    before = await story.everything()
    assert await take_order(story.db, order) == story.id
    assert await story.everything() == before


@pytest.mark.parametrize("state", [state for state in PATHS if PATHS[state]])
async def test_a_step_sent_again_is_not_taken_again(story: Story, state: State) -> None:
    *path, last = PATHS[state]
    for step in path:
        await story.take(step)
    order = await story.order(last, idempotency_key=KEY)
    await take_order(story.db, order)
    assert (await story.row())["state"] == state
    await _again(story, order)


async def test_a_step_sent_again_is_answered_also_when_the_application_has_moved_on(story: Story) -> None:
    order = await story.order(Step.SUBMIT, idempotency_key=KEY)
    await take_order(story.db, order)
    await story.take(Step.FORWARD)
    await story.take(Step.ACCEPT)
    await _again(story, order)


async def test_a_draft_begun_again_is_the_first_one(story: Story) -> None:
    beside = await story.beside()
    await beside.reach(State.WITHDRAWN)
    draft = draft_of(beside.cast.nurse.session, FILLED, KEY)
    first = await take_order(story.db, draft)
    before = await beside.everything()
    assert await take_order(story.db, draft) == first
    assert await beside.everything() == before


OTHER: list[tuple[Step, dict[str, Any]]] = [
    (Step.SUBMIT, {"expected_version": 2}),
    (Step.SUBMIT, {"form": replace(FILLED, title=Title.NURSE)}),
    (Step.SUBMIT, {"institution_id": None}),
    (Step.RETURN, {"opinion": "另一意见"}),
    (Step.RETURN, {"marked_fields": ("title",)}),
    (Step.RETURN, {"reasons": (Reason.DEPARTMENT_WRONG, Reason.OTHER_CORRECTION)}),
    (Step.SUBMIT, {"application_id": UUID(int=1)}),
]


@pytest.mark.parametrize(("step", "other"), OTHER)
async def test_another_input_under_the_same_key(story: Story, step: Step, other: dict[str, Any]) -> None:
    if step is Step.RETURN:
        await story.take(Step.SUBMIT)
    order = await story.order(step, idempotency_key=KEY)
    await take_order(story.db, order)
    before = await story.everything()
    with pytest.raises(Conflict) as refusal:
        await take_order(story.db, order.but(**other))
    assert refusal.value.situation is Situation.IDEMPOTENCY_KEY_REUSED
    assert await story.everything() == before


async def test_another_form_under_the_key_of_a_draft(story: Story) -> None:
    beside = await (await story.beside()).reach(State.WITHDRAWN)
    session = beside.cast.nurse.session
    await take_order(story.db, draft_of(session, FILLED, KEY))
    before = await beside.everything()
    with pytest.raises(Conflict) as refusal:
        await take_order(story.db, draft_of(session, replace(FILLED, title=Title.NURSE), KEY))
    assert refusal.value.situation is Situation.IDEMPOTENCY_KEY_REUSED
    assert await beside.everything() == before


async def test_a_refusal_is_not_remembered(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    unset = "update approval_setting set authority_id = $2 where institution_id = $1"
    await story.world.owner.execute(unset, story.cast.hospital, None)
    await story.refused(Step.FORWARD, idempotency_key=KEY)
    assert await _kept(story) == []
    await story.world.owner.execute(unset, story.cast.hospital, story.cast.district)
    await story.take(Step.FORWARD, idempotency_key=KEY)
    (kept,) = await _kept(story)
    assert (kept["client"], kept["mutation"]) == (str(story.cast.operator.account_id), "applicationForward")
    assert (kept["key"], kept["result_id"], kept["created_at"]) == (KEY, story.id, story.clock.now)


async def test_without_a_key_nothing_is_remembered(story: Story) -> None:
    order = await story.order(Step.SUBMIT)
    await take_order(story.db, order)
    assert await _kept(story) == []
    with pytest.raises(Conflict):
        await take_order(story.db, order)


async def test_a_key_is_its_clients_own(story: Story) -> None:
    """A colleague's request with the same key and input is a request of her own: she is refused, and not told."""
    await story.reach(State.INSTITUTION_REVIEW)
    order = await story.order(Step.FORWARD, idempotency_key=KEY)
    await take_order(story.db, order)
    with pytest.raises(Conflict) as refusal:
        await take_order(story.db, replace(order, session=story.cast.manager.session))
    assert refusal.value.current_version == 3
    strangers = await story.world.cast()
    with pytest.raises(NotFound):
        await take_order(story.db, replace(order, session=strangers.operator.session))


async def test_a_key_is_its_mutations_own(story: Story) -> None:
    await story.take(Step.SUBMIT, idempotency_key=KEY)
    await story.take(Step.WITHDRAW, idempotency_key=KEY)
    assert [row["mutation"] for row in await _kept(story)] == ["applicationSubmit", "applicationWithdraw"]


async def test_who_is_signed_out_is_answered_nothing(story: Story) -> None:
    order = await story.order(Step.SUBMIT, idempotency_key=KEY)
    await take_order(story.db, order)
    sql = "update session set revoked_at = now() where account_id = $1"
    await story.world.owner.execute(sql, story.cast.nurse.account_id)
    with pytest.raises(Unauthenticated):
        await take_order(story.db, order)


@pytest.mark.parametrize("step", [Step.SUBMIT, Step.FORWARD])
async def test_eight_at_once_with_one_key(story: Story, step: Step) -> None:
    """One is carried out; the others wait for it and get its answer."""
    if step is Step.FORWARD:
        await story.take(Step.SUBMIT)
    order = await story.order(step, idempotency_key=KEY)
    version = (await story.row())["version"]
    answers = await asyncio.gather(*(take_order(story.db, order) for _ in range(8)))
    assert answers == [story.id] * 8
    assert (await story.row())["version"] == version + 1
    assert len(await _kept(story)) == 1


async def test_eight_drafts_at_once_with_one_key(story: Story) -> None:
    beside = await (await story.beside()).reach(State.WITHDRAWN)
    draft = draft_of(beside.cast.nurse.session, FILLED, KEY)
    answers = await asyncio.gather(*(take_order(story.db, draft) for _ in range(8)))
    drafts = await story.rows(
        "select id from application where nurse_id = $1 and state = 'DRAFT'", beside.cast.nurse_id
    )
    assert [{"id": answer} for answer in set(answers)] == drafts


async def test_eight_at_once_with_one_key_that_are_refused(story: Story) -> None:
    """Each is refused for itself: what the first wrote down went with its transaction."""
    order = await story.order(Step.RESUBMIT, idempotency_key=KEY)
    answers = await asyncio.gather(*(take_order(story.db, order) for _ in range(8)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [WrongState] * 8
    assert await _kept(story) == []

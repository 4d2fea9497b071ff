"""Many at once on one application: one wins, the others are refused by type, and everything is written once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from rules.application import State, Step
from rules.errors import Conflict
from rules.people import Party
from tests.support.orders import draft_of, take_order
from tests.support.rounds import COMPETING, PAIRS, ROUNDS, TASKS, at_once
from tests.support.story import FILLED, Story


@pytest.mark.parametrize(("state", "one", "other"), PAIRS)
async def test_of_two_steps_that_compete_one_is_taken(story: Story, state: State, one: Step, other: Step) -> None:
    for _ in range(ROUNDS):
        await race(await story.beside(), state, one, other)


@pytest.mark.parametrize("state", [state for state in COMPETING if len(COMPETING[state]) > 1])
async def test_of_all_that_can_be_done_one_thing_happens(story: Story, state: State) -> None:
    for _ in range(ROUNDS):
        await race(await story.beside(), state, *COMPETING[state])


async def race(story: Story, state: State, *steps: Step) -> None:
    """Eight tasks, the steps in turn, on an application that stands ready for each of them."""
    await story.reach(state)
    if Step.APPROVE in steps:
        await story.take(Step.RECOMMEND)
    version, before = (await story.row())["version"], await story.everything()
    # The reviewer has said yes: only the other opinion is news.
    says = {Step.RECOMMEND: {"agrees": False, "opinion": "再次核对，不符合条件"}}
    taken = [steps[n % len(steps)] for n in range(TASKS)]
    orders = [await story.order(step, **says.get(step, {})) for step in taken]
    answers = await at_once(*(take_order(story.db, order) for order in orders))
    (winner,) = [order.command.step for order, answer in zip(orders, answers, strict=True) if answer == story.id]
    losers = [answer for answer in answers if answer != story.id]
    assert [(type(loser), getattr(loser, "current_version", None)) for loser in losers] == [(Conflict, version + 1)] * 7
    assert (await story.row())["version"] == version + 1
    assert written(before, await story.everything()) == once(winner, events_of(story, await story.row(), winner))


def written(before: dict[str, Any], after: dict[str, Any]) -> dict[str, int]:
    """How many rows have come or changed."""
    parts = ("decision", "revision", "history", "registration", "receipts", "events")
    return {part: sum(row not in before[part] for row in after[part]) for part in parts}


def once(winner: Step, scopes: int) -> dict[str, int]:
    """What one step writes, whichever it is."""
    revises = winner in (Step.SUBMIT, Step.RESUBMIT, Step.SUPPLEMENT)
    return {
        "decision": int(not revises and winner is not Step.WITHDRAW),
        "revision": int(revises),
        "history": int(winner is Step.APPROVE),
        "registration": int(winner is Step.APPROVE),
        "receipts": int(winner in (Step.ACCEPT, Step.SUPPLEMENT)),
        "events": scopes,
    }


def events_of(story: Story, row: dict[str, Any], winner: Step) -> int:
    """One event for each end that has to do with it, a recommendation to the authority alone."""
    return 1 if winner is Step.RECOMMEND else 2 + (row["authority_id"] is not None)


async def test_of_drafts_begun_at_once_one_is_kept(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.WITHDRAWN)
        draft = draft_of(beside.cast.nurse.session, FILLED)
        answers = await at_once(*(take_order(story.db, draft) for _ in range(TASKS)))
        (kept,) = [answer for answer in answers if isinstance(answer, UUID)]
        assert [type(answer) for answer in answers if answer != kept] == [Conflict] * 7
        drafts = "select id from application where nurse_id = $1 and state = 'DRAFT'"
        assert await story.rows(drafts, beside.cast.nurse_id) == [{"id": kept}]


async def test_a_renewal_filed_while_others_are_begun_stays_the_only_one(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await story.beside()
        filing = await beside.order(Step.SUBMIT)
        draft = draft_of(beside.cast.nurse.session, FILLED)
        begun = (take_order(story.db, draft) for _ in range(TASKS - 1))
        filed, *refused = await at_once(take_order(story.db, filing), *begun)
        assert filed == beside.id
        assert [type(answer) for answer in refused] == [Conflict] * 7
        assert len((await beside.everything())["application"]) == 1


@pytest.mark.parametrize("state", [State.DRAFT, State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE])
async def test_many_applications_pass_the_same_desks_at_once(story: Story, state: State) -> None:
    """None waits for ever, none is lost; receipts and events are numbered without a gap."""
    onward = {
        State.DRAFT: Step.SUBMIT,
        State.INSTITUTION_REVIEW: Step.FORWARD,
        State.AUTHORITY_INTAKE: Step.ACCEPT,
    }[state]
    for done in range(1, ROUNDS + 1):
        beside = [await (await story.beside()).reach(state) for _ in range(TASKS)]
        orders = [await one.order(onward) for one in beside]
        answers = await at_once(*(take_order(story.db, order) for order in orders))
        assert answers == [one.id for one in beside]
        for party in (Party.INSTITUTION, Party.AUTHORITY):
            numbers = [event["seq"] for event in await story.heard(party)]
            assert numbers == list(range(1, len(numbers) + 1))
        if onward is Step.ACCEPT:
            code = (await story.world.row("authority", story.cast.district))["code"]
            given = {(await one.row())["receipt_number"] for one in beside}
            numbers = range(TASKS * (done - 1) + 1, TASKS * done + 1)
            assert given == {f"{code}-2025-{number:06d}" for number in numbers}


async def test_who_waited_learns_which_colleague_was_first(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    colleagues = [story.cast.operator, story.cast.manager]
    orders = [await story.order(Step.FORWARD, who) for who in colleagues]
    answers = await at_once(*(take_order(story.db, order) for order in orders))
    first = colleagues[answers.index(story.id)].actor.name
    assert [answer.by for answer in answers if isinstance(answer, Conflict)] == [first]

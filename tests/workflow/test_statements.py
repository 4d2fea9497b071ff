"""How many statements a step asks of the database."""

from __future__ import annotations

from typing import Final

import pytest

from db import law
from db.store.engine import Database
from rules.application import State, Step
from rules.kinds import Kind
from rules.people import Party
from tests.support.application_story import Drafts
from tests.support.competitors import Competitor, Pair, open_contest, pairs
from tests.support.orders import take_order
from tests.support.statements import counted
from tests.support.story import Clock, Story
from tests.support.world import World

A, I, N = Party.AUTHORITY, Party.INSTITUTION, Party.NURSE  # noqa: E741


EXPECTED = {Step.SUBMIT: 8, Step.APPROVE: 10}
LIMITS = [(Step.SUBMIT, State.DRAFT, 8), (Step.APPROVE, State.ACCEPTED, 15)]


@pytest.mark.parametrize(("step", "state", "limit"), LIMITS)
async def test_a_step_asks_no_more_statements_than_promised(story: Story, step: Step, state: State, limit: int) -> None:
    await story.reach(state)
    if step is Step.APPROVE:
        await story.take(Step.RECOMMEND)
    order = await story.order(step, idempotency_key="counted-1")
    async with story.db.begin() as tx:
        await tx.ask_time()
        await law.book(tx)  # a process reads it once a day
    with counted(story.db) as statements:
        await take_order(story.db, order)
    assert EXPECTED[step] == len(statements) <= limit, "\n".join(statements)


async def test_a_request_sent_again_asks_two(story: Story) -> None:
    order = await story.order(Step.SUBMIT, idempotency_key="counted-1")
    await take_order(story.db, order)
    with counted(story.db) as statements:
        await take_order(story.db, order)
    assert len(statements) == 2


MOST: Final[dict[Competitor, int]] = {
    **dict.fromkeys(
        (
            (Step.PUT_BACK, A),
            (Step.PUT_BACK, I),
            (Step.REASSIGN, A),
            (Step.REASSIGN, I),
            (Step.TAKE, A),
            (Step.TAKE, I),
        ),
        4,
    ),
    **dict.fromkeys(
        (
            (Step.DECLINE, I),
            (Step.HOLD, A),
            (Step.RECOMMEND, A),
            (Step.REFUSE_INTAKE, A),
            (Step.REJECT, A),
            (Step.REJECT_CLAIM, N),
            (Step.RETURN, I),
            (Step.WITHDRAW, I),
            (Step.WITHDRAW, N),
        ),
        5,
    ),
    **dict.fromkeys(
        (
            (Step.ANSWER_OBJECTION, A),
            (Step.FORWARD, I),
            (Step.SAVE_DRAFT, N),
            (Step.OBJECT, N),
            (Step.OBJECT, A),
            (Step.RESUBMIT, N),
            (Step.RESUME, A),
            (Step.TRANSFER, A),
        ),
        6,
    ),
    **dict.fromkeys(
        (
            (Step.ESCALATE, None),
            (Step.LAPSE, None),
            (Step.PASS_UP, None),
            (Step.REQUIRE_CORRECTION, A),
        ),
        7,
    ),
    **dict.fromkeys(
        (
            (Step.ESCALATE, N),
            (Step.EXTEND, A),
            (Step.SUBMIT, N),
        ),
        8,
    ),
    **dict.fromkeys(
        ((Step.ACCEPT, A),),
        9,
    ),
    **dict.fromkeys(
        (
            (Step.ACCEPT, None),
            # What was asked for on paper is looked for.
            (Step.APPROVE, A),
            (Step.DEEM, None),
            (Step.SUPPLEMENT, A),
            (Step.SUPPLEMENT, I),
            (Step.SUPPLEMENT, N),
        ),
        10,
    ),
    # Whom it found is kept, before the claim.
    **dict.fromkeys(((Step.CLAIM_BY_ID_NUMBER, I),), 13),
    **dict.fromkeys(((Step.END_REGISTRATION, None),), 16),
    (Step.BLOCK, None): 15,
    (Step.UNBLOCK, None): 9,
}
"""The statements of each step when it was measured, and one more; a step of the system's scheduler locks once more."""


@pytest.mark.parametrize("pair", [pair for pair in pairs() if pair.one == pair.other], ids=str)
async def test_no_step_asks_more_than_it_did(timed: Database, world: World, clock: Clock, pair: Pair) -> None:
    contest = await open_contest(timed, world)
    key, cast = await contest.stand(pair)
    with counted(timed) as statements:
        await contest.go(pair, pair.one, 0, key, cast)
    assert len(statements) <= MOST[pair.one], "\n".join(statements)


NUMBERED: Final = {Kind.FIRST, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER}
"""Approved, they give a certificate number; where that is taken, as here, two more statements find a free one."""


@pytest.mark.parametrize("kind", list(Kind))
async def test_no_kind_asks_more_than_was_promised(timed: Database, world: World, clock: Clock, kind: Kind) -> None:
    application = await Drafts(timed, world)(kind)
    # With a registration that ends, her open changes of information go to her authority.
    decides = 17 if kind in NUMBERED else 16 if kind is Kind.DEREGISTRATION else 15
    # The photo that has travelled with a first entry is looked for.
    decides += kind is Kind.MILITARY_TRANSFER
    for step, limit in ((Step.SUBMIT, 8), (Step.FORWARD, 5), (Step.ACCEPT, 9), (Step.APPROVE, decides)):
        if step is Step.FORWARD and kind is Kind.REISSUE:
            continue
        if step is Step.APPROVE:
            await application.take(Step.RECOMMEND)
        order = await application.order(step)
        with counted(timed) as statements:
            await take_order(timed, order)
        assert len(statements) <= limit, "\n".join([step, *statements])

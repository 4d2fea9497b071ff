"""Every two steps that the table of moves allows from one state, raced: what happens is a path through the table."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import orjson
import pytest
import pytest_asyncio

from db.store.engine import Database
from rules.application import State, Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RegistryError, WrongState
from rules.kinds import Kind
from rules.moves import LEASES, MOVES
from rules.people import Party
from tests.support.competitors import Competitor, Contest, Pair, open_contest, pairs
from tests.support.rounds import PAIRS, ROUNDS, TASKS
from tests.support.story import BY, Clock
from tests.support.world import Cast, World

I, N = Party.INSTITUTION, Party.NURSE  # noqa: E741
ELSEWHERE = {Step.END_REGISTRATION, Step.BLOCK, Step.UNBLOCK, Step.PASS_UP}
"""Taken on her entry, on another application, or with another's step: that succeeds also where this one is over."""
ENDS = {"nurse": N, "operator": I, "reviewer": Party.AUTHORITY, "decider": Party.AUTHORITY}


def raced(pair: Pair) -> bool:
    """Whether the two are raced to the last row in test_race: on a renewal, each step by its usual taker."""
    usual = all(step in BY and ENDS[BY[step]] is party for step, party in (pair.one, pair.other))
    return pair.kind is Kind.RENEWAL and usual and (pair.state, pair.one[0], pair.other[0]) in PAIRS


@pytest_asyncio.fixture(scope="module")
async def contest(timed: Database, world: World) -> Contest:
    """The people of all rounds."""
    return await open_contest(timed, world)


@pytest.mark.parametrize("pair", [pair for pair in pairs() if not raced(pair)], ids=str)
async def test_what_two_competing_steps_do_is_a_path_through_the_table(
    contest: Contest, clock: Clock, pair: Pair
) -> None:
    for _ in range(0, ROUNDS, 10):
        rounds = [await contest.stand(pair) for _ in range(min(10, ROUNDS))]
        # Nobody may claim more often than so many times an hour.
        await contest.world.owner.execute("delete from attempt")
        tries = [(competitor, nth) for nth in range(TASKS) for competitor in [(pair.one, pair.other)[nth % 2]]]
        answers = await asyncio.gather(*(_all(contest, pair, tries, key, cast) for key, cast in rounds))
        for (key, cast), answered in zip(rounds, answers, strict=True):
            await _judge(contest, pair, key, cast, list(zip((one for one, _ in tries), answered, strict=True)))


async def _all(contest: Contest, pair: Pair, tries: list[tuple[Competitor, int]], key: UUID, cast: Cast) -> list[Any]:
    going = (contest.go(pair, competitor, nth, key, cast) for competitor, nth in tries)
    return await asyncio.gather(*going, return_exceptions=True)


async def _judge(contest: Contest, pair: Pair, key: UUID, cast: Cast, answers: list[tuple[Competitor, Any]]) -> None:
    row, path = await contest.world.row("application", key), await _path(contest, key)
    if (pair.state, row["state"]) == (State.DRAFT, State.WITHDRAWN):
        # Nobody is told of a draft that is thrown away.
        path = path or [(Step.WITHDRAW, State.DRAFT, State.WITHDRAWN)]
    won = Counter(competitor for competitor, answer in answers if answer is None)
    # Nor of one that is kept again: only while it is a draft.
    saves = sum(times for (step, _), times in won.items() if step is Step.SAVE_DRAFT)
    path = [(Step.SAVE_DRAFT, State.DRAFT, State.DRAFT)] * saves + path
    lost = [(competitor, answer) for competitor, answer in answers if answer is not None]
    assert won, f"nobody won: {lost}"
    assert [answer for one, answer in lost if not _typed(contest, row, cast, one, answer)] == []
    state = pair.state
    for step, source, target in path:
        assert source is state, "the path has a gap"
        assert any((m.step, m.source, m.target) == (step, source, target) and pair.kind in m.kinds for m in MOVES)
        state = target
    assert (state, len(path)) == (row["state"], row["version"] - 1)
    people = [one for one in won.elements() if one[0] not in LEASES and one[1] is not None]
    assert len([one for one in people if one[0] is not Step.CLAIM_BY_ID_NUMBER]) <= 1, "two acted on one version"
    steps = Counter(step for step, *_ in path if step not in ELSEWHERE)
    assert steps == Counter(one for one, _ in won.elements() if one not in LEASES | ELSEWHERE)
    await _kept_once(contest, key, cast, won, len(path))


async def _path(contest: Contest, key: UUID) -> list[tuple[Step, State, State]]:
    """What moved it, in the order of its versions; each end heard each of these once."""
    sql = "select scope, body from event where application_id = $1 order by scope, seq"
    rows = [(row["scope"], orjson.loads(row["body"])) for row in await contest.world.owner.fetch(sql, key)]
    bodies = [(scope, body) for scope, body in rows if Step[body["step"]] not in LEASES]
    heard = Counter((scope, body["version"]) for scope, body in bodies)
    assert {*heard.values()} <= {1}, "somebody heard the same twice"
    by_version = {body["version"]: body for _, body in bodies}
    assert [*sorted(by_version)] == [*range(2, len(by_version) + 2)]
    moved = [by_version[version] for version in sorted(by_version)]
    return [(Step[body["step"]], State[body["from"]], State[body["to"]]) for body in moved]


def _typed(contest: Contest, row: Any, cast: Cast, competitor: Competitor, answer: Any) -> bool:
    """Refused in words a client can act on; as a stranger only who has no part in it any more."""
    step, party = competitor
    place = {N: cast.nurse_id, I: cast.hospital}.get(party, cast.district) if party else None
    column = f"{party.lower()}_id" if party else "nurse_id"
    gone = step is Step.CLAIM_BY_ID_NUMBER or (place is not None and row[column] != place)
    struck_off = [Invalid] if step is Step.BLOCK else []
    allowed = (Conflict, WrongState, NotAllowed, *([NotFound] if gone else []), *struck_off)
    return isinstance(answer, RegistryError) and isinstance(answer, allowed)


async def _kept_once(contest: Contest, key: UUID, cast: Cast, won: Counter[Competitor], moves: int) -> None:
    """At most one decision a move, one row of history for each change of the register, one revision each filing."""
    owner = contest.world.owner
    decisions = await owner.fetchval("select count(*) from review_decision where application_id = $1", key)
    assert decisions <= moves
    steps = Counter(step for step, _ in won.elements())
    history = await owner.fetchval("select count(*) from registration_history where nurse_id = $1", cast.nurse_id)
    assert history == steps[Step.APPROVE] + steps[Step.DEEM] + steps[Step.END_REGISTRATION]
    leases = (
        "select count(*) from event where application_id = $1 and body->>'step' in ('TAKE', 'PUT_BACK', 'REASSIGN')"
    )
    assert await owner.fetchval(leases, key) == sum(steps[step] for step in LEASES)

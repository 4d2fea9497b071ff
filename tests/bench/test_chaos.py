"""Kill -9 of the server and of PostgreSQL under load loses, doubles and reorders nothing; and the proof would tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bench.cast import Person
from bench.chaos.proof import Proof, compare, expected, told
from bench.chaos.register import Case, Desk
from bench.chaos.report import Settings, Victim, figures, goals
from bench.chaos.run import run
from bench.chaos.teller import Act
from bench.chaos.watcher import Noted
from bench.chaos.writer import ASKED, ROUTES, Done
from rules.application import Step

ONE, TWO, THREE = (Noted(f"event {n}", "application", "CHANGED", n) for n in (1, 2, 3))
NOBODY = Person(UUID(int=0), "")
HOSPITAL, BUREAU, NURSE, RENEWAL = (UUID(int=n) for n in (1, 2, 3, 4))
CASE = Case(NURSE, NOBODY, Desk(HOSPITAL, BUREAU, NOBODY, NOBODY, NOBODY))


def acknowledged(route: Sequence[Step]) -> list[Done]:
    """A renewal that went this way."""
    now = datetime.now(UTC)
    return [Done(CASE, RENEWAL, step, n, f"key of step {n}", now) for n, step in enumerate(route, 1)]


async def test_server_and_postgresql_are_killed_under_load_and_nothing_is_lost_doubled_or_reordered() -> None:
    notes: list[str] = []
    outcome = await run(Settings(kills=3, seed=4, nurses=1000), notes.append)
    assert len(notes) == 3
    assert Counter(one.victim for one in outcome.recoveries) == {Victim.SERVER: 2, Victim.POSTGRESQL: 1}
    assert outcome.proof.clean, list(outcome.proof.examples())
    # Everybody's stream was cut by each kill of the server; in between all had news that the next kill waited for.
    assert outcome.cuts >= 2 * len(outcome.proof.feeds) == 18
    assert outcome.received >= 3 * 9
    assert outcome.acknowledged > 100
    found = figures(outcome)
    assert not any(found[what] for what in ("lost", "doubled", "feeds in another order", "received and in no table"))
    # Speed is for `make chaos` to judge, on a machine that does nothing else.
    assert [goal.what for goal in goals(outcome) if not goal.met and "recovery" not in goal.what] == []


@pytest.mark.parametrize(
    ("received", "lost", "doubled", "strange", "in_order"),
    [
        ([ONE, TWO], [], [], [], True),
        ([ONE], [TWO], [], [], True),
        ([ONE, ONE, TWO], [], [ONE], [], True),
        ([TWO, ONE], [], [], [], False),
        ([ONE, THREE, TWO], [], [], [THREE], True),
        ([TWO, TWO, TWO], [ONE], [TWO, TWO], [], True),
    ],
    ids=["all", "one too few", "one twice", "the wrong way round", "one from nowhere", "one alone, three times"],
)
def test_what_a_watcher_received_is_compared_with_the_table(
    received: list[Noted], lost: list[Noted], doubled: list[Noted], strange: list[Noted], in_order: bool
) -> None:
    found = compare([ONE, TWO], received)
    assert (found.lost, found.doubled, found.strange) == (Counter(lost), Counter(doubled), Counter(strange))
    assert found.in_order is in_order
    assert found.equal is (received == [ONE, TWO])


def test_each_act_of_a_teller_leaves_its_key_and_one_event_in_the_feed_where_it_is_counted() -> None:
    acts = [Act("questionAsk", "key 1", NURSE), Act("conductPropose", "key 2", HOSPITAL)]
    acts.append(replace(acts[1], key="key 3"))
    assert told(acts) == Counter(
        {
            ("asked", "questionAsk", "key 1"): 1,
            ("asked", "conductPropose", "key 2"): 1,
            ("asked", "conductPropose", "key 3"): 1,
            ("told", "question.asked", NURSE): 1,
            ("told", "conduct.proposed", HOSPITAL): 2,
        }
    )


def test_a_feed_that_differs_or_a_trace_too_many_or_too_few_is_not_clean() -> None:
    nothing: Counter[tuple[object, ...]] = Counter()
    one = Counter([("key", RENEWAL, "applicationSubmit", "key of step 2")])
    feeds = {"operator": compare([ONE], [ONE])}
    assert Proof(1, feeds, nothing, nothing, ()).clean
    assert not Proof(1, feeds, one, nothing, ()).clean
    assert not Proof(1, feeds, nothing, one, ()).clean
    assert not Proof(1, feeds, nothing, nothing, ("a feed with a gap",)).clean
    missed = Proof(1, {"operator": compare([ONE, TWO], [ONE])}, nothing, nothing, ())
    assert not missed.clean
    assert list(missed.examples()) == [f"operator lost: {TWO}"]


def test_a_renewal_that_was_withdrawn_at_the_authority_must_have_left_this() -> None:
    steps = (Step.CREATE_DRAFT, Step.SUBMIT, Step.FORWARD, Step.WITHDRAW)
    hears = {2: (NURSE, HOSPITAL), 3: (NURSE, HOSPITAL, BUREAU), 4: (NURSE, HOSPITAL, BUREAU)}
    types = {2: "application.submitted", 3: "application.forwarded", 4: "application.withdrawn"}
    events = [
        ("event", RENEWAL, version, steps[version - 1], types[version], scope)
        for version in types
        for scope in hears[version]
    ]
    keys = [("key", RENEWAL, ASKED[step][1], f"key of step {n}") for n, step in enumerate(steps, 1)]
    rest = [
        ("revision", RENEWAL, 1),
        ("decision", RENEWAL, 1, "INSTITUTION", "AGREED"),
        ("application", RENEWAL, "WITHDRAWN", 4),
    ]
    assert expected(acknowledged(steps)) == Counter([*events, *keys, *rest])


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_every_way_a_renewal_goes_leaves_each_trace_once(route: Sequence[Step]) -> None:
    assert set(expected(acknowledged(route)).values()) == {1}

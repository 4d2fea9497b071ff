"""Every mutation, taken by every kind of person: only the entitled succeed, and for all others nothing moves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import global_id, key_of
from rules.application import State
from rules.people import Party, Role
from tests.support.authority_applications import EARLY, LEASES, ON, REASONED, RIGHT, steps_of
from tests.support.authority_matrix import grouped
from tests.support.authority_people import candidate
from tests.support.authority_stage import Stage, put
from tests.support.authority_steps import CHANGE, FIELDS, FORM, TABLE, credentials, document, fresh, take
from tests.support.authority_story import build
from tests.support.authority_trials import Row, Trial, everything, together
from tests.support.contacts import captcha
from tests.support.live import Client, Live
from tests.support.world import Person, World


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


@pytest.mark.parametrize(("about", "mutation"), [pytest.param(*key, id=f"{key[1]}: {key[0]}") for key in ON])
async def test_who_may_take_the_step(live: Live, stage: Stage, about: str, mutation: str) -> None:
    """Whoever is refused tries at the same application, all together; whoever may has one of her own."""
    row = Row(mutation, TABLE[about, mutation], plain=mutation not in REASONED)
    trials = [trial async for trial in steps_of(stage, (about, mutation), row.entitled)]
    await row.holds(live, trials, partial(everything, stage.world))
    for one in trials:
        version = (await stage.world.row("application", key_of("Application", one.given["id"])))["version"]
        assert version == (2 if one.name in row.entitled and mutation not in LEASES else 1)


@pytest.mark.parametrize("about", [RIGHT, EARLY])
async def test_who_may_begin_an_application(live: Live, stage: Stage, about: str) -> None:
    trials = []
    for name, person in stage.people.items():
        who = person
        if name in ("the nurse", "another nurse"):
            who = (await stage.nurse(f"begins: {name}", stage.cast.hospital, stage.cast.district)).nurse
        if (about, name) == (EARLY, "inactive nurse"):
            who = (await candidate(stage)).person
        trials.append(Trial(name, who, FORM if about is RIGHT else CHANGE))
    row = Row("applicationCreateDraft", TABLE[about, "applicationCreateDraft"], plain=True)
    await row.holds(live, trials, partial(everything, stage.world))


async def test_who_may_sign_in_and_out(live: Live, stage: Stage) -> None:
    passwords = [await credentials(stage.world, person or stage.cast.nurse) for person in stage.people.values()]
    people = zip(stage.people.values(), passwords, strict=True)
    found = await together(in_and_out(live, person, password) for person, password in people)
    for mutation, letters in zip(("signIn", "signOut"), zip(*found, strict=True), strict=True):
        assert grouped("".join(letters)) == TABLE[RIGHT, mutation]


async def in_and_out(live: Live, person: Person | None, password: dict[str, str]) -> tuple[str, str]:
    """The letters of signing in, and of signing out of that session alone."""
    into, answer = await take(live.as_(person), "signIn", password)
    assert [*answer] == ["__typename", *FIELDS["SignInPayload"]]
    again = Client(live.origin, live.as_(None)._http, answer["token"]) if person else live.as_(None)
    out, answer = await take(again, "signOut", None)
    if person:
        assert answer == {"__typename": "SignOutPayload", "signedOut": True}
        assert await again.refused("{ viewer { party } }") == ["UNAUTHENTICATED"]
        assert await live.as_(person).ask("{ viewer { active } }")
    return into, out


async def test_every_problem_tells_all_it_has(live: Live, stage: Stage) -> None:
    """One of each of the closed set, with nothing null to whoever may know."""
    cast, key = await fresh(stage, State.ACCEPTED, version=5, moved_by=stage.cast.reviewer.account_id)
    step = {"id": global_id("Application", key), "expectedVersion": 5}
    behind, waiting = await fresh(stage, State.ACCEPTED, version=5, blocked_by_id=key)
    blocked = {"id": global_id("Application", waiting), "expectedVersion": 5}
    decider, operator = live.as_(cast.decider), live.as_(cast.operator)
    wrong = {**await credentials(stage.world, cast.viewer), "password": "Wrong-horse-9"}
    answers = [
        await take(decider, "applicationApprove", {**step, "id": "missing"}),
        await take(decider, "applicationAccept", step),
        await take(decider, "applicationRefuseIntake", {**step, "reasons": ["LEAVING"]}),
        await take(operator, "applicationForward", step),
        await take(decider, "applicationApprove", {**step, "expectedVersion": 1}),
        await take(decider, "applicationReject", {**step, "reasons": ["LEAVING"]}),
        await take(live.as_(behind.decider), "applicationApprove", blocked, plain=False),
    ]
    anybody = live.as_(None)
    for _ in range(20):  # ten of the account, and with a solved captcha ten of this address
        await anybody.post(document("signIn"), {"input": {**wrong, **await captcha(anybody)}})
    answers.append(await take(anybody, "signIn", {**wrong, **await captcha(anybody)}))
    seen = {it["__typename"]: it for _, it in answers}
    assert set(seen) == {kind for kind in FIELDS if kind.endswith("Problem")} - {"FieldProblem"}
    for kind, it in seen.items():
        assert [name for name in FIELDS[kind] if it[name] is None] == {"WrongStateProblem": ["standing"]}.get(kind, [])
    assert seen["ConflictProblem"]["by"] == cast.reviewer.actor.name
    assert seen["WrongStateProblem"]["state"] == "ACCEPTED"
    assert 0 < seen["RateLimitedProblem"]["retryAfter"] <= 900


async def test_only_a_colleague_is_told_who_was_first(live: Live, stage: Stage) -> None:
    cast, key = await fresh(stage, State.ACCEPTED, version=5, moved_by=stage.cast.reviewer.account_id)
    step = {"id": global_id("Application", key), "expectedVersion": 1}
    _, colleague = await take(live.as_(cast.decider), "applicationApprove", step)
    _, nurse = await take(live.as_(cast.nurse), "applicationWithdraw", step)
    assert (colleague["currentVersion"], colleague["by"]) == (5, cast.reviewer.actor.name)
    assert (nurse["currentVersion"], nurse["by"]) == (5, None)


async def test_nobody_decides_about_herself(live: Live, stage: Stage) -> None:
    """The operator is the nurse, and so is the decider."""
    for state, mutation, party, role in (
        (State.INSTITUTION_REVIEW, "applicationForward", Party.INSTITUTION, Role.OPERATOR),
        (State.ACCEPTED, "applicationApprove", Party.AUTHORITY, Role.DECIDER),
    ):
        cast, key = await fresh(stage, state)
        place = cast.hospital if party is Party.INSTITUTION else cast.district
        herself = await stage.world.person(party, place, role, self_nurse=cast.nurse_id)
        await refused(live, stage, herself, mutation, key, "ABOUT_YOURSELF")


async def test_whoever_recommended_does_not_decide(live: Live, stage: Stage) -> None:
    both = await stage.world.person(Party.AUTHORITY, stage.cast.district, Role.REVIEWER, Role.DECIDER)
    cast, key = await fresh(stage, State.ACCEPTED, recommender_id=both.account_id)
    await refused(live, stage, both, "applicationApprove", key, "TWO_PERSONS_REQUIRED")
    cast, key = await fresh(stage, State.ACCEPTED, recommender_id=None)
    await refused(live, stage, cast.decider, "applicationApprove", key, "RECOMMENDATION_MISSING")


async def refused(live: Live, stage: Stage, who: Person, mutation: str, key: Any, code: str) -> None:
    """The step is refused for this reason, and nothing moves."""
    before = await everything(stage.world)
    step = {"id": global_id("Application", key), "expectedVersion": 1}
    answer = (await live.as_(who).ask(document(mutation), input=step))["it"]
    assert (answer["__typename"], answer["code"]) == ("NotAllowedProblem", code)
    assert await everything(stage.world) == before


async def test_a_nurse_who_is_not_activated_does_not_even_read_herself(live: Live, stage: Stage) -> None:
    inactive = stage.people["inactive nurse"]
    assert inactive is not None
    nurse_id = inactive.actor.nurse_id
    assert nurse_id is not None
    key = await put(stage.world, replace(stage.cast, nurse_id=nurse_id), State.DRAFT)
    asked = await live.as_(inactive).ask(
        "query($ids: [ID!]!) { viewer { active nurse { id } } nodes(ids: $ids) { id } }",
        ids=[global_id("Nurse", nurse_id), global_id("Registration", nurse_id), global_id("Application", key)],
    )
    assert asked == {"viewer": {"active": False, "nurse": None}, "nodes": [None, None, None]}

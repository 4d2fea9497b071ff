"""Who works on an application for half an hour: taken, put back, reassigned, run out, and told to colleagues alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.application import judged
from db.store.engine import Database
from graph.context import Services
from graph.schema.node import global_id
from rules.application import State, Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound
from rules.people import Party, Role
from tests.support.orders import take_order
from tests.support.plan_and_executor import Both
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.story import NOW, Story, codes_of, reason_of
from tests.support.world import Person
from workflow.staff_disabling import StaffDisable
from workflow.step import take

HALF_AN_HOUR = timedelta(minutes=30)
UNCHANGED = ("state", "version", "revision", "moved_by", "moved_at", "queued_at")


async def held(story: Story) -> tuple[Any, Any]:
    """By whom, and until when."""
    row = await story.row()
    return row["holder_id"], row["held_until"]


async def supervisor(story: Story) -> Person:
    """Somebody who may reassign what waits at the authority."""
    return await story.world.person(Party.AUTHORITY, story.cast.district, Role.SUPERVISOR)


async def colleague(story: Story, *roles: Role, **more: Any) -> Person:
    """Another one of the hospital."""
    return await story.world.person(Party.INSTITUTION, story.cast.hospital, *roles, **more)


@pytest.mark.parametrize(
    ("state", "party", "takes"),
    [
        (State.INSTITUTION_REVIEW, Party.INSTITUTION, "operator"),
        (State.AUTHORITY_INTAKE, Party.AUTHORITY, "reviewer"),
        (State.ACCEPTED, Party.AUTHORITY, "decider"),
    ],
)
async def test_what_is_taken_and_put_back_is_the_same_application_and_told_to_colleagues_alone(
    story: Story, state: State, party: Party, takes: str
) -> None:
    await story.reach(state)
    before, who = await story.row(), story.person(takes)
    counts = {one: len(await story.heard(one)) for one in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)}
    await story.take(Step.TAKE, who)
    assert await held(story) == (who.account_id, NOW + HALF_AN_HOUR)
    await story.take(Step.PUT_BACK, who)
    assert await held(story) == (None, None)
    after = await story.row()
    assert {name: after[name] for name in UNCHANGED} == {name: before[name] for name in UNCHANGED}
    new = {one: (await story.heard(one))[count:] for one, count in counts.items()}
    assert {one for one, events in new.items() if events} == {party}
    assert [(e["type"], e["queue"], e["body"]["version"], e["body"]["to"]) for e in new[party]] == [
        ("application.taken", "TAKEN", before["version"], state),
        ("application.put_back", "PUT_BACK", before["version"], state),
    ]
    assert {"left", "entered"}.isdisjoint(new[party][0]["body"])


async def test_a_colleague_learns_who_has_it_and_until_when(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    for step in (Step.TAKE, Step.FORWARD, Step.RETURN, Step.DECLINE, Step.PUT_BACK):
        refusal = await story.refused(step, story.cast.manager)
        assert isinstance(refusal, Conflict)
        assert (refusal.by, refusal.at) == (story.cast.operator.actor.name, NOW + HALF_AN_HOUR)


async def test_a_lease_ends_by_itself_after_half_an_hour(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    story.clock.now = NOW + HALF_AN_HOUR - timedelta(microseconds=1)
    assert isinstance(await story.refused(Step.TAKE, story.cast.manager), Conflict)
    story.clock.now = NOW + HALF_AN_HOUR
    assert reason_of(await story.refused(Step.PUT_BACK, story.cast.operator)) == "NOT_HELD"
    await story.take(Step.TAKE, story.cast.manager)
    former = await story.refused(Step.FORWARD, story.cast.operator)
    assert isinstance(former, Conflict)
    assert (former.by, former.at) == (story.cast.manager.actor.name, NOW + 2 * HALF_AN_HOUR)


async def test_who_takes_it_again_has_it_for_longer(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    story.clock.now = NOW + timedelta(minutes=20)
    await story.take(Step.TAKE, story.cast.operator)
    assert await held(story) == (story.cast.operator.account_id, NOW + timedelta(minutes=50))


async def test_whoever_moves_it_on_ends_her_lease_and_a_former_holder_learns_of_it(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    stale = await story.order(Step.FORWARD, story.cast.manager)
    await story.take(Step.FORWARD, story.cast.operator)
    assert await held(story) == (None, None)
    with pytest.raises(Conflict) as late:
        await take_order(story.db, stale)
    assert (late.value.by, late.value.at) == (story.cast.operator.actor.name, NOW)


async def test_a_manager_gives_it_to_a_colleague_or_takes_it_herself(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    other = await colleague(story, Role.OPERATOR)
    await story.take(Step.TAKE, story.cast.operator)
    await story.take(Step.REASSIGN, story.cast.manager, to=other.account_id)
    assert await held(story) == (other.account_id, NOW + HALF_AN_HOUR)
    stolen = await story.refused(Step.FORWARD, story.cast.operator)
    assert isinstance(stolen, Conflict)
    assert (stolen.by, stolen.at) == (other.actor.name, NOW + HALF_AN_HOUR)
    await story.take(Step.REASSIGN, story.cast.manager, to=None)
    assert await held(story) == (story.cast.manager.account_id, NOW + HALF_AN_HOUR)
    events = [(event["type"], event["queue"]) for event in (await story.heard(Party.INSTITUTION))[-2:]]
    assert events == [("application.taken", "TAKEN")] * 2


async def test_a_supervisor_gives_it_to_a_colleague_of_the_same_authority(story: Story) -> None:
    await story.reach(State.ACCEPTED)
    chief = await supervisor(story)
    await story.take(Step.TAKE, story.cast.reviewer)
    await story.take(Step.REASSIGN, chief, to=story.cast.decider.account_id)
    assert await held(story) == (story.cast.decider.account_id, NOW + HALF_AN_HOUR)
    assert type(await story.refused(Step.REASSIGN, story.cast.decider)) is NotAllowed


async def test_nobody_gets_it_who_could_not_take_it_herself(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    world, cast = story.world, story.cast
    elsewhere = await world.person(Party.INSTITUTION, await world.institution(cast.district), Role.OPERATOR)
    nobody = [
        elsewhere,
        cast.viewer,
        cast.reviewer,
        cast.nurse,
        await colleague(story, Role.OPERATOR, state="DISABLED"),
        await colleague(story, Role.OPERATOR, self_nurse=cast.nurse_id),
    ]
    for person in nobody:
        refusal = await story.refused(Step.REASSIGN, cast.manager, to=person.account_id)
        assert codes_of(refusal) == {"NO_COLLEAGUE"}


async def test_strangers_and_who_has_no_right_take_nothing(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    hospital = await story.world.institution(story.cast.district)
    stranger = await story.world.person(Party.INSTITUTION, hospital, Role.OPERATOR)
    assert type(await story.refused(Step.TAKE, stranger)) is NotFound
    assert type(await story.refused(Step.TAKE, story.cast.viewer)) is NotAllowed
    assert type(await story.refused(Step.TAKE, story.cast.nurse)) is NotAllowed
    assert type(await story.refused(Step.REASSIGN, story.cast.operator)) is NotAllowed
    assert type(await story.refused(Step.TAKE, story.cast.reviewer)) is NotFound


async def test_a_retry_of_taking_takes_once(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    for _ in range(2):
        await story.take(Step.TAKE, story.cast.operator, idempotency_key="take-it-once")
    assert [event["type"] for event in await story.heard(Party.INSTITUTION)].count("application.taken") == 1


async def race(story: Story, *orders: tuple[Step, Person, dict[str, Any]]) -> list[Any]:
    """Eight tasks at once, the orders in turn; what each says, None for those that were carried out."""
    made = [await story.order(step, who, **more) for step, who, more in orders]
    answers = await at_once(*(take_order(story.db, made[n % len(made)]) for n in range(TASKS)))
    return [None if answer == story.id else answer for answer in answers]


async def test_of_colleagues_who_take_it_at_once_one_has_it(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.INSTITUTION_REVIEW)
        people = [beside.cast.operator, beside.cast.manager]
        answers = await race(beside, *((Step.TAKE, who, {}) for who in people))
        holder, _ = await held(beside)
        (first,) = [n for n, who in enumerate(people) if who.account_id == holder]
        assert [answer is None for answer in answers] == [n % 2 == first for n in range(TASKS)]
        assert {(type(one), one.by) for one in answers if one} == {(Conflict, people[first].actor.name)}


async def test_taking_and_forwarding_by_another_do_not_both_happen(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.INSTITUTION_REVIEW)
        taking = (Step.TAKE, beside.cast.operator, {})
        answers = await race(beside, taking, (Step.FORWARD, beside.cast.manager, {}))
        taken, forwarded = answers[0::2], answers[1::2]
        row = await beside.row()
        if row["state"] == State.INSTITUTION_REVIEW:
            assert (row["holder_id"], row["version"]) == (beside.cast.operator.account_id, 2)
            assert taken == [None] * 4
            assert {(type(one), one.by) for one in forwarded} == {(Conflict, beside.cast.operator.actor.name)}
        else:
            assert (row["state"], row["holder_id"], row["version"]) == (State.AUTHORITY_INTAKE, None, 3)
            assert [one is None for one in forwarded].count(True) == 1
            assert {type(one) for one in taken} == {Conflict}
        assert len(await beside.decisions()) == (row["state"] == State.AUTHORITY_INTAKE)


async def test_who_loses_the_lease_while_forwarding_is_told_or_was_first(story: Story) -> None:
    for _ in range(ROUNDS):
        beside = await (await story.beside()).reach(State.INSTITUTION_REVIEW)
        cast = beside.cast
        await beside.take(Step.TAKE, cast.operator)
        stealing = (Step.REASSIGN, cast.manager, {"to": None})
        answers = await race(beside, (Step.FORWARD, cast.operator, {}), stealing)
        row = await beside.row()
        if row["state"] == State.INSTITUTION_REVIEW:
            assert row["holder_id"] == cast.manager.account_id
            assert {(type(one), one.by) for one in answers[0::2]} == {(Conflict, cast.manager.actor.name)}
        else:
            assert (row["holder_id"], answers[0::2].count(None)) == (None, 1)
            late = {(type(one), one.by) for one in answers if one}
            assert late == {(Conflict, cast.operator.actor.name)}


HELD = "query($id: ID!) { application(id: $id) { heldBy heldUntil version availableSteps } }"


async def test_only_colleagues_of_the_holder_read_her_name(services: Services, story: Story, timed: Database) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    cast, both, key = story.cast, Both(services), global_id("Application", story.id)
    chief = await story.world.person(Party.AUTHORITY, cast.nation, Role.SUPERVISOR)
    until = "update application set holder_id = $2, held_until = now() + $3::interval where id = $1"
    await story.world.owner.execute(until, story.id, cast.reviewer.account_id, HALF_AN_HOUR)
    seen = {}
    for person in (cast.nurse, cast.operator, cast.reviewer, cast.decider, chief):
        (answer,) = (await both.data(HELD, person, id=key)).values()
        seen[person.account_id] = (answer["heldBy"], answer["heldUntil"] is not None)
    name = cast.reviewer.actor.name
    for person in (cast.reviewer, cast.decider):
        assert seen.pop(person.account_id) == (name, True)
    assert [*seen.values()] == [(None, False)] * 3
    await story.world.owner.execute(until, story.id, cast.reviewer.account_id, -HALF_AN_HOUR)
    (over,) = (await both.data(HELD, cast.decider, id=key)).values()
    assert (over["heldBy"], over["heldUntil"]) == (None, None)


async def test_the_rules_judge_the_lease_that_the_plan_reads(services: Services, story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    until = "update application set holder_id = $2, held_until = now() + interval '5 minutes' where id = $1"
    await story.world.owner.execute(until, story.id, story.cast.operator.account_id)
    both, key = Both(services), global_id("Application", story.id)
    open_to = {
        name: (await both.data(HELD, story.person(name), id=key))["application"]["availableSteps"]
        for name in ("operator", "manager", "viewer")
    }
    assert open_to["viewer"] == []
    assert {"TAKE", "PUT_BACK", "FORWARD"} <= set(open_to["operator"])
    assert open_to["manager"] == ["REASSIGN"]
    async with services.db.read() as reader:
        found, _ = await judged(reader, [story.id])
    assert found[story.id].queued_at is not None


async def test_an_unreadable_colleague_is_an_error_of_the_field(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    refusal = await story.refused(Step.REASSIGN, story.cast.manager, to=story.id)
    assert isinstance(refusal, Invalid)
    assert [problem.path for problem in refusal.problems] == ["to"]


async def test_who_is_disabled_holds_nothing_any_more_and_the_others_see_it_live(
    services: Services, story: Story
) -> None:
    """F19: what a colleague had taken lay with her for the rest of half an hour, though she was shut out."""
    await story.reach(State.INSTITUTION_REVIEW)
    await story.world.owner.execute(
        "update application set holder_id = $2, held_until = now() + interval '20 minutes' where id = $1",
        *(story.id, story.cast.operator.account_id),
    )
    before, count = await story.row(), len(await story.heard(Party.INSTITUTION))
    silent = [len(await story.heard(one)) for one in (Party.NURSE, Party.AUTHORITY)]
    await take(services.db, story.cast.manager.session, StaffDisable(story.cast.operator.account_id))
    after = await story.row()
    assert (after["holder_id"], after["held_until"]) == (None, None)
    assert [after[name] for name in UNCHANGED] == [before[name] for name in UNCHANGED]
    news = (await story.heard(Party.INSTITUTION))[count:]
    assert [one["type"] for one in news] == ["application.put_back"]
    assert [len(await story.heard(one)) for one in (Party.NURSE, Party.AUTHORITY)] == silent


async def test_a_refused_disabling_leaves_what_she_holds(services: Services, story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.world.owner.execute(
        "update application set holder_id = $2, held_until = now() + interval '20 minutes' where id = $1",
        *(story.id, story.cast.operator.account_id),
    )
    before, viewer = await story.row(), story.cast.viewer
    with pytest.raises(NotAllowed):
        await take(services.db, viewer.session, StaffDisable(story.cast.operator.account_id))
    assert await story.row() == before

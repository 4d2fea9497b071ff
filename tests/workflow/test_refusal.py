"""Whoever may not take a step, from wherever it cannot be taken: refused by type, and nothing has moved."""

from __future__ import annotations

from typing import Final

import pytest
from uuid_utils.compat import uuid7

from rules.application import State, Step
from rules.errors import Conflict, NotAllowed, NotFound, RegistryError, Unauthenticated, WrongState
from rules.people import Party, Role
from tests.support.orders import take_order
from tests.support.story import BY, PATHS, Story, reason_of
from tests.support.world import Person

FROM: Final = {
    Step.SUBMIT: State.DRAFT,
    Step.RETURN: State.INSTITUTION_REVIEW,
    Step.RESUBMIT: State.RETURNED,
    Step.FORWARD: State.INSTITUTION_REVIEW,
    Step.DECLINE: State.INSTITUTION_REVIEW,
    Step.REQUIRE_CORRECTION: State.AUTHORITY_INTAKE,
    Step.SUPPLEMENT: State.CORRECTION_REQUIRED,
    Step.ACCEPT: State.AUTHORITY_INTAKE,
    Step.REFUSE_INTAKE: State.AUTHORITY_INTAKE,
    Step.RECOMMEND: State.ACCEPTED,
    Step.APPROVE: State.ACCEPTED,
    Step.REJECT: State.ACCEPTED,
    Step.WITHDRAW: State.INSTITUTION_REVIEW,
}
PEOPLE: Final = ("nurse", "operator", "manager", "viewer", "reviewer", "decider")
STAFF: Final = {Party.INSTITUTION: (Role.MANAGER,), Party.AUTHORITY: (Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR)}


def takers(step: Step) -> set[str]:
    """Who of a cast takes a step: a manager what an operator takes, either of them what the nurse may supply."""
    by = {BY[step], "operator"} if step is Step.SUPPLEMENT else {BY[step]}
    return by | {"manager"} if "operator" in by else by


def involved(state: State) -> set[str]:
    """Who of a cast knows of an application."""
    if state is State.DRAFT:
        return {"nurse"}
    reviewed = {"nurse", "operator", "manager", "viewer"}
    return {*PEOPLE} if Step.FORWARD in PATHS[state] else reviewed


@pytest.mark.parametrize("step", FROM)
async def test_who_does_not_take_the_step(story: Story, step: Step) -> None:
    await story.reach(FROM[step])
    for name in {*PEOPLE} - takers(step):
        expected = NotAllowed if name in involved(FROM[step]) else NotFound
        assert type(await story.refused(step, story.person(name))) is expected, name


@pytest.mark.parametrize("step", FROM)
async def test_strangers_and_unknown_applications_look_the_same(story: Story, step: Step) -> None:
    await story.reach(FROM[step])
    strangers = await story.world.cast()
    for name in PEOPLE:
        refusal = await story.refused(step, getattr(strangers, name))
        unknown = (await story.order(step)).but(application_id=uuid7())
        with pytest.raises(NotFound) as none_such:
            await take_order(story.db, unknown)
        assert (type(refusal), refusal.words) == (NotFound, none_such.value.words)


@pytest.mark.parametrize("step", [step for step in FROM if BY[step] != "nurse"])
async def test_staff_do_not_act_on_an_application_about_themselves(story: Story, step: Step) -> None:
    await story.reach(FROM[step])
    usual = story.person(BY[step]).actor
    assert usual.party is not None
    herself = await story.world.person(usual.party, usual.party_id, *STAFF[usual.party], self_nurse=story.cast.nurse_id)
    assert reason_of(await story.refused(step, herself)) == "ABOUT_YOURSELF"


@pytest.mark.parametrize("state", PATHS)
async def test_a_step_from_another_state_is_told_where_it_stands(story: Story, state: State) -> None:
    await story.reach(state)
    for step, name in BY.items():
        leads_on = FROM[step] is state or (step is Step.WITHDRAW and state in {*FROM.values()})
        if leads_on:
            continue
        refusal = await story.refused(step)
        if name in involved(state):
            assert isinstance(refusal, WrongState), step
            assert refusal.state == state
        else:
            assert type(refusal) is NotFound, step


async def test_a_wrong_state_names_what_she_can_do_instead(story: Story) -> None:
    await story.reach(State.RETURNED)
    refusal = await story.refused(Step.SUBMIT)
    assert isinstance(refusal, WrongState)
    assert refusal.open_steps == (Step.RESUBMIT, Step.WITHDRAW)


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("step", FROM)
async def test_an_application_seen_in_another_version(story: Story, step: Step, by: int) -> None:
    await story.reach(FROM[step])
    row = await story.row()
    refusal = await story.refused(step, expected_version=row["version"] + by)
    assert isinstance(refusal, Conflict)
    assert (refusal.current_version, refusal.at) == (row["version"], row["moved_at"])


async def test_who_moved_it_is_named_to_her_colleagues_alone(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    refusal = await story.refused(Step.FORWARD, story.cast.manager, expected_version=2)
    others = await story.refused(Step.ACCEPT, expected_version=2)
    assert isinstance(refusal, Conflict)
    assert isinstance(others, Conflict)
    assert (refusal.by, others.by) == (story.cast.operator.actor.name, None)


@pytest.mark.parametrize(
    "ended",
    [
        "update session set revoked_at = now() where account_id = $1",
        "update session set expires_at = now() where account_id = $1",
        "update account set state = 'DISABLED' where id = $1",
        "update account set state = 'REVOKED' where id = $1",
        "update institution set state = 'CLOSED' where id = (select institution_id from account where id = $1)",
    ],
)
async def test_who_is_no_longer_signed_in(story: Story, ended: str) -> None:
    """The session is read in the transaction of the step: what the door knew a moment ago does not count."""
    await story.reach(State.INSTITUTION_REVIEW)
    await story.world.owner.execute(ended, story.cast.operator.account_id)
    assert type(await story.refused(Step.FORWARD)) is Unauthenticated


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ("account set roles = '{VIEWER}'", NotAllowed),
        ("account set state = 'INACTIVE'", NotAllowed),
        ("account set self_nurse_id = (select nurse_id from application where institution_id = $2)", NotAllowed),
    ],
)
async def test_an_account_counts_as_it_is_now(story: Story, changed: str, refusal: type[RegistryError]) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    sql = f"update {changed} where id = $1 and institution_id = $2"
    await story.world.owner.execute(sql, story.cast.operator.account_id, story.cast.hospital)
    assert type(await story.refused(Step.FORWARD)) is refusal


async def test_an_inactive_nurse_speaks_for_nobody(story: Story) -> None:
    sql = "update account set state = 'INACTIVE' where id = $1"
    await story.world.owner.execute(sql, story.cast.nurse.account_id)
    assert type(await story.refused(Step.SUBMIT)) is NotFound


async def _lease(story: Story, holder: Person, minutes: int) -> None:
    sql = "update application set holder_id = $2, held_until = $3::timestamptz + $4 * interval '1 minute' where id = $1"
    await story.world.owner.execute(sql, story.id, holder.account_id, story.clock.now, minutes)


async def test_what_a_colleague_holds_is_left_to_her(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await _lease(story, story.cast.manager, 30)
    refusal = await story.refused(Step.FORWARD)
    assert isinstance(refusal, Conflict)
    assert (refusal.by, refusal.at) == (story.cast.manager.actor.name, (await story.row())["held_until"])
    await story.take(Step.FORWARD, story.cast.manager)
    row = await story.row()
    assert (row["state"], row["holder_id"], row["held_until"]) == (State.AUTHORITY_INTAKE, None, None)


async def test_a_lease_that_has_ended_keeps_nobody_out(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await _lease(story, story.cast.manager, 0)
    await story.take(Step.FORWARD)


async def test_a_nurse_withdraws_whoever_holds_it(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await _lease(story, story.cast.manager, 30)
    await story.take(Step.WITHDRAW)
    assert (await story.row())["holder_id"] is None

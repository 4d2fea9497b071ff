"""Nobody acts about herself, and no small place is stranded by it: past the institution, or to the authority above."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from db import application as applications
from db.read.filter import EVERYTHING
from rules.application import State, Step, steps_open_to
from rules.errors import NotAllowed, NotFound
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.nurse import DeregistrationReason
from rules.people import SYSTEM, Party, Role
from tests.support.competitors import by_itself
from tests.support.kinds import forms
from tests.support.orders import draft_of, take_order
from tests.support.rounds import ROUNDS
from tests.support.story import EXPIRY, FILLED, NOW, Story, open_story, reason_of
from tests.support.unaddressed import unaddressed
from tests.support.world import Person
from workflow import collective, collective_job
from workflow.collective import CollectiveFilingStart
from workflow.collective_choice import Wish
from workflow.counter import ApplicationFileAtCounter
from workflow.deregistration import ApplicationFileDeregistration
from workflow.scheduler import run
from workflow.staff_disabling import StaffDisable, StaffSetRoles
from workflow.step import Underway, carry_out, take

I, A, N = Party.INSTITUTION, Party.AUTHORITY, Party.NURSE  # noqa: E741
WENT: dict[str, Any] = {"state": State.AUTHORITY_INTAKE, "unconfirmed": "NO_OTHER_PERSON", "version": 3}


async def disable(story: Story, *people: Person) -> None:
    """Shut them out, straight in the table."""
    keys = [one.account_id for one in people]
    await story.world.owner.execute("update account set state = 'DISABLED' where id = any($1)", keys)


async def herself(story: Story, *roles: Role, of: UUID | None = None) -> Person:
    """The nurse as a member of staff where she works, or somewhere else."""
    place = of or story.cast.hospital
    party = I if roles[0] in (Role.OPERATOR, Role.MANAGER, Role.VIEWER) else A
    return await story.world.person(party, place, *roles, self_nurse=story.cast.nurse_id)


async def stands(story: Story, *names: str) -> dict[str, Any]:
    """Some columns of the application."""
    row = await story.row()
    return {name: row[name] for name in names}


async def desk(story: Story, scope: UUID) -> list[tuple[str, str | None]]:
    """What a place heard of the application, and what that did to its pending reviews."""
    sql = "select type, queue from event where scope = $1 and application_id = $2 order by seq"
    return [(row["type"], row["queue"]) for row in await story.rows(sql, scope, story.id)]


@pytest.mark.feature("N18")
@pytest.mark.parametrize("who", ["she alone", "she alone manages", "nobody", "a viewer", "somebody invited"])
async def test_where_nobody_else_may_act_it_goes_to_the_authority_with_its_filing(story: Story, who: str) -> None:
    cast = story.cast
    await disable(story, cast.operator, cast.manager)
    match who:
        case "she alone":
            await herself(story, Role.OPERATOR)
        case "she alone manages":
            await herself(story, Role.MANAGER)
        case "nobody":
            await disable(story, cast.viewer)
        case "somebody invited":
            await story.world.person(I, cast.hospital, Role.OPERATOR, state="INVITED")
    await story.take(Step.SUBMIT)
    assert await stands(story, *WENT) == WENT
    row = await story.row()
    assert (row["authority_id"], row["institution_id"]) == (cast.district, cast.hospital)
    assert [row[name] for name in ("submitted_at", "forwarded_at", "queued_at", "escalated_at")] == [NOW] * 4
    (decision,) = await story.decisions()
    columns = ("stage", "outcome", "decider_id", "revision")
    assert [decision[name] for name in columns] == ["INSTITUTION", "NO_OTHER_PERSON", None, 1]
    filed, went = "application.submitted", "application.escalated"
    assert await desk(story, cast.hospital) == [(filed, "ADDED"), (went, "REMOVED")]
    assert await desk(story, cast.district) == [(went, "ADDED")]
    assert await desk(story, cast.nurse_id) == [(filed, None), (went, None)]
    assert (await story.heard(A))[-1]["body"]["outcome"] == "NO_OTHER_PERSON"
    for step in (Step.ACCEPT, Step.RECOMMEND, Step.APPROVE):
        await story.take(step)


async def test_where_a_colleague_may_act_it_waits_for_her(story: Story) -> None:
    await disable(story, story.cast.manager)
    own = await herself(story, Role.OPERATOR)
    await story.take(Step.SUBMIT)
    assert await stands(story, "state", "unconfirmed", "version") == {
        "state": State.INSTITUTION_REVIEW,
        "unconfirmed": None,
        "version": 2,
    }
    assert reason_of(await story.refused(Step.FORWARD, own)) == "ABOUT_YOURSELF"
    assert reason_of(await story.refused(Step.ESCALATE, story.cast.nurse)) == "INSTITUTION_HAS_TIME"
    await story.take(Step.FORWARD)
    assert (await story.row())["unconfirmed"] is None


async def test_who_moves_to_a_clinic_of_her_own_names_it_and_goes_past_it(story: Story) -> None:
    cast = story.cast
    clinic = await story.world.institution(cast.district)
    own = await herself(story, Role.MANAGER, of=clinic)
    await take_order(story.db, await story.order(Step.WITHDRAW))
    change = draft_of(cast.nurse.session, forms(NOW.date())[Kind.CHANGE], institution_id=clinic)
    moving = replace(story, id=await take_order(story.db, change))
    await moving.take(Step.SUBMIT)
    assert await stands(moving, *WENT) == WENT
    assert await desk(moving, clinic) == [("application.submitted", "ADDED"), ("application.escalated", "REMOVED")]
    assert type(await moving.refused(Step.ACCEPT, own)) is not None


async def test_who_could_only_claim_it_for_herself_is_told_to_name_the_clinic(story: Story) -> None:
    waiting = await unaddressed(story)
    clinic = await story.world.institution(story.cast.district)
    own = await story.world.person(I, clinic, Role.MANAGER, self_nurse=waiting.cast.nurse_id)
    refusal = await waiting.not_claimed(own)
    assert reason_of(refusal) == "ABOUT_YOURSELF"
    assert "请撤回后重新提交，并选定该机构" in refusal.words.zh


async def test_what_was_returned_goes_past_an_institution_that_has_lost_its_people(story: Story) -> None:
    await story.reach(State.RETURNED)
    await disable(story, story.cast.operator, story.cast.manager)
    await story.take(Step.RESUBMIT)
    assert await stands(story, *WENT) == {**WENT, "version": 5}
    assert [one["outcome"] for one in await story.decisions()] == ["RETURNED", "NO_OTHER_PERSON"]


async def shut_out(story: Story, how: str, by: Person, whom: Person) -> None:
    """A manager disables somebody, or takes away her role."""
    roles = frozenset({Role.VIEWER if whom.actor.party is I else Role.SUPERVISOR})
    wish = StaffDisable(whom.account_id) if how == "disabled" else StaffSetRoles(whom.account_id, roles)
    await take(story.db, by.session, wish)


@pytest.mark.parametrize("how", ["disabled", "without a role"])
async def test_what_waits_goes_on_with_the_step_that_leaves_nobody_for_it(story: Story, how: str) -> None:
    cast, other = story.cast, await story.beside()
    own = await herself(story, Role.MANAGER)
    await disable(story, cast.manager)
    await story.take(Step.SUBMIT)
    await other.take(Step.SUBMIT)
    await story.take(Step.TAKE, cast.operator)
    await shut_out(story, how, own, cast.operator)
    assert await stands(story, *WENT) == WENT
    assert (await story.row())["holder_id"] is None
    assert (await desk(story, cast.hospital))[-1] == ("application.escalated", "REMOVED")
    assert await desk(story, cast.district) == [("application.escalated", "ADDED")]
    # She may act on her colleague's.
    assert await stands(other, "state", "unconfirmed") == {"state": State.INSTITUTION_REVIEW, "unconfirmed": None}
    await other.take(Step.FORWARD, own)


async def settled(story: Story) -> None:
    """What other tests have left to the clock is done."""
    # A day that was settled later than this clock stands would have its due dates counted again for ever.
    await story.world.owner.execute("update calendar_day set settled_at = $1 where settled_at > $1", NOW)
    while await run(story.db):
        pass


async def test_the_clock_finds_what_stands_still_since_somebody_is_known_to_be_the_nurse(story: Story) -> None:
    cast = story.cast
    await settled(story)
    await disable(story, cast.manager)
    await story.take(Step.SUBMIT)
    assert await run(story.db) == {}
    assert Step.ESCALATE not in await open_to_her(story)
    sql = "update account set self_nurse_id = $2 where id = $1"
    await story.world.owner.execute(sql, cast.operator.account_id, cast.nurse_id)
    assert Step.ESCALATE in await open_to_her(story)
    assert await run(story.db) == {"ESCALATE": 1}
    assert await stands(story, *WENT) == WENT
    assert await run(story.db) == {}


async def open_to_her(story: Story) -> list[Step]:
    """The steps that the nurse is offered."""
    async with story.db.begin() as tx:
        await tx.ask_time()
        found = await applications.lock(tx, story.id)
        return steps_open_to(story.cast.nurse.actor, found, tx.now)


async def test_the_nurse_herself_may_go_on_at_once_where_nobody_is_left(story: Story) -> None:
    await story.take(Step.SUBMIT)
    await disable(story, story.cast.operator, story.cast.manager)
    await story.take(Step.ESCALATE, story.cast.nurse)
    assert await stands(story, *WENT) == WENT
    assert [one["outcome"] for one in await story.decisions()] == ["NO_OTHER_PERSON"]


async def test_a_filing_that_races_the_last_colleagues_end_never_stands_still(story: Story) -> None:
    own = await herself(story, Role.MANAGER)
    await disable(story, story.cast.manager)
    await story.take(Step.WITHDRAW)
    for _ in range(ROUNDS):
        anew = await open_story(story.db, story.world, story.clock, story.cast)
        colleague = await story.world.person(I, story.cast.hospital, Role.OPERATOR)
        await disable(story, story.cast.operator)
        answers = await asyncio.gather(
            anew.take(Step.SUBMIT), shut_out(story, "disabled", own, colleague), return_exceptions=True
        )
        assert answers == [None, None]
        await run(story.db)
        assert await stands(anew, *WENT) == WENT
        assert len(await desk(anew, story.cast.district)) == 1
        await anew.take(Step.WITHDRAW)


@pytest_asyncio.fixture
async def above(story: Story) -> list[Person]:
    """The officers of the authority above the district."""
    nation = story.cast.nation
    return [await story.world.person(A, nation, role) for role in (Role.REVIEWER, Role.DECIDER)]


async def went_up(story: Story, state: State) -> None:
    """It lies with the authority above, whose feed says so; the period runs on."""
    cast = story.cast
    row = await story.row()
    assert (row["state"], row["authority_id"], row["passed_up_from_id"]) == (state, cast.nation, cast.district)
    assert row["recommender_id"] is None
    assert [one["outcome"] for one in await story.decisions()][-1] == "PASSED_UP"
    assert (await desk(story, cast.district))[-1] == ("application.transferred", "REMOVED")
    assert await desk(story, cast.nation) == [("application.transferred", "ADDED")]


@pytest.mark.feature("A4")
@pytest.mark.parametrize(
    ("officers", "two_persons", "up"),
    [
        ([Role.REVIEWER, Role.DECIDER], True, False),
        ([Role.REVIEWER, Role.DECIDER], False, False),
        ([Role.REVIEWER], True, True),
        ([Role.DECIDER], True, True),
        ([], False, True),
        ([(Role.REVIEWER, Role.DECIDER)], True, True),
        ([(Role.REVIEWER, Role.DECIDER)], False, False),
        ([(Role.REVIEWER, Role.DECIDER), Role.REVIEWER], True, False),
        ([(Role.REVIEWER, Role.DECIDER), Role.DECIDER], True, False),
        ([Role.REVIEWER, "she"], True, True),
        ([Role.SUPERVISOR, Role.DECIDER], True, True),
    ],
    ids=str,
)
async def test_what_an_authority_has_no_officers_for_is_the_one_aboves(
    story: Story, above: list[Person], officers: list[Any], two_persons: bool, up: bool
) -> None:
    cast = story.cast
    await disable(story, cast.reviewer, cast.decider)
    await story.world.owner.execute("update authority set two_persons = $2 where id = $1", cast.district, two_persons)
    for roles in officers:
        if roles == "she":
            await herself(story, Role.DECIDER, of=cast.district)
        else:
            await story.world.person(A, cast.district, *(roles if isinstance(roles, tuple) else (roles,)))
    await story.take(Step.SUBMIT)
    await story.take(Step.FORWARD)
    if up:
        await went_up(story, State.AUTHORITY_INTAKE)
        assert (await desk(story, cast.district))[0] == ("application.forwarded", "ADDED")
    else:
        assert await stands(story, "authority_id", "version") == {"authority_id": cast.district, "version": 3}


@pytest.mark.feature("A4")
async def test_the_authority_above_decides_and_the_entry_stays_the_districts(story: Story, above: list[Person]) -> None:
    cast, (reviewer, decider) = story.cast, above
    await disable(story, cast.decider)
    await story.take(Step.SUBMIT)
    await story.take(Step.FORWARD)
    assert type(await story.refused(Step.ACCEPT)) is NotFound
    assert await due(story) is None
    await story.take(Step.ACCEPT, reviewer)
    assert reason_of(await story.refused(Step.APPROVE, decider)) == "RECOMMENDATION_MISSING"
    await story.take(Step.RECOMMEND, reviewer)
    await story.take(Step.APPROVE, decider)
    entry = await story.registration()
    assert (entry["authority_id"], entry["valid_until"] > EXPIRY) == (cast.district, True)


async def due(story: Story) -> Any:
    """The day by which it is due."""
    return (await story.row())["due_on"]


async def test_who_comes_to_a_place_whose_authority_cannot_decide_is_entered_there(
    story: Story, above: list[Person]
) -> None:
    cast, (reviewer, decider) = story.cast, above
    there = await story.world.cast()
    district = await story.world.authority(cast.nation)
    hospital = await story.world.institution(district)
    operator = await story.world.person(I, hospital, Role.OPERATOR)
    await take_order(story.db, await story.order(Step.WITHDRAW))
    change = draft_of(cast.nurse.session, forms(NOW.date())[Kind.CHANGE], institution_id=hospital)
    moving = replace(story, id=await take_order(story.db, change), cast=replace(cast, district=district))
    await moving.take(Step.SUBMIT)
    await moving.take(Step.FORWARD, operator)
    await went_up(moving, State.AUTHORITY_INTAKE)
    for step, who in ((Step.ACCEPT, reviewer), (Step.RECOMMEND, reviewer), (Step.APPROVE, decider)):
        await moving.take(step, who)
    entry = await moving.registration()
    assert (entry["institution_id"], entry["authority_id"]) == (hospital, district)
    assert there.nation != cast.nation


@pytest.mark.parametrize("how", ["disabled", "without a role"])
@pytest.mark.parametrize("state", [State.AUTHORITY_INTAKE, State.ACCEPTED])
async def test_what_waits_goes_up_with_the_step_that_takes_its_officer(
    story: Story, above: list[Person], state: State, how: str
) -> None:
    supervisor = await story.world.person(A, story.cast.district, Role.SUPERVISOR)
    await story.reach(state)
    await shut_out(story, how, supervisor, story.cast.decider)
    await went_up(story, state)
    await story.take(Step.ACCEPT if state is State.AUTHORITY_INTAKE else Step.RECOMMEND, above[0])


async def test_a_recommendation_stands_while_another_officer_can_decide(story: Story, above: list[Person]) -> None:
    cast = story.cast
    supervisor = await story.world.person(A, cast.district, Role.SUPERVISOR)
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    await shut_out(story, "disabled", supervisor, cast.reviewer)
    assert (await story.row())["authority_id"] == cast.district
    await story.take(Step.APPROVE)


async def test_the_nearest_authority_with_officers_takes_it(story: Story, above: list[Person]) -> None:
    world, cast = story.world, story.cast
    city = await world.authority(cast.nation)
    district = await world.authority(city)
    for table in (
        "approval_setting set authority_id = $2 where institution_id",
        "institution set authority_id = $2 where id",
    ):
        await world.owner.execute(f"update {table} = $1", cast.hospital, district)
    near = await world.person(A, city, Role.REVIEWER, Role.DECIDER)
    await world.person(A, city, Role.DECIDER)
    await story.take(Step.SUBMIT)
    await story.take(Step.FORWARD)
    assert await stands(story, "authority_id", "passed_up_from_id") == {
        "authority_id": city,
        "passed_up_from_id": district,
    }
    await story.take(Step.ACCEPT, near)
    await disable(story, near)
    assert await run(story.db) == {"PASS_UP": 1}
    assert await stands(story, "authority_id", "passed_up_from_id") == {
        "authority_id": cast.nation,
        "passed_up_from_id": district,
    }


async def test_where_no_authority_above_has_officers_it_stays_and_is_told_why(story: Story) -> None:
    cast = story.cast
    await settled(story)
    own = await herself(story, Role.DECIDER, of=cast.district)
    await story.reach(State.ACCEPTED)
    await story.take(Step.RECOMMEND)
    await disable(story, cast.decider)
    assert await run(story.db) == {}
    assert await stands(story, "authority_id", "passed_up_from_id") == {
        "authority_id": cast.district,
        "passed_up_from_id": None,
    }
    assert reason_of(await story.refused(Step.APPROVE, own)) == "ABOUT_YOURSELF"
    for role in (Role.REVIEWER, Role.DECIDER):
        await story.world.person(A, cast.nation, role)
    assert await run(story.db) == {"PASS_UP": 1}
    await went_up(story, State.ACCEPTED)


async def test_the_system_passes_up_nothing_that_has_its_officers(story: Story, above: list[Person]) -> None:
    await story.reach(State.ACCEPTED)
    before = await story.everything()
    with pytest.raises(NotAllowed) as refusal:
        async with story.db.begin() as tx:
            await tx.ask_time()
            version = (await story.row())["version"]
            await carry_out(Underway(tx, SYSTEM, by_itself(Step.PASS_UP, story.id, version), story.id))
    assert refusal.value.reason == "OFFICERS_THERE"
    assert await story.everything() == before


async def test_a_transfer_makes_it_the_entry_of_whom_it_goes_to(story: Story, above: list[Person]) -> None:
    cast = story.cast
    await disable(story, cast.decider)
    await story.take(Step.SUBMIT)
    await story.take(Step.FORWARD)
    other = await story.world.authority(cast.nation)
    for role in (Role.REVIEWER, Role.DECIDER):
        await story.world.person(A, other, role)
    hers = "update registration set authority_id = $2 where nurse_id = $1"
    await story.world.owner.execute(hers, cast.nurse_id, other)
    await story.take(Step.TRANSFER, above[0], authority_id=other)
    assert await stands(story, "authority_id", "passed_up_from_id") == {
        "authority_id": other,
        "passed_up_from_id": None,
    }


async def test_an_institution_without_people_and_an_authority_without_officers_are_both_passed(
    story: Story, above: list[Person]
) -> None:
    cast = story.cast
    await disable(story, cast.operator, cast.manager, cast.decider)
    await story.take(Step.SUBMIT)
    await went_up(story, State.AUTHORITY_INTAKE)
    assert await stands(story, "unconfirmed", "version") == {"unconfirmed": "NO_OTHER_PERSON", "version": 4}
    versions = [one["body"]["version"] for one in await story.heard(N)]
    assert versions == [2, 3, 4]


@pytest.mark.parametrize("of", ["the counter", "her institution", "a list"])
async def test_what_others_file_for_her_goes_up_with_its_filing(story: Story, above: list[Person], of: str) -> None:
    cast, db = story.cast, story.db
    await story.take(Step.WITHDRAW)
    await disable(story, cast.decider)
    match of:
        case "the counter":
            filed = ApplicationFileAtCounter(cast.nurse_id, FILLED, identity_seen=True)
            key = await take(db, cast.reviewer.session, filed)
        case "her institution":
            leaving = DeregistrationForm(DeregistrationReason.OTHER, "不再从事护理工作")
            key = await take(db, cast.operator.session, ApplicationFileDeregistration(cast.nurse_id, leaving))
        case _:
            wish = Wish(Kind.RENEWAL, FILLED, where=EVERYTHING, changes_record=True)
            await collective.start(db, cast.operator.session, CollectiveFilingStart(wish))
            await collective_job.run(db)
            sql = "select id from application where nurse_id = $1 and collective_filing_id is not null"
            key = await story.world.owner.fetchval(sql, cast.nurse_id)
    filed_for_her = replace(story, id=key)
    await went_up(filed_for_her, State.AUTHORITY_INTAKE)
    assert (await filed_for_her.row())["version"] == 2
    assert (await desk(filed_for_her, cast.district))[0] == ("application.submitted", "ADDED")

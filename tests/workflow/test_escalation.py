"""Going on without the institution: after its silence, where it ends, and where another authority is competent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db import application as applications
from db.feed import event
from db.store.engine import SHANGHAI
from rules.application import State, Step, steps_open_to
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from rules.escalation import Route, competent
from rules.kinds import Kind
from rules.people import SYSTEM, Actor, Party, Role
from rules.working_days import add_years
from tests.support.application_story import FORMS, Drafts
from tests.support.day_shown import day_shown
from tests.support.filed_applications import put
from tests.support.orders import order_of, take_order
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.story import EXPIRY, NOW, Story, codes_of, reason_of
from tests.support.world import Person
from workflow.escalation import leave_reviews

# From Friday 26 September 2025: 28, 29, 30 September, 9, 10, 11, 13, 14, 15, 16 October are ten working days.
TENTH = datetime(2025, 10, 16, 23, 59, tzinfo=SHANGHAI)
AFTER = datetime(2025, 10, 17, 0, 0, tzinfo=SHANGHAI)


@pytest.mark.feature("N18")
async def test_after_ten_working_days_of_silence_she_goes_on_without_her_institution(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await story.take(Step.TAKE, story.cast.operator)
    assert await day_shown(story.db, story.id, "escalatesFrom") == AFTER.date()
    for early in (NOW, NOW + timedelta(days=9), NOW + timedelta(days=11), TENTH):
        story.clock.now = early
        assert reason_of(await story.refused(Step.ESCALATE, story.cast.nurse)) == "INSTITUTION_HAS_TIME"
    story.clock.now = AFTER
    await story.take(Step.ESCALATE, story.cast.nurse)
    row = await story.row()
    assert (row["state"], row["authority_id"], row["version"]) == (State.AUTHORITY_INTAKE, story.cast.district, 3)
    assert [row[name] for name in ("escalated_at", "forwarded_at", "queued_at")] == [AFTER] * 3
    assert (row["institution_id"], row["holder_id"]) == (story.cast.hospital, None)
    assert await story.decisions() == []
    events = {party: (await story.heard(party))[-1] for party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)}
    assert {one["type"] for one in events.values()} == {"application.escalated"}
    assert [events[party]["queue"] for party in events] == [None, "REMOVED", "ADDED"]
    assert events[Party.INSTITUTION]["body"]["left"] == State.INSTITUTION_REVIEW
    assert events[Party.AUTHORITY]["body"]["entered"] == State.AUTHORITY_INTAKE
    assert await day_shown(story.db, story.id, "escalatesFrom") is None
    await story.take(Step.ACCEPT)


@pytest.mark.feature("N18")
@pytest.mark.parametrize("why", ["suspended", "closed", "no authority"])
async def test_she_waits_for_no_institution_that_cannot_send_it_on(story: Story, why: str) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    assert Step.ESCALATE not in await open_to_her(story)
    owner, hospital = story.world.owner, story.cast.hospital
    if why == "no authority":
        await owner.execute("update approval_setting set authority_id = null where institution_id = $1", hospital)
    else:
        await owner.execute("update institution set state = $2 where id = $1", hospital, why.upper())
    assert Step.ESCALATE in await open_to_her(story)
    assert await day_shown(story.db, story.id, "escalatesFrom") is None
    await story.take(Step.ESCALATE, story.cast.nurse)
    row = await story.row()
    assert (row["state"], row["authority_id"]) == (State.AUTHORITY_INTAKE, story.cast.district)


async def open_to_her(story: Story) -> list[Step]:
    """The steps open to the nurse."""
    async with story.db.read() as reader:
        found, _ = await applications.judged(reader, [story.id])
    return steps_open_to(story.cast.nurse.actor, found[story.id], story.clock.now)


async def test_the_refusal_says_when_she_may(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    story.clock.now = NOW + timedelta(days=12)
    refusal = await story.refused(Step.ESCALATE, story.cast.nurse)
    assert refusal.words.en == (
        "The institution has 10 working days from 2025-09-26: it can go on without its word after 2025-10-16."
    )


async def test_silence_begins_anew_when_she_has_answered_the_institution(story: Story) -> None:
    await story.reach(State.RETURNED)
    story.clock.now = AFTER
    await story.take(Step.RESUBMIT)
    assert reason_of(await story.refused(Step.ESCALATE, story.cast.nurse)) == "INSTITUTION_HAS_TIME"


async def test_nobody_but_the_nurse_passes_over_the_institution(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    story.clock.now = AFTER
    assert type(await story.refused(Step.ESCALATE, story.cast.operator)) is NotAllowed
    assert type(await story.refused(Step.ESCALATE, story.cast.reviewer)) is NotFound
    await story.take(Step.FORWARD)
    assert isinstance(await story.refused(Step.ESCALATE, story.cast.nurse), WrongState)


async def test_what_nobody_has_claimed_waits_and_who_is_nowhere_waits_for_nobody(story: Story) -> None:
    change = await beside(story, Kind.CHANGE, institution_id=None, authority_id=None)
    assert reason_of(await change.refused(Step.ESCALATE, change.cast.nurse)) == "NOT_CLAIMED"
    renewal = await beside(story, Kind.RENEWAL, institution_id=None, authority_id=None)
    await renewal.take(Step.ESCALATE, renewal.cast.nurse)
    row = await renewal.row()
    assert (row["state"], row["authority_id"]) == (State.AUTHORITY_INTAKE, story.cast.district)


A, B, C = (UUID(int=n) for n in range(3))
OWN, THERE = Kind.RENEWAL, Kind.CHANGE


@pytest.mark.parametrize(
    ("kind", "route", "expected"),
    [
        (OWN, (A, B, C), A),
        (OWN, (None, B, C), C),
        (OWN, (None, B, None), B),
        (THERE, (A, B, C), A),
        (THERE, (None, B, C), B),
        (THERE, (None, None, C), C),
        (Kind.DEREGISTRATION, (None, B, C), C),
        (Kind.FIRST, (None, B, None), B),
    ],
)
def test_where_it_goes_without_the_institution(kind: Kind, route: tuple[Any, Any, Any], expected: UUID) -> None:
    assert competent(kind, Route(*route)) == expected


def test_where_nobody_is_known_it_stays() -> None:
    with pytest.raises(NotAllowed) as refusal:
        competent(OWN, Route(None, None, None))
    assert refusal.value.reason == "AUTHORITY_UNKNOWN"


async def beside(story: Story, kind: Kind, state: State = State.INSTITUTION_REVIEW, **more: Any) -> Story:
    """Another nurse's application, straight in the table."""
    nurse_id = await story.world.nurse(story.cast.hospital, story.cast.district)
    nurse = await story.world.person(Party.NURSE, nurse_id, Role.NURSE)
    cast = replace(story.cast, nurse_id=nurse_id, nurse=nurse)
    values = {"authority_id": None, "queued_at": NOW, **more}
    return Story(story.db, story.world, cast, story.clock, await put(story.world, cast, state, kind, **values))


async def leave(story: Story, by: Actor | None = None) -> list[event.Addressed]:
    """The hospital ends."""
    async with story.db.begin() as tx:
        await tx.ask_time()
        heard = await leave_reviews(tx, story.cast.hospital, by or story.cast.reviewer.actor)
        await event.record(tx, heard)
    return heard


async def test_what_went_on_without_an_institution_that_ended_can_be_approved(story: Story) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    await leave(story)
    gone = "update registration set institution_id = null where nurse_id = $1"
    await story.world.owner.execute(gone, story.cast.nurse_id)
    for step in (Step.ACCEPT, Step.RECOMMEND, Step.APPROVE):
        await story.take(step)
    assert (await story.registration())["valid_until"] == add_years(EXPIRY, 5)


async def test_nothing_stays_with_an_institution_that_ends(story: Story) -> None:
    renewal = await beside(story, Kind.RENEWAL, holder_id=story.cast.operator.account_id, held_until=NOW)
    leaving = await beside(story, Kind.DEREGISTRATION)
    change = await beside(story, Kind.CHANGE)
    asked = await beside(story, Kind.FIRST, State.RETURNED, marked_fields=["school"])
    own = await beside(story, Kind.RENEWAL, State.RETURNED, marked_fields=["department"])
    gone = await beside(story, Kind.CHANGE, State.WITHDRAWN)
    on_its_way = await beside(story, Kind.RENEWAL, State.AUTHORITY_INTAKE, authority_id=story.cast.district)
    untouched = {one.id: await one.row() for one in (gone, on_its_way)}
    heard = await leave(story)
    for one in (renewal, leaving):
        row = await one.row()
        assert (row["state"], row["authority_id"], row["version"]) == (State.AUTHORITY_INTAKE, story.cast.district, 2)
        assert (row["escalated_at"], row["forwarded_at"], row["holder_id"]) == (NOW, NOW, None)
        assert row["moved_by"] == story.cast.reviewer.account_id
    marks = {change.id: ["institution"], asked.id: ["school", "institution"], own.id: ["department"]}
    for one in (change, asked, own):
        row = await one.row()
        assert (row["state"], row["institution_id"], row["version"]) == (State.RETURNED, None, 2)
        assert (row["marked_fields"], row["escalated_at"]) == (marks[one.id], None)
    assert {one.id: await one.row() for one in (gone, on_its_way)} == untouched
    events = {(one.application_id, one.scope): (one.type, one.queue) for one in heard}
    assert len(events) == len(heard) == 3 * 2 + 2 * 3
    assert events[renewal.id, story.cast.district] == ("application.escalated", "ADDED")
    assert events[renewal.id, story.cast.hospital] == ("application.escalated", "REMOVED")
    assert events[change.id, story.cast.hospital] == ("application.returned", "REMOVED")
    assert events[change.id, change.cast.nurse_id] == ("application.returned", None)
    assert events[asked.id, story.cast.hospital] == ("application.returned", None)
    assert await leave(story) == []


async def test_the_system_may_do_it_by_itself(story: Story) -> None:
    renewal = await beside(story, Kind.RENEWAL)
    await leave(story, SYSTEM)
    row = await renewal.row()
    assert (row["state"], row["moved_by"]) == (State.AUTHORITY_INTAKE, None)
    (event,) = await renewal.heard(Party.NURSE)
    assert (event["account_id"], event["body"]["by"]) == (None, None)


async def test_a_hundred_reviews_leave_at_once_by_a_handful_of_statements(story: Story) -> None:
    for kind in (Kind.RENEWAL, Kind.CHANGE) * 50:
        await beside(story, kind)
    heard = await leave(story)
    assert len(heard) == 50 * 3 + 50 * 2
    left = "select count(*) from application where institution_id = $1 and state = 'INSTITUTION_REVIEW'"
    assert await story.world.owner.fetchval(left, story.cast.hospital) == 0


async def above(story: Story) -> tuple[UUID, Person]:
    """The authority above the one that licensed the hospital, and its reviewer."""
    nation = story.cast.nation
    return nation, await story.world.person(Party.AUTHORITY, nation, Role.REVIEWER)


@pytest.mark.feature("A4")
async def test_an_application_is_handed_on_to_the_competent_authority(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    received = (await story.row())["forwarded_at"]
    await story.take(Step.TAKE, story.cast.reviewer)
    higher, reviewer = await above(story)
    story.clock.now = NOW + timedelta(days=3)
    await story.take(Step.TRANSFER, story.cast.reviewer, authority_id=higher, opinion="由上级办理")
    row = await story.row()
    assert (row["state"], row["authority_id"], row["version"]) == (State.AUTHORITY_INTAKE, higher, 4)
    assert (row["forwarded_at"], row["queued_at"], row["holder_id"]) == (received, story.clock.now, None)
    events = {party: (await story.heard(party))[-1] for party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)}
    assert {one["type"] for one in events.values()} == {"application.transferred"}
    assert (events[Party.AUTHORITY]["queue"], events[Party.INSTITUTION]["queue"]) == ("REMOVED", None)
    assert events[Party.AUTHORITY]["body"]["left"] == State.AUTHORITY_INTAKE
    (there,) = await story.rows("select queue, body ->> 'entered' as entered from event where scope = $1", higher)
    assert there == {"queue": "ADDED", "entered": State.AUTHORITY_INTAKE}
    assert [(one["outcome"], one["opinion"]) for one in await story.decisions()][-1] == ("TRANSFERRED", "由上级办理")
    assert type(await story.refused(Step.ACCEPT, story.cast.reviewer)) is NotFound
    await story.take(Step.ACCEPT, reviewer)


async def test_it_is_handed_on_to_another_authority_that_there_is(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    higher, _ = await above(story)
    own = await story.refused(Step.TRANSFER, story.cast.reviewer, authority_id=story.cast.district)
    unknown = await story.refused(Step.TRANSFER, story.cast.reviewer, authority_id=uuid4())
    assert (codes_of(own), codes_of(unknown)) == ({"OWN_AUTHORITY"}, {"NO_AUTHORITY"})
    to = {"authority_id": higher}
    assert type(await story.refused(Step.TRANSFER, story.cast.decider, **to)) is NotAllowed
    await story.take(Step.ACCEPT)
    assert isinstance(await story.refused(Step.TRANSFER, story.cast.reviewer, **to), WrongState)


async def race(story: Story, *orders: tuple[Step, Person, dict[str, Any]]) -> list[Step]:
    """Eight tasks at once, in turn; which steps were taken, all others being refused as too late."""
    made = [await story.order(step, who, **more) for step, who, more in orders]
    answers = await at_once(*(take_order(story.db, made[n % len(made)]) for n in range(TASKS)))
    assert {type(answer) for answer in answers if answer != story.id} <= {Conflict, NotFound}
    return [orders[n % len(made)][0] for n, answer in enumerate(answers) if answer == story.id]


async def test_of_forwarding_escalating_and_withdrawing_one_happens(story: Story) -> None:
    for _ in range(ROUNDS):
        one = await (await story.beside()).reach(State.INSTITUTION_REVIEW)
        story.clock.now = AFTER
        nurse, operator = one.cast.nurse, one.cast.operator
        taken = await race(one, (Step.ESCALATE, nurse, {}), (Step.FORWARD, operator, {}), (Step.WITHDRAW, nurse, {}))
        assert len(taken) == 1
        row = await one.row()
        assert (row["version"], row["escalated_at"] is not None) == (3, taken == [Step.ESCALATE])
        assert len(await one.decisions()) == (taken == [Step.FORWARD])


async def test_of_accepting_and_handing_on_one_happens(story: Story) -> None:
    higher, _ = await above(story)
    for _ in range(ROUNDS):
        one = await (await story.beside()).reach(State.AUTHORITY_INTAKE)
        handing = (Step.TRANSFER, one.cast.reviewer, {"authority_id": higher})
        taken = await race(one, (Step.ACCEPT, one.cast.reviewer, {}), handing)
        assert len(taken) == 1
        expected = {Step.ACCEPT: (State.ACCEPTED, one.cast.district), Step.TRANSFER: (State.AUTHORITY_INTAKE, higher)}
        row = await one.row()
        assert (row["state"], row["authority_id"]) == expected[taken[0]]


async def test_an_institution_that_ends_while_it_forwards_leaves_nothing_behind(story: Story) -> None:
    for _ in range(ROUNDS):
        some = [await (await story.beside()).reach(State.INSTITUTION_REVIEW) for _ in range(4)]
        orders = [await one.order(Step.FORWARD) for one in some]
        *answers, _ = await at_once(*(take_order(story.db, order) for order in orders), leave(story))  # type: ignore[arg-type]
        for one, answer in zip(some, answers, strict=True):
            row = await one.row()
            assert (row["state"], row["version"]) == (State.AUTHORITY_INTAKE, 3)
            assert (answer == one.id) is (row["escalated_at"] is None)
            assert answer == one.id or type(answer) is Conflict


@pytest.mark.parametrize("picked", ["another", "nobody yet"])
async def test_she_picks_another_institution_where_hers_has_ended(story: Story, picked: str) -> None:
    moving = await (await Drafts(story.db, story.world)(Kind.CHANGE)).reach(Step.SUBMIT)
    cast, world = moving.move.target, moving.world
    async with moving.db.begin() as tx:
        await tx.ask_time()
        await event.record(tx, await leave_reviews(tx, cast.hospital, cast.reviewer.actor))
    other = await world.institution(cast.district)
    await world.person(Party.INSTITUTION, other, Role.OPERATOR)
    order = order_of(moving.move.nurse.session, Step.RESUBMIT, moving.id, 3, form=FORMS[Kind.CHANGE])
    with pytest.raises(Invalid) as unanswered:
        await take_order(moving.db, order)
    assert [problem.code for problem in unanswered.value.problems] == ["FIELD_UNANSWERED"]
    answer = {"institution_id": other} if picked == "another" else {"confirmed_fields": ("institution",)}
    await take_order(moving.db, order.but(**answer))
    row = await moving.row()
    expected = other if picked == "another" else None
    assert (row["state"], row["institution_id"], row["marked_fields"]) == ("INSTITUTION_REVIEW", expected, [])
    assert await moving.heard(other) == ([("application.resubmitted", "ADDED")] if expected else [])
    assert (await moving.heard(cast.hospital))[-1] == ("application.returned", "REMOVED")

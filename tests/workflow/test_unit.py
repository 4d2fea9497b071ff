"""Steps on units: all or nothing, raced, sent again; and what becomes of units where people or institutions change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from db import session as sessions
from graph.context import Services
from rules.application import State, Step
from rules.conflict import Situation
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from rules.institution import InstitutionStep
from rules.nurse import Department
from rules.people import Party, Role
from rules.unit import UnitKind
from tests.support.filed_applications import put
from tests.support.institution_people import change_institution, supervisor
from tests.support.rounds import TASKS, at_once
from tests.support.story import Story, reason_of
from tests.support.units import belong, limited, put_unit
from tests.support.world import TODAY, Cast, Person, World
from workflow.deputy import DeputyName, DeputySignIn
from workflow.pre_review import ApplicationPreReview
from workflow.step import take
from workflow.unit import UnitAssign, UnitClose, UnitCreate
from workflow.unit_limit import StaffSetUnits


def ward(name: str = "一病区", **more: Any) -> UnitCreate:
    """The wish for a ward."""
    return UnitCreate(name, UnitKind.WARD, Department.WARD, None, None, **more)


def paths_of(refusal: Invalid) -> dict[str, str]:
    """The code of each wrong field."""
    return {one.path: one.code for one in refusal.problems}


async def units_of(world: World, cast: Cast) -> list[dict[str, Any]]:
    """The units of the cast's hospital, and who belongs to them."""
    sql = "select u.*, r.nurse_id from unit u left join registration r on r.unit_id = u.id where u.institution_id = $1"
    return [dict(row) for row in await world.owner.fetch(f"{sql} order by u.id, r.nurse_id", cast.hospital)]


async def unit_of(world: World, nurse_id: UUID) -> UUID | None:
    """The unit of a nurse."""
    found: UUID | None = (await world.row("registration", nurse_id, "nurse_id"))["unit_id"]
    return found


@pytest.mark.feature("I10")
async def test_nurses_are_assigned_together_or_not_at_all(services: Services, world: World, cast: Cast) -> None:
    own, unit = await world.nurse(cast.hospital, cast.district), await put_unit(world, cast.hospital)
    far = await world.nurse(await world.institution(cast.district), cast.district)
    with pytest.raises(Invalid) as refusal:
        await take(services.db, cast.operator.session, UnitAssign((own, far, uuid4()), unit))
    assert paths_of(refusal.value) == {"ids.1": "NOT_FOUND", "ids.2": "NOT_FOUND"}
    assert await unit_of(world, own) is None
    for nurses, code in (((), "WRONG_NUMBER"), (tuple(uuid4() for _ in range(501)), "WRONG_NUMBER")):
        with pytest.raises(Invalid) as wrong:
            await take(services.db, cast.operator.session, UnitAssign(nurses, unit))
        assert paths_of(wrong.value) == {"ids": code}
    with pytest.raises(NotFound):
        strange = await put_unit(world, await world.institution(cast.district))
        await take(services.db, cast.operator.session, UnitAssign((own,), strange))
    wish = UnitAssign((own, cast.nurse_id, own), unit, idempotency_key="assigned-1")
    assert await take(services.db, cast.operator.session, wish) == cast.hospital
    assert [await unit_of(world, one) for one in (own, cast.nurse_id)] == [unit, unit]
    heard = "select body->>'nurse' as nurse, unit_ids from event where scope = $1 order by seq"
    events = [tuple(row) for row in await world.owner.fetch(heard, cast.hospital)]
    assert events == [(str(one), [unit]) for one in sorted((own, cast.nurse_id))]
    assert await take(services.db, cast.operator.session, wish) == cast.hospital
    # Who belongs there already is not told of.
    await take(services.db, cast.operator.session, UnitAssign((own,), unit))
    assert len(await world.owner.fetch(heard, cast.hospital)) == 2


@pytest.mark.feature("I10")
async def test_nobody_says_to_which_unit_she_herself_belongs(services: Services, world: World, cast: Cast) -> None:
    unit = await put_unit(world, cast.hospital)
    own = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER, self_nurse=cast.nurse_id)
    with pytest.raises(NotAllowed) as refusal:
        await take(services.db, own.session, UnitAssign((cast.nurse_id,), unit))
    assert reason_of(refusal.value) == "ABOUT_YOURSELF"
    assert await unit_of(world, cast.nurse_id) is None


@pytest.mark.feature("I10")
async def test_of_those_who_set_up_a_unit_of_one_name_at_once_one_does(
    services: Services, world: World, cast: Cast
) -> None:
    found = await at_once(*(take(services.db, cast.manager.session, ward()) for _ in range(TASKS)))
    refused = [one for one in found if isinstance(one, BaseException)]
    assert len(refused) == TASKS - 1
    assert {type(one) for one in refused} == {Invalid}
    assert len(await units_of(world, cast)) == 1


@pytest.mark.feature("I10")
async def test_nobody_is_assigned_to_a_unit_that_is_being_closed(services: Services, world: World, cast: Cast) -> None:
    for _ in range(TASKS):
        unit = await put_unit(world, cast.hospital)
        await belong(world, cast.nurse_id, None)
        await at_once(
            take(services.db, cast.manager.session, UnitClose(unit, 1)),
            take(services.db, cast.operator.session, UnitAssign((cast.nurse_id,), unit)),
        )
        row = await world.row("unit", unit)
        assert (row["closed_at"] is None) is (await unit_of(world, cast.nurse_id) == unit)


@pytest.mark.feature("I1")
@pytest.mark.parametrize("step", [InstitutionStep.CLOSE, InstitutionStep.MERGE])
async def test_the_units_of_an_institution_end_with_it_and_its_nurses_leave_them(
    story: Story, world: World, step: InstitutionStep
) -> None:
    cast, officer = story.cast, await supervisor(world, story.cast)
    unit = await put_unit(world, cast.hospital)
    await belong(world, cast.nurse_id, unit)
    into = {"into": await world.institution(cast.district)} if step is InstitutionStep.MERGE else {}
    await change_institution(story.db, officer, step, cast.hospital, **into)
    assert (await world.row("unit", unit))["closed_at"] == story.clock.now
    entry = await world.row("registration", cast.nurse_id, "nurse_id")
    assert (entry["institution_id"], entry["unit_id"]) == (into.get("into"), None)


@pytest.mark.feature("N18")
async def test_what_only_people_of_other_units_could_act_on_goes_past_the_institution(story: Story) -> None:
    """The manager is the nurse herself, and the operator is limited to a unit that is not hers."""
    world, cast = story.world, story.cast
    own = await put_unit(world, cast.hospital)
    await belong(world, cast.nurse_id, own)
    await world.owner.execute(
        "update account set self_nurse_id = $2 where id = $1", cast.manager.account_id, cast.nurse_id
    )
    second = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER)
    limit = StaffSetUnits(cast.operator.account_id, (own,))
    await take(story.db, second.session, limit)
    await world.owner.execute("update account set state = 'DISABLED' where id = $1", second.account_id)
    await story.take(Step.SUBMIT)
    assert (await story.row())["state"] == State.INSTITUTION_REVIEW
    third = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
    elsewhere = await put_unit(world, cast.hospital)
    await world.owner.execute(
        "update account set unit_ids = array[$2::uuid] where id = $1", third.account_id, elsewhere
    )
    fourth = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER, self_nurse=cast.nurse_id)
    moved = StaffSetUnits(cast.operator.account_id, (elsewhere,))
    await take(story.db, fourth.session, moved)
    row = await story.row()
    assert (row["state"], row["unconfirmed"]) == (State.AUTHORITY_INTAKE, "NO_OTHER_PERSON")


@pytest.mark.feature("I10")
async def test_a_manager_is_never_limited_and_nobody_to_a_unit_of_others(
    services: Services, world: World, cast: Cast
) -> None:
    unit = await put_unit(world, cast.hospital)
    other = await world.person(Party.INSTITUTION, cast.hospital, Role.MANAGER)
    with pytest.raises(NotAllowed) as refusal:
        await take(services.db, cast.manager.session, StaffSetUnits(other.account_id, (unit,)))
    assert reason_of(refusal.value) == "NOT_LIMITED"
    strange = await put_unit(world, await world.institution(cast.district))
    closed = await put_unit(world, cast.hospital, closed_at=await world.owner.fetchval("select now()"))
    with pytest.raises(Invalid) as wrong:
        await take(services.db, cast.manager.session, StaffSetUnits(cast.viewer.account_id, (unit, strange, closed)))
    assert paths_of(wrong.value) == {"units.1": "NOT_FOUND", "units.2": "NOT_FOUND"}
    with pytest.raises(NotAllowed):
        await take(services.db, cast.operator.session, StaffSetUnits(cast.viewer.account_id, (unit,)))
    assert (await world.row("account", cast.viewer.account_id))["unit_ids"] == []


@pytest.mark.feature("I10")
async def test_a_ward_head_without_a_unit_has_to_do_with_nobody(services: Services, world: World, cast: Cast) -> None:
    head, key = await limited(world, cast, Role.WARD_HEAD), await put(world, cast, State.INSTITUTION_REVIEW)
    with pytest.raises(NotFound):
        await take(services.db, head.session, ApplicationPreReview(key, 1, True))
    async with services.db.read() as reader:
        found = await sessions.find(reader, sessions.digest(head.token))
    assert found is not None
    assert found.actor.units == frozenset()


@pytest.mark.feature("I10")
async def test_a_pre_review_is_for_an_application_as_it_was_seen_that_waits_at_the_institution(
    services: Services, world: World, cast: Cast
) -> None:
    unit = await put_unit(world, cast.hospital)
    await belong(world, cast.nurse_id, unit)
    head = await limited(world, cast, Role.WARD_HEAD, unit)
    waiting = await put(world, cast, State.INSTITUTION_REVIEW)
    with pytest.raises(Conflict) as stale:
        await take(services.db, head.session, ApplicationPreReview(waiting, 2, True))
    assert stale.value.situation is Situation.VERSION_STALE
    await world.owner.execute("update application set state = 'AUTHORITY_INTAKE' where id = $1", waiting)
    with pytest.raises(WrongState):
        await take(services.db, head.session, ApplicationPreReview(waiting, 1, True))
    await world.owner.execute("update application set state = 'INSTITUTION_REVIEW' where id = $1", waiting)
    for person, why in ((cast.operator, NotAllowed), (cast.nurse, NotFound), (cast.reviewer, NotFound)):
        with pytest.raises(why):
            await take(services.db, person.session, ApplicationPreReview(waiting, 1, True))
    herself = await limited(world, cast, Role.WARD_HEAD, unit)
    await world.owner.execute("update account set self_nurse_id = $2 where id = $1", herself.account_id, cast.nurse_id)
    with pytest.raises(NotAllowed) as own:
        await take(services.db, herself.session, ApplicationPreReview(waiting, 1, True))
    assert reason_of(own.value) == "ABOUT_YOURSELF"
    assert await world.owner.fetchval("select count(*) from pre_review where application_id = $1", waiting) == 0
    wish = ApplicationPreReview(waiting, 1, True, " 属实 ", idempotency_key="pre-review-1")
    assert await take(services.db, head.session, wish) == await take(services.db, head.session, wish) == waiting
    (row,) = await world.owner.fetch("select * from pre_review where application_id = $1", waiting)
    assert (row["confirmed"], row["note"], row["revision"], row["account_id"]) == (True, "属实", 1, head.account_id)
    # Whoever reviews it does so as she saw it before.
    assert (await world.row("application", waiting))["version"] == 1


@pytest.mark.feature("I10")
async def test_a_deputy_has_the_limit_of_whom_she_stands_in_for(services: Services, world: World, cast: Cast) -> None:
    unit = await put_unit(world, cast.hospital)
    absent = await limited(world, cast, Role.OPERATOR, unit)
    given = {"absent_id": None, "deputy_id": cast.operator.account_id, "roles": frozenset({Role.OPERATOR})}
    span = {"starts_on": TODAY, "ends_on": TODAY}
    key, token = await take(services.db, absent.session, DeputyName(**given, **span)), sessions.new_token()
    await take(services.db, cast.operator.session, DeputySignIn(key, cast.operator.session.expires_at, token))
    async with services.db.read() as reader:
        found = await sessions.find(reader, sessions.digest(token))
    assert found is not None
    assert (found.actor.account_id, found.actor.units) == (cast.operator.account_id, frozenset({unit}))
    assert replace(cast.operator.actor, name="") == replace(await own_actor(services, cast.operator), name="")


async def own_actor(services: Services, person: Person) -> Any:
    """Somebody as her own session has her."""
    async with services.db.read() as reader:
        found = await sessions.find(reader, sessions.digest(person.token))
    assert found is not None
    return found.actor

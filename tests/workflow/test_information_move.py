"""Her open changes when she goes elsewhere: what is of the old place ends, the rest waits where she is now (N14, I14)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.departure import DepartureReason
from rules.errors import NotFound
from rules.information_change import ChangeStep
from rules.information_form import InformationForm
from rules.nurse import Department, Post, Title, WorkCategory
from rules.people import Party, Role
from tests.support.authority_stage import put
from tests.support.information import PROVEN, Desk, desk
from tests.support.institution_people import supervisor
from tests.support.live import Live
from tests.support.world import TODAY, Cast, Person, World
from workflow.application import COMMANDS
from workflow.departure import DepartureReport, DepartureWithdraw
from workflow.institution_change import InstitutionClose, InstitutionMerge
from workflow.step import take
from workflow.suspension import RegistrationRevoke

S: Final = ChangeStep
ASKED: Final = InformationForm(
    school="北京大学",
    title=Title.CHIEF_NURSE,
    department=Department.EMERGENCY,
    post=Post.HEAD_NURSE,
    work_category=WorkCategory.NURSING_ADMINISTRATION,
    work_history="北京",
)
OF_THE_PLACE: Final = ["department", "post", "workCategory"]
FEED: Final = (
    "subscription { eventFeed(types: [INFORMATION_REQUESTED]) { __typename ... on NurseEvent { nurseName } } }"
)
LIST: Final = """{ informationChanges(first: 5, where: {state: {eq: PENDING}}) {
  nodes { supersededFields asked { school title department post workCategory workHistory } availableSteps } } }"""


async def moving(it: Desk, there: Cast, **columns: Any) -> UUID:
    """A change of her registration to another hospital, ready to be approved there."""
    goes = Cast(**{**vars(it.cast), "hospital": there.hospital, "district": there.district})
    form = orjson.dumps({"department": "WARD", "changeReason": "工作调动"}).decode()
    more = {"due_on": TODAY + timedelta(days=20), "recommender_id": there.reviewer.account_id}
    return await put(it.world, goes, State.ACCEPTED, kind="CHANGE", form=form, **more, **columns)


async def approve(it: Desk, who: Person, key: UUID) -> UUID:
    """Her registration is changed."""
    return await take(it.db, who.session, COMMANDS[Step.APPROVE](key, 1))


async def heard(it: Desk, scope: UUID) -> list[str]:
    """The events of her changes in one feed."""
    sql = "select type from event where scope = $1 and type like 'information.%' and body->>'nurse' = $2 order by seq"
    rows = await it.world.owner.fetch(sql, scope, str(it.cast.nurse_id))
    return [row["type"].removeprefix("information.") for row in rows]


@pytest.mark.feature("N14", "I14", "I15")
async def test_education_and_title_go_to_the_new_institution_at_once_and_work_at_the_old_place_is_superseded(
    live: Live, services: Services, world: World
) -> None:
    it, there = await desk(services.db, world, invite=False), await world.cast()
    key = await it.ask(ASKED)
    application = await moving(it, there)
    async with live.as_(there.operator).watch(FEED) as dashboard:
        assert (await dashboard.next())["__typename"] == "FeedHeartbeat"
        await approve(it, there.decider, application)
        assert await dashboard.next() == {"__typename": "InformationRequested", "nurseName": "王护士"}
    (shown,) = (await live.as_(there.operator).ask(LIST))["informationChanges"]["nodes"]
    assert shown == {
        "supersededFields": OF_THE_PLACE,
        "asked": {
            **{"school": "北京大学", "title": "CHIEF_NURSE", "workHistory": "北京"},
            **dict.fromkeys(("department", "post", "workCategory")),
        },
        "availableSteps": ["APPROVE", "REJECT", "RETURN"],
    }
    assert (await live.as_(it.cast.operator).ask(LIST))["informationChanges"]["nodes"] == []
    with pytest.raises(NotFound):
        await it.go(it.cast.operator, S.APPROVE, key)
    await it.go(there.operator, S.APPROVE, key)
    nurse = await world.row("nurse", it.cast.nurse_id)
    assert (nurse["school"], nurse["title"], nurse["department"], nurse["post"]) == (
        *("北京大学", "CHIEF_NURSE"),
        *("WARD", None),
    )
    assert await heard(it, it.cast.nurse_id) == ["requested", "superseded", "decided"]
    assert await heard(it, it.cast.hospital) == ["requested", "superseded"]
    assert await heard(it, there.hospital) == ["requested", "decided"]


@pytest.mark.feature("N14")
async def test_what_was_only_of_her_work_there_ends_with_a_move_and_nobody_new_has_it(
    services: Services, world: World
) -> None:
    it, there = await desk(services.db, world, invite=False), await world.cast()
    key = await it.ask(InformationForm(post=Post.HEAD_NURSE))
    await approve(it, there.decider, await moving(it, there))
    row = await it.row(key)
    assert (row["state"], row["asked"], row["superseded_fields"]) == ("SUPERSEDED", ("post",), ["post"])
    assert await heard(it, there.hospital) == []


@pytest.mark.feature("N14", "I15", "A5")
async def test_without_an_institution_the_authority_where_she_was_registered_last_reviews_it(
    live: Live, services: Services, world: World
) -> None:
    it = await desk(services.db, world)
    key, cast = await it.ask(ASKED), it.cast
    async with live.as_(cast.reviewer).watch(FEED) as dashboard:
        assert (await dashboard.next())["__typename"] == "FeedHeartbeat"
        left = DepartureReport(cast.nurse_id, DepartureReason.RESIGNED, TODAY)
        report = await take(it.db, cast.operator.session, left)
        assert (await dashboard.next())["__typename"] == "InformationRequested"
    (shown,) = (await live.as_(cast.reviewer).ask(LIST))["informationChanges"]["nodes"]
    assert (shown["supersededFields"], shown["availableSteps"]) == (OF_THE_PLACE, ["APPROVE", "REJECT", "RETURN"])
    allowed = {name for name, who in it.people.items() if await it.allows(who, S.APPROVE, key)}
    assert allowed == {"reviewer"}
    await take(it.db, cast.operator.session, DepartureWithdraw(report))
    assert {name for name, who in it.people.items() if await it.allows(who, S.APPROVE, key)} == {"operator", "manager"}
    assert await heard(it, cast.hospital) == ["requested", "superseded", "requested"]
    assert await heard(it, cast.district) == ["requested"]


@pytest.mark.feature("N14", "A5")
async def test_of_a_nurse_struck_off_her_authority_reviews_what_is_left(services: Services, world: World) -> None:
    it = await desk(services.db, world)
    key = await it.ask(ASKED)
    await take(it.db, it.cast.decider.session, RegistrationRevoke(it.cast.nurse_id, "卫医罚〔2024〕17号"))
    row = await it.row(key)
    assert (row["state"], row["superseded_fields"]) == ("PENDING", OF_THE_PLACE)
    assert await heard(it, it.cast.district) == ["requested"]
    assert {name for name, who in it.people.items() if await it.allows(who, S.APPROVE, key)} == {"reviewer"}


@pytest.mark.feature("N14")
async def test_what_her_authority_has_taken_over_goes_to_the_new_authority(services: Services, world: World) -> None:
    it, there = await desk(services.db, world, invite=False), await world.cast()
    key = await it.ask()
    await it.set(key, "queued_at = $2", datetime.now(UTC) - timedelta(days=40))
    await it.go(it.cast.nurse, S.ESCALATE, key)
    await approve(it, there.decider, await moving(it, there))
    assert await heard(it, there.district) == ["requested"]
    assert await heard(it, there.hospital) == []
    await it.go(there.reviewer, S.APPROVE, key)
    assert (await it.row(key))["state"] == "APPROVED"


@pytest.mark.feature("I27")
async def test_a_paper_goes_on_after_a_move_and_a_disputed_department_of_the_old_place_ends(
    services: Services, world: World
) -> None:
    it, there = await desk(services.db, world, invite=False), await world.cast()
    paper, edit = await it.prove(PROVEN), await it.edit()
    await it.go(it.cast.nurse, S.OBJECT, edit)
    await approve(it, there.decider, await moving(it, there))
    assert (await it.row(edit))["state"] == "SUPERSEDED"
    assert (await it.row(paper))["state"] == "ANNOUNCED"
    await it.go(it.cast.nurse, S.OBJECT, paper)
    assert await heard(it, there.district) == ["disputed"]
    await it.go(there.reviewer, S.REJECT, paper)


@pytest.mark.feature("N14", "I15")
async def test_a_move_and_an_approval_of_the_old_institution_at_once_are_one_after_the_other(
    services: Services, world: World
) -> None:
    outcomes = set()
    for _ in range(6):
        it, there = await desk(services.db, world, invite=False), await world.cast()
        key, application = await it.ask(ASKED), await moving(it, there)
        ways = (it.go(it.cast.operator, S.APPROVE, key), approve(it, there.decider, application))
        agreed, moved = await asyncio.gather(*ways, return_exceptions=True)
        assert moved == application
        row, nurse = await it.row(key), await world.row("nurse", it.cast.nurse_id)
        if agreed == key:
            assert (row["state"], row["version"], nurse["title"], nurse["post"]) == (
                *("APPROVED", 2),
                *("CHIEF_NURSE", "HEAD_NURSE"),
            )
        else:
            assert isinstance(agreed, NotFound), agreed
            assert (row["state"], row["superseded_fields"], nurse["title"]) == ("PENDING", OF_THE_PLACE, "NURSE")
        assert nurse["department"] == "WARD"
        outcomes.add(row["state"])
    assert outcomes <= {"APPROVED", "PENDING"}


@pytest.mark.feature("N14", "A5")
@pytest.mark.parametrize("merged", [False, True])
async def test_of_an_institution_that_ends_her_authority_has_it_and_of_one_that_is_merged_the_other(
    services: Services, world: World, merged: bool
) -> None:
    it = await desk(services.db, world)
    key, into = await it.ask(), await world.institution(it.cast.district)
    operator = await world.person(Party.INSTITUTION, into, Role.OPERATOR)
    officer = await supervisor(world, it.cast)
    hospital = it.cast.hospital
    wish = InstitutionMerge(hospital, "合并", into) if merged else InstitutionClose(hospital, "停业")
    await take(it.db, officer.session, wish)
    assert await heard(it, into if merged else it.cast.district) == ["requested"]
    assert await heard(it, it.cast.district if merged else into) == []
    await it.go(operator if merged else it.cast.reviewer, S.APPROVE, key)
    assert (await it.row(key))["state"] == "APPROVED"

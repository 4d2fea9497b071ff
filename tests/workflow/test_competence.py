"""Only the authority of the institution, or one above it, decides: whichever way an application came to its desk (F3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from db.store.engine import Database
from rules.application import State, Step
from rules.errors import FieldProblem, Invalid, NotAllowed, RegistryError
from rules.institution import InstitutionStep
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from rules.people import Party, Role
from tests.support.application_story import Drafts, OpenApplication
from tests.support.institution_people import change_institution, supervisor
from tests.support.orders import order_of, take_order
from tests.support.story import SAYS, Clock, Story
from tests.support.world import Person, World

TO_INTAKE = (Step.SUBMIT, Step.FORWARD)
STAYING = sorted({*Kind} - CLAIMED_KINDS)


@pytest.fixture
def begin(timed: Database, world: World, clock: Clock) -> Drafts:
    """Makes a draft."""
    return Drafts(timed, world)


async def named(world: World, *keys: UUID) -> list[str]:
    """Names of their own for these authorities, the lowest first."""
    names = [f"第{n}级卫生健康委员会" for n in range(len(keys), 0, -1)]
    for key, name in zip(keys, names, strict=True):
        await world.owner.execute("update authority set name = $2 where id = $1", key, name)
    return names


def problem(refusal: RegistryError) -> FieldProblem:
    """The one thing that is wrong with an input."""
    assert isinstance(refusal, Invalid), refusal
    (only,) = refusal.problems
    return only


@pytest.mark.feature("A4")
@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_it_is_handed_on_only_to_an_authority_that_may_decide(begin: Drafts, kind: Kind) -> None:
    application = await (await begin(kind)).reach(*TO_INTAKE)
    there, here = application.move.target, application.move.cast
    names = await named(begin.world, there.district, application.move.province, there.nation)
    stranger = await begin.world.authority(there.nation)
    for other in (here.district, stranger, await begin.world.authority(there.district)):
        found = problem(await application.refused(Step.TRANSFER, authority_id=other))
        assert (found.path, found.code) == ("authorityId", "NOT_COMPETENT")
        assert (found.words.zh, found.words.en) == (
            f"该机关无权审批此业务，有权审批的机关：{'、'.join(names)}",
            f"That authority may not decide this application; those that may: {', '.join(names)}.",
        )
    await application.take(Step.TRANSFER, authority_id=application.move.province)
    assert (await application.row())["authority_id"] == application.move.province


@pytest.mark.feature("A4")
@pytest.mark.parametrize("kind", STAYING)
async def test_what_concerns_her_registration_may_also_go_to_where_it_is(begin: Drafts, kind: Kind) -> None:
    application = await (await begin(kind)).reach(*TO_INTAKE)
    away = application.move.target.district
    assert problem(await application.refused(Step.TRANSFER, authority_id=away)).code == "NOT_COMPETENT"
    sql = "update registration set authority_id = $2 where nurse_id = $1"
    await begin.world.owner.execute(sql, application.move.cast.nurse_id, away)
    await application.take(Step.TRANSFER, authority_id=away)
    assert (await application.row())["authority_id"] == away


BY = {Step.REQUIRE_CORRECTION: "reviewer", Step.ACCEPT: "reviewer", Step.RECOMMEND: "reviewer", Step.APPROVE: "decider"}


async def misled(application: OpenApplication, to: UUID) -> None:
    """An application that lies with an authority to which no step would have brought it."""
    await application.world.owner.execute("update application set authority_id = $2 where id = $1", application.id, to)


@pytest.mark.feature("A4")
@pytest.mark.parametrize("step", BY)
@pytest.mark.parametrize("kind", [Kind.REREGISTRATION, Kind.REISSUE])
async def test_an_authority_that_may_not_decide_does_nothing_towards_it(begin: Drafts, kind: Kind, step: Step) -> None:
    accepted = step in (Step.RECOMMEND, Step.APPROVE)
    application = await (await begin(kind)).reach(*TO_INTAKE, *([Step.ACCEPT] if accepted else []))
    of, elsewhere = (
        (application.move.target, application.move.cast)
        if kind in CLAIMED_KINDS
        else (application.move.cast, application.move.target)
    )
    names = await named(begin.world, of.district, application.move.province, of.nation)
    await misled(application, elsewhere.district)
    before, who = await application.everything(), getattr(elsewhere, BY[step])
    more: dict[str, Any] = {"marked_fields": ("materials",)} if step is Step.REQUIRE_CORRECTION else {}
    version = (await application.row())["version"]
    order = order_of(who.session, step, application.id, version, **{**SAYS.get(step, {}), **more})
    with pytest.raises(NotAllowed) as refusal:
        await take_order(begin.db, order)
    assert (refusal.value.reason, refusal.value.words.zh) == (
        "NOT_COMPETENT",
        f"该机关无权审批此业务，有权审批的机关：{'、'.join(names)}",
    )
    assert await application.everything() == before


@pytest.mark.feature("A4")
async def test_who_may_not_decide_can_hand_it_on_or_refuse_to_take_it_in(begin: Drafts) -> None:
    for step in (Step.TRANSFER, Step.REFUSE_INTAKE):
        application = await (await begin(Kind.CHANGE)).reach(*TO_INTAKE)
        await misled(application, application.move.cast.district)
        who, version = application.move.cast.reviewer, (await application.row())["version"]
        more = {"authority_id": application.move.target.district} if step is Step.TRANSFER else SAYS[step]
        await take_order(begin.db, order_of(who.session, step, application.id, version, **more))


@pytest.mark.feature("A4")
async def test_a_setting_off_the_chain_sends_nothing_there(story: Story) -> None:
    stranger = await story.world.authority(story.cast.nation)
    sql = "update approval_setting set authority_id = $2 where institution_id = $1"
    await story.world.owner.execute(sql, story.cast.hospital, stranger)
    await story.take(Step.SUBMIT)
    refusal = await story.refused(Step.FORWARD)
    assert isinstance(refusal, NotAllowed)
    assert refusal.reason == "AUTHORITY_NOT_SET"
    await story.take(Step.ESCALATE, story.cast.nurse)
    row = await story.row()
    assert (row["state"], row["authority_id"]) == (State.AUTHORITY_INTAKE, story.cast.district)


@pytest.mark.feature("A4")
async def test_a_reviewer_of_the_authority_above_takes_it_in_and_hands_it_back(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    higher = await story.world.person(Party.AUTHORITY, story.cast.nation, Role.REVIEWER)
    await story.take(Step.TRANSFER, story.cast.reviewer, authority_id=story.cast.nation)
    await story.take(Step.TRANSFER, higher, authority_id=story.cast.district)
    await story.take(Step.ACCEPT)


async def into_above(application: OpenApplication, officer: Person) -> tuple[UUID, list[tuple[str, str | None]]]:
    """Where she goes is merged into a hospital that the province licensed; what the province hears."""
    province = application.move.province
    into = await application.world.institution(province)
    await change_institution(
        application.db, officer, InstitutionStep.MERGE, application.move.target.hospital, into=into
    )
    return into, await application.heard(province)


@pytest.mark.feature("A4")
@pytest.mark.parametrize("steps", [TO_INTAKE, (*TO_INTAKE, Step.ACCEPT, Step.RECOMMEND)])
async def test_of_a_merger_the_authority_that_may_decide_from_then_on_gets_it(
    begin: Drafts, steps: tuple[Step, ...]
) -> None:
    application = await (await begin(Kind.CHANGE)).reach(*steps)
    before, there = await application.row(), application.move.target
    into, heard = await into_above(application, await supervisor(begin.world, there))
    row = await application.row()
    assert (row["institution_id"], row["authority_id"], row["version"]) == (
        *(into, application.move.province),
        before["version"] + 1,
    )
    assert (row["state"], row["recommender_id"]) == (before["state"], None)
    assert heard == [("application.transferred", "ADDED")]
    assert (await application.heard(there.district))[-1] == ("application.transferred", "REMOVED")
    sql = "select body ->> 'entered' as entered, body ->> 'left' as left from event where type = $2 and scope = $1"
    counted = [
        tuple(await begin.world.owner.fetchrow(f"{sql} order by seq desc limit 1", scope, "application.transferred"))
        for scope in (application.move.province, there.district)
    ]
    assert counted == [(before["state"], None), (None, before["state"])]


@pytest.mark.feature("A4")
async def test_of_a_merger_what_concerns_her_registration_stays_with_her_authority(begin: Drafts) -> None:
    application = await (await begin(Kind.RENEWAL)).reach(*TO_INTAKE)
    district, before = application.move.cast.district, await application.row()
    into = await begin.world.institution(application.move.province)
    officer = await supervisor(begin.world, application.move.cast)
    await change_institution(begin.db, officer, InstitutionStep.MERGE, application.move.cast.hospital, into=into)
    row = await application.row()
    assert (row["institution_id"], row["authority_id"]) == (into, district)
    assert (await application.heard(district))[-1] == ("application.transferred", "CHANGED")
    assert row["version"] == before["version"] + 1
    await application.take(Step.ACCEPT)

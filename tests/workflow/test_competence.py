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
from tests.support.application_story import Tale, Teller
from tests.support.institution_people import change_institution, supervisor
from tests.support.orders import order_of, take_order
from tests.support.story import SAYS, Clock, Story
from tests.support.world import Person, World

TO_INTAKE = (Step.SUBMIT, Step.FORWARD)
STAYING = sorted({*Kind} - CLAIMED_KINDS)


@pytest.fixture
def tell(timed: Database, world: World, clock: Clock) -> Teller:
    """Makes a draft."""
    return Teller(timed, world)


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


@pytest.mark.feature("F3")
@pytest.mark.parametrize("kind", sorted(CLAIMED_KINDS))
async def test_it_is_handed_on_only_to_an_authority_that_may_decide(tell: Teller, kind: Kind) -> None:
    tale = await (await tell(kind)).reach(*TO_INTAKE)
    there, here = tale.move.target, tale.move.cast
    names = await named(tell.world, there.district, tale.move.province, there.nation)
    stranger = await tell.world.authority(there.nation)
    for other in (here.district, stranger, await tell.world.authority(there.district)):
        told = problem(await tale.refused(Step.TRANSFER, authority_id=other))
        assert (told.path, told.code) == ("authorityId", "NOT_COMPETENT")
        assert (told.words.zh, told.words.en) == (
            f"该机关无权审批此业务，有权审批的机关：{'、'.join(names)}",
            f"That authority may not decide this application; those that may: {', '.join(names)}.",
        )
    await tale.take(Step.TRANSFER, authority_id=tale.move.province)
    assert (await tale.row())["authority_id"] == tale.move.province


@pytest.mark.feature("F3")
@pytest.mark.parametrize("kind", STAYING)
async def test_what_concerns_her_registration_may_also_go_to_where_it_is(tell: Teller, kind: Kind) -> None:
    tale = await (await tell(kind)).reach(*TO_INTAKE)
    away = tale.move.target.district
    assert problem(await tale.refused(Step.TRANSFER, authority_id=away)).code == "NOT_COMPETENT"
    sql = "update registration set authority_id = $2 where nurse_id = $1"
    await tell.world.owner.execute(sql, tale.move.cast.nurse_id, away)
    await tale.take(Step.TRANSFER, authority_id=away)
    assert (await tale.row())["authority_id"] == away


BY = {Step.REQUIRE_CORRECTION: "reviewer", Step.ACCEPT: "reviewer", Step.RECOMMEND: "reviewer", Step.APPROVE: "decider"}


async def misled(tale: Tale, to: UUID) -> None:
    """An application that lies with an authority to which no step would have brought it."""
    await tale.world.owner.execute("update application set authority_id = $2 where id = $1", tale.id, to)


@pytest.mark.feature("F3")
@pytest.mark.parametrize("step", BY)
@pytest.mark.parametrize("kind", [Kind.REREGISTRATION, Kind.REISSUE])
async def test_an_authority_that_may_not_decide_does_nothing_towards_it(tell: Teller, kind: Kind, step: Step) -> None:
    accepted = step in (Step.RECOMMEND, Step.APPROVE)
    tale = await (await tell(kind)).reach(*TO_INTAKE, *([Step.ACCEPT] if accepted else []))
    of, elsewhere = (tale.move.target, tale.move.cast) if kind in CLAIMED_KINDS else (tale.move.cast, tale.move.target)
    names = await named(tell.world, of.district, tale.move.province, of.nation)
    await misled(tale, elsewhere.district)
    before, who = await tale.everything(), getattr(elsewhere, BY[step])
    more: dict[str, Any] = {"marked_fields": ("materials",)} if step is Step.REQUIRE_CORRECTION else {}
    version = (await tale.row())["version"]
    order = order_of(who.session, step, tale.id, version, **{**SAYS.get(step, {}), **more})
    with pytest.raises(NotAllowed) as refusal:
        await take_order(tell.db, order)
    assert (refusal.value.reason, refusal.value.words.zh) == (
        "NOT_COMPETENT",
        f"该机关无权审批此业务，有权审批的机关：{'、'.join(names)}",
    )
    assert await tale.everything() == before


@pytest.mark.feature("F3")
async def test_who_may_not_decide_can_hand_it_on_or_refuse_to_take_it_in(tell: Teller) -> None:
    for step in (Step.TRANSFER, Step.REFUSE_INTAKE):
        tale = await (await tell(Kind.CHANGE)).reach(*TO_INTAKE)
        await misled(tale, tale.move.cast.district)
        who, version = tale.move.cast.reviewer, (await tale.row())["version"]
        more = {"authority_id": tale.move.target.district} if step is Step.TRANSFER else SAYS[step]
        await take_order(tell.db, order_of(who.session, step, tale.id, version, **more))


@pytest.mark.feature("F3")
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


@pytest.mark.feature("F3")
async def test_a_reviewer_of_the_authority_above_takes_it_in_and_hands_it_back(story: Story) -> None:
    await story.reach(State.AUTHORITY_INTAKE)
    higher = await story.world.person(Party.AUTHORITY, story.cast.nation, Role.REVIEWER)
    await story.take(Step.TRANSFER, story.cast.reviewer, authority_id=story.cast.nation)
    await story.take(Step.TRANSFER, higher, authority_id=story.cast.district)
    await story.take(Step.ACCEPT)


async def into_above(tale: Tale, officer: Person) -> tuple[UUID, list[tuple[str, str | None]]]:
    """Where she goes is merged into a hospital that the province licensed; what the province hears."""
    province = tale.move.province
    into = await tale.world.institution(province)
    await change_institution(tale.db, officer, InstitutionStep.MERGE, tale.move.target.hospital, into=into)
    return into, await tale.heard(province)


@pytest.mark.feature("F3")
@pytest.mark.parametrize("steps", [TO_INTAKE, (*TO_INTAKE, Step.ACCEPT, Step.RECOMMEND)])
async def test_of_a_merger_the_authority_that_may_decide_from_then_on_gets_it(
    tell: Teller, steps: tuple[Step, ...]
) -> None:
    tale = await (await tell(Kind.CHANGE)).reach(*steps)
    before, there = await tale.row(), tale.move.target
    into, heard = await into_above(tale, await supervisor(tell.world, there))
    row = await tale.row()
    assert (row["institution_id"], row["authority_id"], row["version"]) == (
        *(into, tale.move.province),
        before["version"] + 1,
    )
    assert (row["state"], row["recommender_id"]) == (before["state"], None)
    assert heard == [("application.transferred", "ADDED")]
    assert (await tale.heard(there.district))[-1] == ("application.transferred", "REMOVED")
    sql = "select body ->> 'entered' as entered, body ->> 'left' as left from event where type = $2 and scope = $1"
    counted = [
        tuple(await tell.world.owner.fetchrow(f"{sql} order by seq desc limit 1", scope, "application.transferred"))
        for scope in (tale.move.province, there.district)
    ]
    assert counted == [(before["state"], None), (None, before["state"])]


@pytest.mark.feature("F3")
async def test_of_a_merger_what_concerns_her_registration_stays_with_her_authority(tell: Teller) -> None:
    tale = await (await tell(Kind.RENEWAL)).reach(*TO_INTAKE)
    district, before = tale.move.cast.district, await tale.row()
    into = await tell.world.institution(tale.move.province)
    officer = await supervisor(tell.world, tale.move.cast)
    await change_institution(tell.db, officer, InstitutionStep.MERGE, tale.move.cast.hospital, into=into)
    row = await tale.row()
    assert (row["institution_id"], row["authority_id"]) == (into, district)
    assert (await tale.heard(district))[-1] == ("application.transferred", "CHANGED")
    assert row["version"] == before["version"] + 1
    await tale.take(Step.ACCEPT)

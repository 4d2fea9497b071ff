"""What one officer proposes and another confirms: deregistration by office (A8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from graph.context import Services
from rules.application import State
from rules.errors import Conflict, NotFound
from rules.people import Party, Role
from rules.registration import DeregistrationReason
from rules.working_days import add_years
from tests.support.authority_stage import put
from tests.support.proposals import decide
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.proposal import DeregistrationPropose


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def propose(acts: Acts, who: Person | None = None, key: str | None = None, **changes: Any) -> UUID:
    """Propose the end of her registration."""
    given = {"reason": DeregistrationReason.ANNULLED, "decision_number": NUMBER, "fraud": False, "remarks": None}
    return await acts.take(DeregistrationPropose, who or acts.cast.decider, key, **{**given, **changes})


@pytest.mark.feature("A8")
async def test_a_deregistration_by_office_waits_for_the_second_person(acts: Acts, world: World) -> None:
    open_one, before = await put(world, acts.cast, State.INSTITUTION_REVIEW), await acts.row()
    key = await propose(acts, key="proposed-1")
    assert await propose(acts, key="proposed-1") == key
    assert await acts.row() == before
    assert await acts.all_heard() == [[]] * 3
    assert reason_of(await acts.refused(decide(acts, key, acts.cast.decider))) == "TWO_PERSONS_REQUIRED"
    second = await acts.officer(Role.DECIDER)
    assert await decide(acts, key, second, retry="confirmed-1") == key
    assert await decide(acts, key, second, retry="confirmed-1") == key
    row = await acts.row()
    assert (row["status"], row["deregistration_reason"], row["bar_until"]) == ("DEREGISTERED", "ANNULLED", None)
    assert (await world.row("application", open_one))["state"] == "VOIDED"
    (history,) = await acts.rows("registration_history")
    assert history["reason"] == f"依职权注销（注册被依法撤销），决定书文号：{NUMBER}"
    assert (history["kind"], history["account_id"]) == ("DEREGISTRATION", second.account_id)
    ended = ["application.voided", "registration.deregistered"]
    assert await acts.all_heard() == [ended, ended, ["registration.deregistered"]]
    assert (await acts.audited())[0] == "deregistrationPropose"
    assert type(await acts.refused(decide(acts, key, second))) is Conflict


async def test_what_waits_where_she_was_before_stands_in_nobodys_way(acts: Acts, world: World) -> None:
    old, far = await propose(acts), await world.cast()
    moved = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(moved, acts.cast.nurse_id, far.hospital, far.district)
    assert type(await acts.refused(decide(acts, old, await acts.officer(Role.DECIDER)))) is NotFound
    new = await propose(acts, far.decider)
    assert type(await acts.refused(propose(acts, far.decider))) is Conflict
    await decide(acts, new, await acts.officer(Role.DECIDER, of=far.district))
    assert (await acts.row())["status"] == "DEREGISTERED"
    await decide(acts, old, acts.cast.decider, confirms=False)


@pytest.mark.feature("A8")
@pytest.mark.parametrize(
    ("reason", "fraud", "years"),
    [
        (DeregistrationReason.ANNULLED, True, 3),
        (DeregistrationReason.LICENCE_REVOKED, False, 2),
        (DeregistrationReason.DEATH, False, None),
    ],
)
async def test_the_reason_says_for_how_long_she_is_barred(
    acts: Acts, reason: DeregistrationReason, fraud: bool, years: int | None
) -> None:
    key = await propose(acts, reason=reason, fraud=fraud)
    await decide(acts, key, await acts.officer(Role.DECIDER))
    assert (await acts.row())["bar_until"] == (add_years(TODAY, years) if years else None)


async def test_a_reason_must_hold(acts: Acts) -> None:
    expired = propose(acts, reason=DeregistrationReason.EXPIRED)
    assert codes_of(await acts.refused(expired)) == {"NOT_EXPIRED"}
    death = propose(acts, reason=DeregistrationReason.DEATH, fraud=True)
    assert codes_of(await acts.refused(death)) == {"FRAUD_NOT_FOR_REASON"}
    assert codes_of(await acts.refused(propose(acts, decision_number=""))) == {"FIELD_REQUIRED"}


@pytest.mark.feature("A8")
async def test_a_rejected_proposal_changes_nothing_and_another_may_follow(acts: Acts) -> None:
    key, before = await propose(acts), await acts.row()
    assert type(await acts.refused(propose(acts))) is Conflict
    await decide(acts, key, acts.cast.decider, confirms=False)
    assert await acts.row() == before
    assert await propose(acts) != key


async def test_only_deciders_where_she_is_registered_propose_and_confirm(acts: Acts, world: World) -> None:
    key, far = await propose(acts), await world.cast()
    for stranger in (far.decider, acts.cast.manager, acts.cast.nurse):
        assert type(await acts.refused(propose(acts, stranger))) is NotFound
        assert type(await acts.refused(decide(acts, key, stranger))) is NotFound
    assert reason_of(await acts.refused(propose(acts, acts.cast.reviewer))) == "NOT_ALLOWED"
    assert reason_of(await acts.refused(decide(acts, key, acts.cast.reviewer))) == "NOT_ALLOWED"
    herself = await world.person(Party.AUTHORITY, acts.cast.district, Role.DECIDER, self_nurse=acts.cast.nurse_id)
    assert reason_of(await acts.refused(decide(acts, key, herself))) == "ABOUT_YOURSELF"
    assert type(await acts.refused(decide(acts, uuid4(), acts.cast.decider))) is NotFound


async def test_of_officers_who_decide_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        key, one, other = await propose(acts), await acts.officer(Role.DECIDER), await acts.officer(Role.DECIDER)
        answers = await race(
            lambda acts=acts, key=key, who=one: decide(acts, key, who),
            lambda acts=acts, key=key, who=other: decide(acts, key, who, confirms=False),
        )
        assert [type(answer) for answer in answers].count(UUID) == 1
        assert [type(answer) for answer in answers].count(Conflict) == 7
        confirmed = UUID in {type(answer) for answer in answers[0::2]}
        assert len(await acts.rows("registration_history")) == int(confirmed)
        assert (await acts.all_heard())[0] == ["registration.deregistered"] * confirmed

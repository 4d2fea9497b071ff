"""What one officer proposes and another confirms: deregistration by office (A8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.conflict import Situation
from rules.errors import Conflict, NotFound
from rules.form import form_to_json
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.people import Party, Role
from rules.registration import DeregistrationReason
from rules.working_days import add_years
from tests.support.authority_stage import put
from tests.support.kinds import forms
from tests.support.orders import order_of, take_order
from tests.support.proposals import decide
from tests.support.registration_acts import NUMBER, ROUNDS, Acts, race
from tests.support.story import codes_of, reason_of
from tests.support.world import TODAY, Cast, Person, World
from workflow.deregistration import ApplicationFileDeregistration
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
    assert getattr(await acts.refused(decide(acts, key, second)), "situation", None) is Situation.PROPOSAL_DECIDED


async def test_what_waits_where_she_was_before_stands_in_nobodys_way(acts: Acts, world: World) -> None:
    old, far = await propose(acts), await world.cast()
    moved = "update registration set institution_id = $2, authority_id = $3 where nurse_id = $1"
    await world.owner.execute(moved, acts.cast.nurse_id, far.hospital, far.district)
    assert type(await acts.refused(decide(acts, old, await acts.officer(Role.DECIDER)))) is NotFound
    new = await propose(acts, far.decider)
    assert getattr(await acts.refused(propose(acts, far.decider)), "situation", None) is Situation.PROPOSAL_PENDING
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


AGAIN = orjson.dumps(form_to_json(forms(TODAY)[Kind.REREGISTRATION])).decode()


async def expired_and_applying(acts: Acts) -> UUID:
    """She expired a month ago, and has applied to be registered again."""
    until = "update registration set valid_until = $2 where nurse_id = $1"
    await acts.world.owner.execute(until, acts.cast.nurse_id, TODAY - timedelta(days=30))
    officer = {"recommender_id": acts.cast.reviewer.account_id}
    return await put(acts.world, acts.cast, State.ACCEPTED, kind="REREGISTRATION", form=AGAIN, **officer)


@pytest.mark.feature("A8")
@pytest.mark.parametrize("reason", [DeregistrationReason.EXPIRED, DeregistrationReason.OTHER])
async def test_the_end_of_an_expired_entry_by_office_leaves_the_application_that_replaces_it(
    acts: Acts, reason: DeregistrationReason
) -> None:
    again = await expired_and_applying(acts)
    key = await propose(acts, reason=reason, remarks="本人书面放弃")
    await decide(acts, key, await acts.officer(Role.DECIDER))
    assert (await acts.row())["status"] == "DEREGISTERED"
    assert (await acts.world.row("application", again))["state"] == "ACCEPTED"
    await take_order(acts.db, order_of(acts.cast.decider.session, Step.APPROVE, again, 1))
    assert (await acts.row())["status"] == "VALID"


async def test_what_outlives_the_entry_is_no_longer_blocked_by_what_ends_with_it(acts: Acts) -> None:
    again = await expired_and_applying(acts)
    death = DeregistrationForm(DeregistrationReason.DEATH, proof="死亡证明2026-118")
    filed = await acts.take(ApplicationFileDeregistration, acts.cast.operator, None, form=death)
    assert (await acts.world.row("application", again))["blocked_by_id"] == filed
    key = await propose(acts, reason=DeregistrationReason.EXPIRED)
    await decide(acts, key, await acts.officer(Role.DECIDER))
    states = {row["id"]: (row["state"], row["blocked_by_id"]) for row in await acts.rows("application")}
    assert states == {again: ("ACCEPTED", None), filed: ("VOIDED", None)}


@pytest.mark.parametrize("reason", [DeregistrationReason.LICENCE_REVOKED, DeregistrationReason.DEATH])
async def test_the_end_of_an_entry_for_another_reason_ends_the_application_too(
    acts: Acts, reason: DeregistrationReason
) -> None:
    again = await expired_and_applying(acts)
    key = await propose(acts, reason=reason)
    await decide(acts, key, await acts.officer(Role.DECIDER))
    assert (await acts.world.row("application", again))["state"] == "VOIDED"


async def test_a_reason_must_hold(acts: Acts) -> None:
    expired = propose(acts, reason=DeregistrationReason.EXPIRED)
    assert codes_of(await acts.refused(expired)) == {"NOT_EXPIRED"}
    death = propose(acts, reason=DeregistrationReason.DEATH, fraud=True)
    assert codes_of(await acts.refused(death)) == {"FRAUD_NOT_FOR_REASON"}
    assert codes_of(await acts.refused(propose(acts, decision_number=""))) == {"FIELD_REQUIRED"}


@pytest.mark.feature("A8")
async def test_a_rejected_proposal_changes_nothing_and_another_may_follow(acts: Acts) -> None:
    key, before = await propose(acts), await acts.row()
    assert getattr(await acts.refused(propose(acts)), "situation", None) is Situation.PROPOSAL_PENDING
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

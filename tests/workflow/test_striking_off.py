"""Struck off (吊销): barred for two years, and whatever was under way for her ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest

from graph.context import Services
from rules.application import State, Step
from rules.errors import NotAllowed, RegistryError, WrongState
from rules.form import form_to_json
from rules.forms import ChangeForm
from rules.moment import SHANGHAI
from rules.nurse import Department, HealthStatus
from rules.people import Role
from rules.working_days import add_years
from tests.support.authority_stage import put
from tests.support.orders import order_of, take_order
from tests.support.registration_acts import ROUNDS, Acts, race
from tests.support.suspensions import revoke, suspend
from tests.support.world import TODAY, Cast, World, renewal

RENEWAL = orjson.dumps(form_to_json(renewal())).decode()
CHANGE = orjson.dumps(form_to_json(ChangeForm(Department.WARD, "搬家", HealthStatus.GOOD, TODAY))).decode()


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    """The nurse of this test and her people."""
    return Acts(services.db, world, cast)


async def test_who_is_struck_off_may_not_apply_for_two_years_and_what_is_open_ends(acts: Acts, world: World) -> None:
    renewal = await put(world, acts.cast, State.AUTHORITY_INTAKE)
    change = await put(world, acts.cast, State.INSTITUTION_REVIEW, kind="CHANGE", form="{}")
    draft = await put(world, acts.cast, State.DRAFT, kind="REISSUE", form="{}")
    assert await revoke(acts, key="revoked-1") == await revoke(acts, key="revoked-1")
    entry = await acts.row()
    assert (entry["status"], entry["deregistration_reason"]) == ("DEREGISTERED", "LICENCE_REVOKED")
    assert (entry["institution_id"], entry["bar_until"]) == (None, add_years(TODAY, 2))
    states = {row["id"]: (row["state"], row["moved_by"]) for row in await acts.rows("application")}
    assert states == {
        renewal: ("VOIDED", None),
        change: ("VOIDED", None),
        draft: ("DRAFT", acts.cast.nurse.account_id),
    }
    (history,) = await acts.rows("registration_history")
    assert (history["kind"], history["status"]) == ("DEREGISTRATION", "DEREGISTERED")
    ended = ["application.voided", "application.voided", "registration.deregistered"]
    nurse, hospital, district = await acts.all_heard()
    assert (nurse, hospital) == (ended, ended)
    assert district == ["application.voided", "registration.deregistered"]
    assert (await acts.heard(acts.cast.nurse_id))[0] == ("application.voided", None)
    assert sorted(await acts.audited()) == ["application.end_registration"] * 2 + ["registrationRevoke"]
    assert type(await acts.refused(revoke(acts))) is WrongState


async def test_who_is_struck_off_has_no_activation_code_any_more(acts: Acts, world: World) -> None:
    cast, now = acts.cast, datetime.now(SHANGHAI)
    code = {"account_id": cast.nurse.account_id, "institution_id": cast.hospital, "issued_by": cast.operator.account_id}
    await world.insert("activation_code", **code, code_hash=b"-", expires_at=now + timedelta(days=7))
    await world.insert(
        "certificate",
        nurse_id=cast.nurse_id,
        number="A",
        serial=f"A-{uuid4()}",
        issued_on=TODAY,
        authority_id=cast.district,
    )
    await revoke(acts)
    voided = "select voided_at from activation_code where account_id = $1"
    assert await world.owner.fetchval(voided, cast.nurse.account_id) is not None
    assert (await acts.rows("certificate"))[0]["voided_at"] is not None


async def test_who_is_struck_off_while_others_act_leaves_nothing_open(services: Services, world: World) -> None:
    """Her own submission, her hospital's word and the revocation: no deadlock, and nothing stays open."""
    for _ in range(ROUNDS):
        cast = await world.cast()
        acts = Acts(services.db, world, cast)
        draft = await put(world, cast, State.DRAFT, form=RENEWAL)
        change = await put(world, cast, State.INSTITUTION_REVIEW, kind="CHANGE", form=CHANGE)
        submit = order_of(cast.nurse.session, Step.SUBMIT, draft, 1)
        forward = order_of(cast.operator.session, Step.FORWARD, change, 1)
        answers = await race(
            lambda acts=acts: revoke(acts),
            lambda order=submit: take_order(services.db, order),
            lambda order=forward: take_order(services.db, order),
            lambda acts=acts: suspend(acts),
        )
        refusals = [answer for answer in answers if not isinstance(answer, UUID)]
        assert all(isinstance(refusal, RegistryError) for refusal in refusals), refusals
        assert (await acts.row())["status"] == "DEREGISTERED"
        states = {row["id"]: row["state"] for row in await acts.rows("application")}
        assert (states[change], states[draft] in {"DRAFT", "VOIDED"}) == ("VOIDED", True)


async def test_who_is_struck_off_while_her_change_is_approved_waits_in_no_ring(
    services: Services, world: World
) -> None:
    for _ in range(ROUNDS):
        cast, to = await world.cast(), await world.cast()
        acts = Acts(services.db, world, cast)
        renewal = await put(world, cast, State.INSTITUTION_REVIEW)
        there = {"kind": "CHANGE", "form": CHANGE, "institution_id": to.hospital}
        change = await put(world, cast, State.ACCEPTED, **there, recommender_id=cast.reviewer.account_id)
        approve = order_of(cast.decider.session, Step.APPROVE, change, 1)
        answers = await race(
            lambda order=approve: take_order(services.db, order),
            lambda acts=acts: revoke(acts),
        )
        refusals = [answer for answer in answers if not isinstance(answer, UUID)]
        assert all(isinstance(refusal, RegistryError) for refusal in refusals), refusals
        states = {row["id"]: row["state"] for row in await acts.rows("application")}
        assert (states[renewal], states[change] in {"APPROVED", "VOIDED"}) == ("VOIDED", True)


async def test_of_officers_who_strike_her_off_at_once_one_does(services: Services, world: World) -> None:
    for _ in range(ROUNDS):
        acts = Acts(services.db, world, await world.cast())
        colleague = await acts.officer(Role.DECIDER)
        await put(world, acts.cast, State.AUTHORITY_INTAKE)
        answers = await race(
            lambda acts=acts: revoke(acts),
            lambda acts=acts, colleague=colleague: suspend(acts, colleague),
        )
        revoked = [answer for answer in answers[0::2] if isinstance(answer, UUID)]
        assert (len(revoked), [type(answer) for answer in answers[0::2] if answer != revoked[0]]) == (
            1,
            [WrongState] * 3,
        )
        assert {type(answer) for answer in answers[1::2]} <= {UUID, WrongState, NotAllowed}
        assert [row["kind"] for row in await acts.rows("registration_history")].count("DEREGISTRATION") == 1
        assert (await acts.all_heard())[0].count("registration.deregistered") == 1

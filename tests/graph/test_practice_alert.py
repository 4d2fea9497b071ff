"""Who may not practise and since when, as a dashboard lists it; why, read by itself; and what steps say of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.departure import DepartureReason
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.live import Live
from tests.support.plan_and_executor import Both
from tests.support.registration_acts import NUMBER, Acts
from tests.support.suspensions import revoke, suspend
from tests.support.units import belong, limited, put_unit
from tests.support.world import TODAY, Cast, World
from workflow.departure import DepartureReport, DepartureWithdraw
from workflow.step import take
from workflow.suspension import RegistrationLift

YESTERDAY, LATER = TODAY - timedelta(days=1), TODAY + timedelta(days=900)
ALERTS = """query($within: ID, $where: PracticeAlertWhere) { practiceAlerts(within: $within, where: $where) {
  totalCount nodes { certificateNumber since nurse { id } unit { name } institution { id } } } }"""
REASON = """query($id: ID!) { practiceReason(nurseId: $id) {
  causes validUntil suspendedUntil decisionNumber deregistrationReason } }"""
SAID = """{ events(first: 100) { nodes { type ... on PracticeEvent {
  mayPractise practiseSince certificateNumber nurseName } } } }"""


@pytest.fixture
def acts(services: Services, world: World, cast: Cast) -> Acts:
    return Acts(services.db, world, cast)


async def listed(services: Services, who: Any, **given: Any) -> list[tuple[str, str | None]]:
    """The certificates and days of a person's list, read by plan and by executor."""
    found = (await Both(services).data(ALERTS, who, **given))["practiceAlerts"]
    assert found["totalCount"] == len(found["nodes"])
    return [(one["certificateNumber"], one["since"]) for one in found["nodes"]]


async def number_of(world: World, nurse_id: Any) -> str:
    return str((await world.row("registration", nurse_id, "nurse_id"))["certificate_number"])


@pytest.mark.feature("I13")
async def test_a_hospital_lists_who_may_not_practise_and_since_when(services: Services, acts: Acts) -> None:
    cast, world = acts.cast, acts.world
    assert await listed(services, cast.viewer) == []
    expired = await world.nurse(cast.hospital, cast.district, valid_until=YESTERDAY)
    await suspend(acts)
    both = [(await number_of(world, expired), str(TODAY)), (await number_of(world, cast.nurse_id), str(TODAY))]
    assert await listed(services, cast.viewer) == both
    assert await listed(services, cast.reviewer) == both
    since = {"since": {"lt": str(TODAY)}}
    assert await listed(services, cast.manager, where=since) == []


async def test_who_is_granted_by_law_is_not_on_it(services: Services, acts: Acts) -> None:
    await acts.world.owner.execute(
        "update registration set valid_until = $2 where nurse_id = $1", acts.cast.nurse_id, YESTERDAY
    )
    assert len(await listed(services, acts.cast.manager)) == 1
    await put(acts.world, acts.cast, forwarded_at=await acts.world.owner.fetchval("select now() - interval '40 days'"))
    assert await listed(services, acts.cast.manager) == []


async def test_whoever_is_limited_to_units_reads_hers_and_others_read_nothing(services: Services, acts: Acts) -> None:
    cast, world = acts.cast, acts.world
    ward = await put_unit(world, cast.hospital)
    hers = await world.nurse(cast.hospital, cast.district, valid_until=YESTERDAY)
    await world.nurse(cast.hospital, cast.district, valid_until=YESTERDAY)
    await belong(world, hers, ward)
    person = await limited(world, cast, Role.OPERATOR, ward)
    assert await listed(services, person) == [(await number_of(world, hers), str(TODAY))]
    head = await limited(world, cast, Role.WARD_HEAD, ward)
    assert await listed(services, head) == []
    elsewhere = await world.institution(cast.district)
    stranger = await world.person(Party.INSTITUTION, elsewhere, Role.MANAGER)
    assert await listed(services, stranger) == []
    hospital = global_id("Institution", cast.hospital)
    assert len(await listed(services, cast.decider, within=hospital)) == 2
    assert await listed(services, cast.decider, within=global_id("Institution", elsewhere)) == []


async def test_who_has_left_is_on_her_authoritys_list_alone(services: Services, acts: Acts) -> None:
    cast = acts.cast
    await acts.take(DepartureReport, cast.operator, reason=DepartureReason.RESIGNED, left_on=TODAY)
    assert await listed(services, cast.manager) == []
    assert await listed(services, cast.reviewer) == [(await number_of(acts.world, cast.nurse_id), str(TODAY))]


async def said(live: Live, who: Any) -> list[tuple[str, bool, str]]:
    nodes = (await live.as_(who).ask(SAID))["events"]["nodes"]
    kept = [one for one in nodes if "mayPractise" in one]
    return [(one["type"].removeprefix("REGISTRATION_"), one["mayPractise"], one["practiseSince"]) for one in kept]


async def test_every_step_that_changes_it_says_whether_she_may_and_since_when(live: Live, acts: Acts) -> None:
    cast, day = acts.cast, str(TODAY)
    await suspend(acts)
    await acts.world.owner.execute("update registration_span set starts_on = starts_on - 1")
    await acts.take(RegistrationLift, cast.decider, decision_number=NUMBER)
    report = await acts.take(DepartureReport, cast.operator, reason=DepartureReason.RESIGNED, left_on=TODAY)
    await take(acts.db, cast.operator.session, DepartureWithdraw(report))
    await revoke(acts)
    announced = [
        ("SUSPENDED", False),
        ("LIFTED", True),
        ("DEPARTED", False),
        ("MOVED_IN", True),
        ("DEREGISTERED", False),
    ]
    for who in (cast.nurse, cast.operator, cast.reviewer):
        assert await said(live, who) == [(what, may, day) for what, may in announced]


async def test_the_reason_is_read_by_itself_and_she_sees_who_read_it(live: Live, acts: Acts) -> None:
    cast = acts.cast
    await suspend(acts)
    (span,) = await acts.rows("registration_span")
    entry = await acts.row()
    before = len(await acts.audited())
    asked = {"id": global_id("Nurse", cast.nurse_id)}
    expected = {
        "causes": ["SUSPENDED"],
        "validUntil": str(entry["valid_until"]),
        "suspendedUntil": str(span["ends_on"]),
        "decisionNumber": NUMBER,
        "deregistrationReason": None,
    }
    for who in (cast.operator, cast.manager, cast.reviewer):
        assert (await live.as_(who).ask(REASON, **asked))["practiceReason"] == expected
    assert (await acts.audited())[before:] == ["practice_reason.read"] * 3
    assert await live.as_(cast.viewer).refused(REASON, **asked) == ["NOT_FOR_VIEWERS"]
    assert await live.as_(cast.nurse).refused(REASON, **asked) == ["NOT_ALLOWED"]
    elsewhere = await acts.world.institution(cast.district)
    stranger = await acts.world.person(Party.INSTITUTION, elsewhere, Role.MANAGER)
    assert (await live.as_(stranger).ask(REASON, **asked)) == {"practiceReason": None}
    assert len(await acts.audited()) == before + 3


async def test_a_hospital_reads_why_a_registration_ended_while_she_was_its_nurse_and_nothing_later(
    live: Live, acts: Acts
) -> None:
    cast = acts.cast
    key = await acts.take(DepartureReport, cast.operator, reason=DepartureReason.RESIGNED, left_on=TODAY)
    await take(acts.db, cast.operator.session, DepartureWithdraw(key))
    await revoke(acts)
    asked = {"id": global_id("Nurse", cast.nurse_id)}
    found = (await live.as_(cast.operator).ask(REASON, **asked))["practiceReason"]
    assert (found["causes"], found["deregistrationReason"]) == (["DEREGISTERED"], "LICENCE_REVOKED")
    # Another one has had her since.
    other = await acts.world.institution(cast.district)
    await acts.world.insert(
        "registration_history", nurse_id=cast.nurse_id, status="VALID", institution_id=other, authority_id=cast.district
    )
    assert (await live.as_(cast.operator).ask(REASON, **asked)) == {"practiceReason": None}

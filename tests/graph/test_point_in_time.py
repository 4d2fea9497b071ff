"""A nurse on a day in the past (时点查询), as each may read it (rights 15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.moment import SHANGHAI
from rules.people import Party, Role
from tests.support.filed_applications import put
from tests.support.live import Client, Live
from tests.support.statements import counted
from tests.support.world import TODAY, Cast, World

AS_OF = """query($id: ID!, $day: Date!, $known: DateTime) { nurseAsOf(id: $id, asOf: $day, knownAt: $known) {
  asOf registrationUnknownBefore recordUnknownBefore
  registration { status expired certificateNumber validUntil annulled institution { id } }
  record { name title department birthDate graduatedOn } } }"""
FIRST, MOVED = TODAY - timedelta(days=900), TODAY - timedelta(days=300)


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in Beijing."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


async def history(world: World, nurse_id: UUID, day: date, institution: UUID | None, **more: Any) -> None:
    """A row of the history of her registration."""
    row = {"status": "VALID", "certificate_number": "2011", "valid_until": TODAY + timedelta(days=60), "kind": "CHANGE"}
    await world.insert(
        "registration_history", nurse_id=nurse_id, at=at(day), institution_id=institution, **{**row, **more}
    )


async def seen_by(client: Client, nurse_id: UUID, day: date, known: datetime | None = None) -> Any:
    """What somebody is told of a day."""
    given = {"id": global_id("Nurse", nurse_id), "day": day.isoformat(), "known": known and known.isoformat()}
    return (await client.ask(AS_OF, **given))["nurseAsOf"]


async def moved(world: World, cast: Cast) -> UUID:
    """She was elsewhere for 600 days, and is at the hospital since; the register has her since the first day."""
    elsewhere = await world.institution(cast.district)
    await world.owner.execute("update nurse set created_at = $2 where id = $1", cast.nurse_id, at(FIRST))
    await history(world, cast.nurse_id, FIRST, elsewhere, valid_until=TODAY - timedelta(days=400), kind="FIRST")
    await history(world, cast.nurse_id, MOVED, cast.hospital)
    return elsewhere


@pytest.mark.parametrize("who", ["nurse", "reviewer"])
async def test_her_registration_is_read_from_its_history(live: Live, world: World, cast: Cast, who: str) -> None:
    elsewhere = await moved(world, cast)
    client = live.as_(getattr(cast, who))
    found = await seen_by(client, cast.nurse_id, MOVED - timedelta(days=1))
    assert found["registration"] == {
        "status": "VALID",
        "expired": False,
        "certificateNumber": "2011",
        "validUntil": (TODAY - timedelta(days=400)).isoformat(),
        "annulled": False,
        "institution": {"id": global_id("Institution", elsewhere)},
    } | {"expired": MOVED - timedelta(days=1) > TODAY - timedelta(days=400)}
    for day in (MOVED, TODAY):
        found = await seen_by(client, cast.nurse_id, day)
        assert found["registration"]["institution"] == {"id": global_id("Institution", cast.hospital)}
    found = await seen_by(client, cast.nurse_id, FIRST - timedelta(days=1))
    assert (found["registration"], found["record"]) == (None, None)
    assert (found["registrationUnknownBefore"], found["recordUnknownBefore"]) == (FIRST.isoformat(), FIRST.isoformat())


async def test_an_institution_reads_the_days_on_which_she_was_its_own(live: Live, world: World, cast: Cast) -> None:
    elsewhere = await moved(world, cast)
    client = live.as_(cast.operator)
    assert (await seen_by(client, cast.nurse_id, MOVED))["registration"]["status"] == "VALID"
    for day in (MOVED - timedelta(days=1), FIRST, FIRST - timedelta(days=1)):
        assert await seen_by(client, cast.nurse_id, day) is None
    # Where she was, she is nobody's any more.
    former = await world.person(Party.INSTITUTION, elsewhere, Role.OPERATOR)
    for day in (FIRST, TODAY):
        assert await seen_by(live.as_(former), cast.nurse_id, day) is None
    far = live.as_((await world.cast()).reviewer)
    assert await seen_by(far, cast.nurse_id, TODAY) is None
    assert await seen_by(client, uuid7(), TODAY) is None
    assert (await client.ask(AS_OF, id=global_id("Unit", cast.nurse_id), day=TODAY.isoformat()))["nurseAsOf"] is None


async def test_who_reviews_her_application_reads_no_day_of_others(live: Live, world: World, cast: Cast) -> None:
    """She wants to come: her record is open to the hospital today, her past is not."""
    await moved(world, cast)
    there = await world.institution(cast.district)
    await put(world, cast, State.INSTITUTION_REVIEW, institution_id=there)
    person = await world.person(Party.INSTITUTION, there, Role.OPERATOR)
    assert await seen_by(live.as_(person), cast.nurse_id, TODAY) is None


async def test_her_record_is_read_from_its_kept_changes(live: Live, world: World, cast: Cast) -> None:
    """By the day since which it is so; with `knownAt` as the register knew it."""
    await moved(world, cast)
    since, knew = TODAY - timedelta(days=100), TODAY - timedelta(days=90)
    row = {"field": "title", "before": "NURSE", "after": "SENIOR_NURSE", "valid_from": since, "recorded_at": at(knew)}
    sql = "update nurse set title = 'SENIOR_NURSE', graduated_on = '2010-07-01' where id = $1"
    await world.owner.execute(sql, cast.nurse_id)
    # As the register wrote it down then, and not as this test has made it.
    await world.owner.execute("delete from nurse_change where nurse_id = $1", cast.nurse_id)
    await world.insert("nurse_change", nurse_id=cast.nurse_id, **row)
    client = live.as_(cast.operator)
    for day, known, title in (
        (since - timedelta(days=1), None, "NURSE"),
        (since, None, "SENIOR_NURSE"),
        (since, at(knew, 9), "NURSE"),
        (since, at(knew, 11), "SENIOR_NURSE"),
    ):
        record = (await seen_by(client, cast.nurse_id, day, known))["record"]
        assert (record["title"], record["graduatedOn"]) == (title, "2010-07-01")


@pytest.mark.feature("A5")
async def test_who_she_was_before_her_name_was_put_right_is_told_to_her_and_to_who_did_it(
    live: Live, world: World, cast: Cast
) -> None:
    """Others get today's name on old days, also as known then."""
    await moved(world, cast)
    right = {"field": "name", "before": "王红", "after": "王护士", "valid_from": None, "recorded_at": at(MOVED)}
    await world.insert("nurse_change", nurse_id=cast.nurse_id, **right)
    sealed = {"content_key_id": "-", "content_sealed": b"-", "account_id": cast.nurse.account_id}
    request = {"kind": "KEY_FACT", "state": "APPROVED", "nurse_id": cast.nurse_id, "authority_id": cast.nation}
    await world.insert("desk_request", id=uuid7(), **request, **sealed)
    province = await world.person(Party.AUTHORITY, cast.nation, Role.PROVINCIAL_ADMIN)
    day, then = FIRST + timedelta(days=9), at(MOVED, 9)
    for person, known, name in (
        (cast.nurse, then, "王红"),
        (province, then, "王红"),
        (cast.reviewer, then, "王护士"),
        (cast.nurse, None, "王护士"),
        (province, None, "王护士"),
        (cast.nurse, at(MOVED, 11), "王护士"),
    ):
        assert (await seen_by(live.as_(person), cast.nurse_id, day, known))["record"]["name"] == name


async def test_what_an_annulled_decision_wrote_is_told_to_her_and_to_who_decided(
    live: Live, world: World, cast: Cast
) -> None:
    await moved(world, cast)
    other = await world.authority(cast.nation)
    day = TODAY - timedelta(days=50)
    key = await put(world, cast, State.VOIDED, authority_id=other)
    annulled = {"certificate_number": "2012", "application_id": key}
    await history(world, cast.nurse_id, day, cast.hospital, **annulled)
    await history(world, cast.nurse_id, day + timedelta(days=20), cast.hospital, kind=None)
    await world.owner.execute("update registration set authority_id = $2 where nurse_id = $1", cast.nurse_id, other)
    decided = await world.person(Party.AUTHORITY, other, Role.DECIDER)
    above = await world.person(Party.AUTHORITY, cast.nation, Role.DECIDER)
    for person, number, undone in (
        (cast.nurse, "2012", True),
        (decided, "2012", True),
        (above, "2011", False),
        (cast.operator, "2011", False),
    ):
        entry = (await seen_by(live.as_(person), cast.nurse_id, day + timedelta(days=5)))["registration"]
        assert (entry["certificateNumber"], entry["annulled"]) == (number, undone)
        entry = (await seen_by(live.as_(person), cast.nurse_id, TODAY))["registration"]
        assert (entry["certificateNumber"], entry["annulled"]) == ("2011", False)


@pytest.mark.parametrize(("day", "code"), [("future", "DATE_IN_FUTURE"), ("1989-12-31", "BEFORE_BIRTH")])
async def test_a_day_to_come_and_one_before_her_birth_are_refused(
    live: Live, world: World, cast: Cast, day: str, code: str
) -> None:
    named = (TODAY + timedelta(days=2)).isoformat() if day == "future" else day
    given = {"id": global_id("Nurse", cast.nurse_id), "day": named}
    (error,) = (await live.as_(cast.nurse).post(AS_OF, given)).json()["errors"]
    assert [(one["path"], one["code"]) for one in error["extensions"]["fields"]] == [("asOf", code)]
    assert await live.as_(None).refused(AS_OF, **given) == ["UNAUTHENTICATED"]


async def test_it_is_worked_out_of_three_statements(live: Live, services: Services, world: World, cast: Cast) -> None:
    """Her record as it stands, its changes, the history of her registration; her institution's name is one more."""
    await moved(world, cast)
    text = "query($id: ID!, $day: Date!) { nurseAsOf(id: $id, asOf: $day) { registration { status } record { name } } }"
    given = {"id": global_id("Nurse", cast.nurse_id), "day": TODAY.isoformat()}
    await live.as_(cast.nurse).ask(text, **given)
    with counted(services.db) as statements:
        await live.as_(cast.nurse).ask(text, **given)
    assert len([one for one in statements if one.startswith("SELECT")]) == 3


async def test_no_moment_in_the_future_is_known_more_of(live: Live, world: World, cast: Cast) -> None:
    await moved(world, cast)
    client = live.as_(cast.nurse)
    later = datetime.now(UTC) + timedelta(days=400)
    assert await seen_by(client, cast.nurse_id, TODAY, later) == await seen_by(client, cast.nurse_id, TODAY)

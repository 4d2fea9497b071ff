"""Institutions that are merged, closed or suspended: their nurses, their work, and who hears of it."""

from __future__ import annotations

import asyncio
import json
from time import monotonic
from typing import Any, Final
from uuid import UUID

import pytest

from db.store.engine import Database
from graph.context import Services
from rules.application import Step
from rules.errors import Conflict, Invalid, NotAllowed, NotFound, RegistryError, Unauthenticated
from rules.institution import InstitutionStep
from rules.people import Party, Role
from rules.verification import Channel
from tests.support.activation import CERTIFIED, Candidate, candidate
from tests.support.activation_steps import issue
from tests.support.authority_stage import FILLED as RENEWAL
from tests.support.contacts import new_phone, reach
from tests.support.institution_people import change_institution, sent_to, supervisor, why
from tests.support.orders import draft_of, order_of, take_order
from tests.support.rounds import ROUNDS
from tests.support.story import NOW, Story
from tests.support.world import Cast, Person, World
from workflow.activation_code import activate

DEADLINE: Final = 5.0
"""Seconds that an operation may take; a test is decided by three times of it."""


async def merge(db: Database, who: Person, key: UUID, into: UUID) -> UUID:
    """Merge one institution into another."""
    return await change_institution(db, who, InstitutionStep.MERGE, key, into=into)


async def staffed(world: World, cast: Cast, **values: Any) -> UUID:
    """A hospital with somebody who reviews."""
    key = await world.institution(cast.district, **values)
    await world.person(Party.INSTITUTION, key, Role.OPERATOR)
    return key


async def heard(world: World, scope: UUID) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What a scope has heard: event, change of the desk, body."""
    rows = await world.owner.fetch("select * from event where scope = $1 order by seq", scope)
    return [(row["type"], row["queue"], json.loads(row["body"])) for row in rows]


async def places(world: World, cast: Cast, *others: UUID) -> dict[str, Any]:
    """All that a merger could have changed."""
    keys = [cast.hospital, *others]
    tables = {
        "institution": "select * from institution where id = any($1) order by id",
        "registration": "select * from registration where institution_id = any($1) order by nurse_id",
        "application": "select * from application where institution_id = any($1) order by id",
        "event": "select * from event where scope = any($1) order by scope, seq",
        "setting": "select * from approval_setting where institution_id = any($1) order by 1, 2",
    }
    found = {name: [dict(row) for row in await world.owner.fetch(sql, keys)] for name, sql in tables.items()}
    return {**found, "traces": await world.traces(cast)}


@pytest.mark.feature("I1")
async def test_nurses_and_reviews_pass_to_the_other_and_the_merged_one_is_closed(story: Story, world: World) -> None:
    cast, officer = story.cast, await supervisor(world, story.cast)
    into, phone = await world.institution(cast.district, route=False), new_phone()
    colleague = await world.person(Party.INSTITUTION, into, Role.OPERATOR)
    await reach(world, cast.nurse.account_id, Channel.SMS, phone, verified=True)
    names = [(await world.row("institution", key))["name"] for key in (cast.hospital, into)]
    await story.take(Step.SUBMIT)
    before = await story.row()
    settings = await world.owner.fetch("select * from approval_setting where institution_id = $1", into)
    assert await merge(story.db, officer, cast.hospital, into) == cast.hospital

    row = await world.row("institution", cast.hospital)
    assert (row["state"], row["merged_into"], row["closed_at"]) == ("CLOSED", into, story.clock.now)
    entry = await story.registration()
    assert (entry["institution_id"], entry["authority_id"], entry["version"]) == (into, cast.district, 2)
    (line,) = await story.history()
    assert (line["reason"], line["institution_id"], line["account_id"]) == ("执业机构已合并", into, officer.account_id)
    now = await story.row()
    changed = {name for name in now if now[name] != before[name]}
    assert changed == {"institution_id", "version", "row_version", "moved_by"}
    assert (now["institution_id"], now["version"]) == (into, before["version"] + 1)

    body = {"kind": "RENEWAL", "step": "TRANSFER", "from": "INSTITUTION_REVIEW", "to": "INSTITUTION_REVIEW"}
    expected = {**body, "version": now["version"], "by": "AUTHORITY"}
    moved = ("registration.moved_in", None, await world.said_of(cast.nurse_id, "AUTHORITY", True, NOW.date()))
    assert await heard(world, into) == [
        ("application.transferred", "ADDED", {**expected, "entered": "INSTITUTION_REVIEW"}),
        moved,
    ]
    assert (await heard(world, cast.nurse_id))[1:] == [("application.transferred", None, expected), moved]
    left = {**expected, "left": "INSTITUTION_REVIEW"}
    assert (await heard(world, cast.hospital))[1:] == [("application.transferred", "REMOVED", left)]
    assert await sent_to(story.db, phone) == [
        ("APPLICATION_TRANSFERRED", {"business": "延续注册"}),
        ("INSTITUTION_MERGED", dict(zip(("institution", "into"), names, strict=True))),
    ]
    assert await world.owner.fetch("select * from approval_setting where institution_id = $1", into) == settings

    with pytest.raises(Unauthenticated):
        await story.take(Step.DECLINE, cast.operator)
    await story.take(Step.DECLINE, colleague)
    assert (await story.row())["state"] == "INSTITUTION_REJECTED"


async def test_what_lies_with_the_authority_passes_without_leaving_its_desk(story: Story, world: World) -> None:
    into = await world.institution(story.cast.district)
    for step in (Step.SUBMIT, Step.FORWARD):
        await story.take(step)
    await merge(story.db, await supervisor(world, story.cast), story.cast.hospital, into)
    row = await story.row()
    assert (row["institution_id"], row["state"]) == (into, "AUTHORITY_INTAKE")
    transferred = [line for line in await heard(world, story.cast.district) if line[0] == "application.transferred"]
    assert [(queue, body["version"]) for _, queue, body in transferred] == [("CHANGED", row["version"])]
    assert [line[1] for line in await heard(world, into)] == [None, None]
    await story.take(Step.ACCEPT)


@pytest.mark.feature("I7")
async def test_who_awaits_a_code_awaits_it_from_the_other(timed: Database, world: World, cast: Cast) -> None:
    nurse, officer = await candidate(world, cast, verified=CERTIFIED), await supervisor(world, cast)
    into = await world.institution(cast.district)
    code = await issue(timed, cast.operator, nurse)
    await merge(timed, officer, cast.hospital, into)
    with pytest.raises(NotAllowed) as refusal:
        await activate(timed, nurse.person.session, code)
    assert why(refusal.value) == "NO_CODE"
    assert await _awaiting(nurse) in await heard(world, into)
    colleague = await world.person(Party.INSTITUTION, into, Role.OPERATOR)
    await activate(timed, nurse.person.session, await issue(timed, colleague, nurse))


async def _awaiting(nurse: Candidate) -> tuple[str, None, dict[str, Any]]:
    assert nurse.nurse_id is not None
    return "account.awaiting_code", None, await nurse.world.said_of(nurse.nurse_id, "NURSE")


async def test_a_suspended_hospital_leaves_the_codes_to_the_authority_until_it_is_open_again(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse, officer = await candidate(world, cast, verified=CERTIFIED), await supervisor(world, cast)
    await candidate(world, cast)  # has not entered her certificate
    await change_institution(timed, officer, InstitutionStep.SUSPEND, cast.hospital)
    assert (await heard(world, cast.district), await heard(world, cast.hospital)) == ([await _awaiting(nurse)], [])
    await change_institution(timed, officer, InstitutionStep.REOPEN, cast.hospital)
    assert (await heard(world, cast.district), await heard(world, cast.hospital)) == ([await _awaiting(nurse)],) * 2


async def test_each_nurse_of_a_closed_hospital_is_told(timed: Database, world: World, cast: Cast) -> None:
    nurse, officer = await candidate(world, cast, verified=CERTIFIED), await supervisor(world, cast)
    name = (await world.row("institution", cast.hospital))["name"]
    await change_institution(timed, officer, InstitutionStep.CLOSE, cast.hospital)
    assert await nurse.sent() == [("INSTITUTION_CLOSED", {"institution": name})]
    for nurse_id in (cast.nurse_id, nurse.nurse_id):
        assert nurse_id is not None
        body = await world.said_of(nurse_id, "AUTHORITY", False, NOW.date())
        assert await heard(world, nurse_id) == [("registration.moved_out", None, body)]
    assert await heard(world, cast.district) == [await _awaiting(nurse)]


async def test_the_reviews_of_a_closed_hospital_go_on_without_it(story: Story, world: World) -> None:
    await story.take(Step.SUBMIT)
    await change_institution(story.db, await supervisor(world, story.cast), InstitutionStep.CLOSE, story.cast.hospital)
    row = await story.row()
    assert (row["state"], row["authority_id"]) == ("AUTHORITY_INTAKE", story.cast.district)
    types = [line[0] for line in await heard(world, story.cast.nurse_id)]
    assert types == ["application.submitted", "application.escalated", "registration.moved_out"]
    assert ("application.escalated", "ADDED") in {line[:2] for line in await heard(world, story.cast.district)}


@pytest.mark.parametrize(
    ("who", "into", "kind", "code"),
    [
        ("supervisor", "itself", Invalid, "INTO_ITSELF"),
        ("supervisor", "SUSPENDED", NotAllowed, "INTO_SUSPENDED"),
        ("supervisor", "CLOSED", NotAllowed, "INTO_CLOSED"),
        ("supervisor", "beside", NotAllowed, "NOT_ON_ONE_CHAIN"),
        ("supervisor", "nowhere", NotFound, None),
        ("reviewer", "ACTIVE", NotAllowed, "NOT_ALLOWED"),
        ("manager", "ACTIVE", NotAllowed, "NOT_ALLOWED"),
        ("stranger", "ACTIVE", NotAllowed, "NOT_LICENSED_HERE"),
    ],
)
async def test_a_refused_merger_moves_nothing(
    story: Story, world: World, who: str, into: str, kind: type[RegistryError], code: str | None
) -> None:
    cast = story.cast
    await story.take(Step.SUBMIT)
    beside = await world.authority(cast.nation)
    by = {
        "supervisor": await supervisor(world, cast),
        "reviewer": cast.reviewer,
        "manager": cast.manager,
        "stranger": await world.person(Party.AUTHORITY, beside, Role.SUPERVISOR),
    }[who]
    match into:
        case "itself":
            other = cast.hospital
        case "nowhere":
            other = cast.district
        case "beside":
            other = await world.institution(beside)
        case _:
            other = await world.institution(cast.district, state=into)
    before = await places(world, cast, other)
    with pytest.raises(kind) as refusal:
        await merge(story.db, by, cast.hospital, other)
    found = getattr(refusal.value, "reason", None)
    if isinstance(refusal.value, Invalid):
        (found,) = [one.code for one in refusal.value.problems]
    assert found == code
    assert await places(world, cast, other) == before


async def test_only_an_active_institution_is_merged(timed: Database, world: World, cast: Cast) -> None:
    officer, into = await supervisor(world, cast), await world.institution(cast.district)
    await change_institution(timed, officer, InstitutionStep.SUSPEND, cast.hospital)
    with pytest.raises(NotAllowed) as refusal:
        await merge(timed, officer, cast.hospital, into)
    assert why(refusal.value) == "INSTITUTION_SUSPENDED"


async def test_of_two_that_are_merged_into_each_other_at_once_one_goes_on(
    services: Services, world: World, cast: Cast
) -> None:
    officers = [await supervisor(world, cast) for _ in range(2)]
    for _ in range(ROUNDS):
        one, other = [await world.institution(cast.district) for _ in range(2)]
        nurses = [await world.nurse(key, cast.district) for key in (one, other)]
        steps = (merge(services.db, officers[0], one, other), merge(services.db, officers[1], other, one))
        answers = await asyncio.gather(*steps, return_exceptions=True)
        (refusal,) = [answer for answer in answers if not isinstance(answer, UUID)]
        assert isinstance(refusal, NotAllowed), refusal
        assert refusal.reason in ("INTO_CLOSED", "INSTITUTION_CLOSED")
        (closed,) = [answer for answer in answers if isinstance(answer, UUID)]
        left = other if closed == one else one
        assert [(await world.row("registration", key, "nurse_id"))["institution_id"] for key in nurses] == [left] * 2


async def test_what_is_filed_while_they_are_merged_is_the_others(services: Services, world: World, cast: Cast) -> None:
    officer = await supervisor(world, cast)
    for _ in range(ROUNDS):
        hospital, into = [await staffed(world, cast) for _ in range(2)]
        nurses = [await world.nurse(hospital, cast.district) for _ in range(6)]
        people = [await world.person(Party.NURSE, key, Role.NURSE) for key in nurses]
        keys = [await take_order(services.db, draft_of(one.session, RENEWAL)) for one in people]
        orders = [order_of(one.session, Step.SUBMIT, key, 1) for one, key in zip(people, keys, strict=True)]
        filing = (take_order(services.db, order) for order in orders)
        answers = await asyncio.gather(*filing, merge(services.db, officer, hospital, into), return_exceptions=True)
        assert answers[-1] == hospital
        assert {type(answer) for answer in answers} <= {UUID, Conflict}
        rows = await world.owner.fetch("select * from application where id = any($1)", keys)
        filed = [row["institution_id"] for row in rows if row["state"] == "INSTITUTION_REVIEW"]
        assert filed == [into] * sum(isinstance(answer, UUID) for answer in answers[:-1])


@pytest.mark.parametrize("step", [InstitutionStep.MERGE, InstitutionStep.CLOSE])
async def test_two_thousand_nurses_go_in_one_step(
    services: Services, world: World, cast: Cast, step: InstitutionStep
) -> None:
    officer, into = await supervisor(world, cast), await world.institution(cast.district)
    await reach(world, cast.nurse.account_id, Channel.SMS, new_phone(), verified=True)
    await _multiply(world, cast, 2_000)
    began = monotonic()
    await change_institution(
        services.db, officer, step, cast.hospital, into=into if step is InstitutionStep.MERGE else None
    )
    took = monotonic() - began
    sql = "select count(*) from registration where institution_id = $1"
    assert await world.owner.fetchval(sql, cast.hospital) == 0
    moved = await world.owner.fetchval(
        "select count(*) from registration_history where account_id = $1", officer.account_id
    )
    assert moved == 2_001
    sql = "select count(*) from event where account_id = $1 and type like 'registration.moved%'"
    assert await world.owner.fetchval(sql, officer.account_id) == (4_002 if step is InstitutionStep.MERGE else 2_001)
    assert took < DEADLINE * 3, took


async def _multiply(world: World, cast: Cast, times: int) -> None:
    """So many more nurses like the cast's, each with an account and a proved phone."""
    await world.owner.execute(
        """
        create temporary table twin as select uuidv7() as nurse_id, uuidv7() as account_id, n
          from generate_series(1, $1::int) n""",
        times,
    )
    for table, key, fresh in (
        ("nurse", "id", "'id', twin.nurse_id, 'id_number_index', sha256(uuid_send(twin.nurse_id))"),
        ("registration", "nurse_id", "'nurse_id', twin.nurse_id, 'certificate_number', twin.nurse_id"),
    ):
        await world.owner.execute(
            f"insert into {table} select (jsonb_populate_record(one, jsonb_build_object({fresh}))).* "
            f"from {table} one, twin where one.{key} = $1",
            cast.nurse_id,
        )
    await world.owner.execute(
        """insert into account select (jsonb_populate_record(one, jsonb_build_object('id', twin.account_id,
        'nurse_id', twin.nurse_id, 'user_name', left('u' || md5(twin.account_id::text), 12),
        'phone_index', sha256(uuid_send(twin.nurse_id))))).* from account one, twin where one.id = $1""",
        cast.nurse.account_id,
    )
    await world.owner.execute("drop table twin")

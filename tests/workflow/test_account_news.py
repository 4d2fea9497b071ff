"""What institutions, authorities and nurses hear of accounts: who awaits a code, who is active, whose has ended."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from db.store.engine import Database
from rules.application import Step
from rules.errors import NotAllowed
from rules.verification import Channel
from tests.support import activation as given
from tests.support.activation import CERTIFIED, VERIFIED, Candidate, candidate
from tests.support.activation_steps import WRONG, issue, submit
from tests.support.contacts import last_code, new_phone, reach
from tests.support.story import Story
from tests.support.world import Cast, World
from workflow import contact
from workflow.activation_code import activate
from workflow.revocation import AccountRevoke
from workflow.step import take


async def heard(world: World, scope: UUID | None) -> list[tuple[str, str | None, str | None, str | None]]:
    """What a scope has heard of nurses: the event, whose account, which nurse by name, and which side did it."""
    sql = "select type, account_id, body from event where scope = $1 and application_id is null order by seq"
    rows = [(row, json.loads(row["body"])) for row in await world.owner.fetch(sql, scope)]
    return [(row["type"], str(row["account_id"]), body["name"], body["by"]) for row, body in rows]


def expected(type: str, nurse: Candidate, by: str = "NURSE") -> Any:
    """One line of it."""
    return (f"account.{type}", str(nurse.person.account_id), "王护士", by)


@pytest.mark.feature("I7")
async def test_her_hospital_hears_that_she_awaits_her_code_and_that_she_is_active(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast)
    with pytest.raises(NotAllowed):
        await submit(timed, nurse, WRONG)
    assert await heard(world, cast.hospital) == []
    await submit(timed, nurse, await nurse.number(), key="only-once-1")
    await submit(timed, nurse, await nurse.number(), key="only-once-1")
    assert await heard(world, cast.hospital) == [expected("awaiting_code", nurse)]
    assert await heard(world, cast.district) == await heard(world, nurse.nurse_id) == []
    await activate(timed, nurse.person.session, await issue(timed, cast.operator, nurse))
    assert await heard(world, cast.hospital) == [expected("awaiting_code", nurse), expected("activated", nurse)]
    for scope in (cast.district, nurse.nurse_id):
        assert await heard(world, scope) == [expected("activated", nurse)]


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING", None])
async def test_where_no_hospital_vouches_the_authority_hears_it(
    timed: Database, world: World, cast: Cast, state: str | None
) -> None:
    hospital = state and await world.institution(cast.district, state=state)
    nurse = await candidate(world, cast, institution=hospital)
    await submit(timed, nurse, await nurse.number())
    assert await heard(world, cast.district) == [expected("awaiting_code", nurse)]
    assert hospital is None or await heard(world, UUID(str(hospital))) == []


async def test_a_deregistered_nurse_awaits_nothing(timed: Database, world: World, cast: Cast) -> None:
    entry = {"status": "DEREGISTERED", "deregistration_reason": "OTHER", "institution": None}
    nurse = await candidate(world, cast, outcome="DEREGISTERED", **entry)
    await submit(timed, nurse, await nurse.number())
    assert await heard(world, cast.district) == await heard(world, nurse.nurse_id) == [expected("activated", nurse)]


async def test_who_was_never_registered_is_told_in_her_own_feed(timed: Database, world: World, cast: Cast) -> None:
    number = given.id_number()
    nurse = await candidate(world, cast, outcome="EXAM_PASSED")
    await given.change(nurse, document_type="RESIDENT_ID", **given.sealed_number(world.keyring, number))
    await submit(timed, nurse, await given.exam(world, number), exam=True)
    nurse_id = (await nurse.account())["nurse_id"]
    line = ("account.activated", str(nurse.person.account_id), "李新护", "NURSE")
    assert await heard(world, nurse_id) == [line]


async def test_a_contact_that_was_lost_and_proved_again_makes_her_wait_again(
    timed: Database, world: World, cast: Cast
) -> None:
    nurse = await candidate(world, cast, verified={**CERTIFIED, "contact_verified": False})
    phone = new_phone()
    await reach(world, nurse.person.account_id, Channel.SMS, phone, verified=False)
    await contact.send_code(timed, nurse.person.session, Channel.SMS)
    await contact.confirm(timed, nurse.person.session, Channel.SMS, await last_code(timed, phone))
    assert await heard(world, cast.hospital) == [expected("awaiting_code", nurse)]


async def test_another_contact_of_one_who_waits_already_is_no_news(timed: Database, world: World, cast: Cast) -> None:
    nurse, box = await candidate(world, cast, verified=CERTIFIED), f"{new_phone()}@example.com"
    await reach(world, nurse.person.account_id, Channel.MAIL, box, verified=False)
    await contact.send_code(timed, nurse.person.session, Channel.MAIL)
    await contact.confirm(timed, nurse.person.session, Channel.MAIL, await last_code(timed, box))
    assert await heard(world, cast.hospital) == []


async def test_a_proved_contact_alone_is_not_ready(timed: Database, world: World, cast: Cast) -> None:
    nurse, phone = await candidate(world, cast, verified={**VERIFIED, "contact_verified": False}), new_phone()
    await reach(world, nurse.person.account_id, Channel.SMS, phone, verified=False)
    await contact.send_code(timed, nurse.person.session, Channel.SMS)
    await contact.confirm(timed, nurse.person.session, Channel.SMS, await last_code(timed, phone))
    assert await heard(world, cast.hospital) == []


@pytest.mark.feature("I8")
async def test_a_revocation_is_heard_with_the_withdrawals_in_one_order(story: Story, world: World) -> None:
    cast = story.cast
    await story.take(Step.SUBMIT)
    await take(story.db, cast.manager.session, AccountRevoke(cast.nurse.account_id, "护士已离职"))
    line = ("account.revoked", str(cast.nurse.account_id), "王护士", "INSTITUTION")
    for scope in (cast.hospital, cast.nurse_id):
        rows = await world.owner.fetch("select type, seq from event where scope = $1 order by seq", scope)
        types = ["application.submitted", "application.withdrawn", "account.revoked"]
        assert [(row["type"], row["seq"]) for row in rows] == list(zip(types, (1, 2, 3), strict=True))
        assert await heard(world, scope) == [line]
    assert await heard(world, cast.district) == []

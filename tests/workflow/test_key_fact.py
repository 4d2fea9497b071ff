"""Correcting a nurse's name and number: everything that repeats them follows at once, and only the province decides."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import pytest

from db.staff import sealed_phone
from graph.context import Services
from rules.application import State
from rules.errors import Conflict, Invalid, NotAllowed, NotFound
from rules.key_fact import KeyFacts
from rules.people import Party, Role
from tests.support.activation import sealed_number
from tests.support.authority_stage import put
from tests.support.institution_people import audited, new_phone, sent_to, why
from tests.support.key_facts import EVIDENCE, Place, new_number
from tests.support.world import Cast, Person, World
from workflow.key_fact import KeyFactApprove, KeyFactReject, KeyFactRequest
from workflow.key_fact_withdrawal import KeyFactWithdraw
from workflow.step import take


async def ask(services: Services, who: Person, facts: KeyFacts, nurse_id: UUID | None = None) -> UUID:
    """Ask for a correction."""
    return await take(services.db, who.session, KeyFactRequest(nurse_id, facts))


async def decide(
    services: Services, who: Person, key: UUID, seen: KeyFacts | None, reason: str = "", confirmed: bool = True
) -> UUID:
    """Agree, whatever sex and birth date are, or reject."""
    given = () if seen is None else (seen.name, seen.id_number, confirmed)
    answer = KeyFactReject(key, reason) if seen is None else KeyFactApprove(key, *given)
    return await take(services.db, who.session, answer)


@pytest.mark.feature("A5")
@pytest.mark.feature("X2")
async def test_record_account_and_open_applications_follow_at_once(
    services: Services, world: World, place: Place
) -> None:
    cast, number = place.cast, new_number()
    application = await put(world, cast, State.ACCEPTED)
    decided = await put(world, cast, State.REJECTED, decided_at=None)
    key = await ask(services, cast.nurse, KeyFacts(EVIDENCE, "王红", None, number))
    await decide(services, place.admin, key, KeyFacts("", "王红", None, number))
    nurse, keyring = await world.row("nurse", cast.nurse_id), services.db.keyring
    assert (nurse["name"], nurse["sex"], nurse["birth_date"].isoformat()) == ("王红", "MALE", "1991-03-02")
    assert nurse["id_number_index"] == keyring.blind_index(number, "id_number")
    masked = f"110***********{number[-2:]}"
    assert nurse["id_number_masked"] == masked
    row = await world.row("application", application)
    assert (row["nurse_name"], row["id_number_masked"], row["version"]) == ("王红", masked, 2)
    assert (row["nurse_sex"], row["nurse_birth_date"].isoformat()) == ("MALE", "1991-03-02")
    old = await world.row("application", decided)
    assert (old["nurse_sex"], old["nurse_birth_date"].isoformat()) == ("FEMALE", "1990-01-01")
    assert (old["nurse_name"], old["version"]) == ("王护士", 1)
    assert (await world.row("account", cast.nurse.account_id))["display_name"] == "王红"
    request = await world.row("desk_request", key)
    assert (request["state"], request["decided_by"]) == ("APPROVED", place.admin.account_id)
    assert number.encode() not in request["content_sealed"]
    assert await audited(world, place.admin) == ["keyFactApprove"]
    with pytest.raises(Conflict, match="REQUEST_DECIDED"):
        await decide(services, place.admin, key, None, "重复")


async def test_a_correction_stands_in_history_and_everybody_who_has_her_on_a_list_hears(
    services: Services, world: World, place: Place
) -> None:
    cast, number = place.cast, new_number()
    before = await world.row("registration", cast.nurse_id, "nurse_id")
    masked = (await world.row("nurse", cast.nurse_id))["id_number_masked"]
    key = await ask(services, cast.nurse, KeyFacts(EVIDENCE, "王红", None, number))
    await decide(services, place.admin, key, KeyFacts("", "王红", None, number))
    (row,) = await world.owner.fetch("select * from registration_history where nurse_id = $1", cast.nurse_id)
    assert (row["kind"], row["status"], row["account_id"]) == (None, "VALID", place.admin.account_id)
    assert row["reason"] == (
        f"关键信息更正：姓名由“王护士”更正为“王红”；证件号码由“{masked}”更正为“110***********{number[-2:]}”；"
        "性别由“女”更正为“男”；出生日期由“1990-01-01”更正为“1991-03-02”"
    )
    after = await world.row("registration", cast.nurse_id, "nurse_id")
    assert {**after, "version": before["version"]} == {**before}
    heard = "select body from event where scope = $1 and type = 'registration.corrected'"
    for scope in (cast.nurse_id, cast.hospital, cast.district):
        (event,) = await world.owner.fetch(heard, scope)
        numbers = {"certificate": after["certificate_number"], "idNumber": f"110***********{number[-2:]}"}
        assert json.loads(event["body"]) == {"nurse": str(cast.nurse_id), "name": "王红", **numbers, "by": "AUTHORITY"}


async def test_another_sex_or_birth_date_than_on_record_has_to_be_meant(
    services: Services, world: World, place: Place
) -> None:
    number = new_number()
    key = await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, None, None, number))
    with pytest.raises(Invalid) as refusal:
        await decide(services, place.admin, key, KeyFacts("", None, None, number), confirmed=False)
    assert [(one.path, one.code) for one in refusal.value.problems] == [
        ("idNumber", "SEX_DIFFERS"),
        ("idNumber", "BIRTH_DATE_DIFFERS"),
    ]
    await untouched(world, place, key)
    counting = "select count(*) from registration_history where nurse_id = $1"
    assert await world.owner.fetchval(counting, place.cast.nurse_id) == 0
    same = "update nurse set sex = 'MALE', birth_date = '1991-03-02' where id = $1"
    await world.owner.execute(same, place.cast.nurse_id)
    await decide(services, place.admin, key, KeyFacts("", None, None, number), confirmed=False)


async def test_who_asked_is_told_what_became_of_it(services: Services, world: World, place: Place) -> None:
    phone, keyring = new_phone(), services.db.keyring
    kept = sealed_phone(keyring, phone)
    columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(kept, 2))
    who = place.cast.operator
    await world.owner.execute(f"update account set {columns} where id = $1", who.account_id, *kept.values())
    key = await ask(services, who, KeyFacts(EVIDENCE, "王红"), place.cast.nurse_id)
    await decide(services, place.admin, key, KeyFacts("", "王红"))
    assert await sent_to(services.db, phone) == [("IDENTITY_REQUEST_DECIDED", {"outcome": "同意"})]


async def test_the_help_desk_and_a_nurse_who_is_not_known_yet_ask_for_nothing(
    services: Services, world: World, place: Place
) -> None:
    cast = place.cast
    desk = await world.person(Party.HELP_DESK, None, Role.HELP_DESK)
    nurse_id = await world.nurse(cast.hospital, cast.district)
    inactive = await world.person(Party.NURSE, nurse_id, Role.NURSE, state="INACTIVE")
    for who in (desk, inactive):
        with pytest.raises(NotAllowed):
            await ask(services, who, KeyFacts(EVIDENCE, "王红"))
        with pytest.raises(NotFound):
            await ask(services, who, KeyFacts(EVIDENCE, "王红"), cast.nurse_id)


async def untouched(world: World, place: Place, key: UUID) -> None:
    """Nothing has moved."""
    assert (await world.row("nurse", place.cast.nurse_id))["name"] == "王护士"
    assert (await world.row("desk_request", key))["state"] == "PENDING"


async def test_what_the_decider_reads_must_be_what_was_asked_for(
    services: Services, world: World, place: Place
) -> None:
    number = new_number()
    key = await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, "王红", None, number))
    with pytest.raises(Invalid) as refusal:
        await decide(services, place.admin, key, KeyFacts("", "王虹", None, None))
    assert [(one.path, one.code) for one in refusal.value.problems] == [
        ("name", "OTHER_THAN_REQUESTED"),
        ("idNumber", "OTHER_THAN_REQUESTED"),
    ]
    await untouched(world, place, key)


async def test_a_rejection_changes_nothing_and_says_why(services: Services, world: World, place: Place) -> None:
    key = await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, "王红"))
    with pytest.raises(Conflict, match="REQUEST_PENDING"):
        await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, "王虹"))
    await decide(services, place.admin, key, None, "材料不足")
    row = await world.row("desk_request", key)
    assert (row["state"], row["reason"]) == ("REJECTED", "材料不足")
    assert (await world.row("nurse", place.cast.nurse_id))["name"] == "王护士"
    await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, "王虹"))


@pytest.mark.feature("X2", "A5")
async def test_what_is_on_record_already_is_neither_asked_for_nor_agreed_to(
    services: Services, world: World, place: Place
) -> None:
    cast, number = place.cast, new_number()
    kept = sealed_number(world.keyring, number)
    columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(kept, 2))
    await world.owner.execute(f"update nurse set {columns} where id = $1", cast.nurse_id, *kept.values())
    for facts, path in (
        (KeyFacts(EVIDENCE, "王护士"), "name"),
        (KeyFacts(EVIDENCE, None, None, number), "idNumber"),
        (KeyFacts(EVIDENCE, "王护士", None, number), "name"),
    ):
        with pytest.raises(Invalid) as refusal:
            await ask(services, cast.nurse, facts)
        assert [(one.path, one.code) for one in refusal.value.problems] == [(path, "NOTHING_TO_CORRECT")]
    assert await world.owner.fetchval("select count(*) from desk_request where nurse_id = $1", cast.nurse_id) == 0
    key = await ask(services, cast.nurse, KeyFacts(EVIDENCE, "王红"))
    await world.rename(cast.nurse_id, "王红")
    with pytest.raises(Invalid) as refusal:
        await decide(services, place.admin, key, KeyFacts("", "王红"))
    assert [one.code for one in refusal.value.problems] == ["NOTHING_TO_CORRECT"]
    assert (await world.row("desk_request", key))["state"] == "PENDING"
    counting = "select count(*) from registration_history where nurse_id = $1"
    assert await world.owner.fetchval(counting, cast.nurse_id) == 0


@pytest.mark.feature("X2")
async def test_a_request_is_taken_back_by_the_side_that_asked_and_another_is_made(
    services: Services, world: World, place: Place
) -> None:
    cast = place.cast
    colleague = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR)
    herself = await world.person(Party.INSTITUTION, cast.hospital, Role.OPERATOR, self_nurse=cast.nurse_id)
    for who, by, refused in (
        (cast.nurse, cast.nurse, {"NOT_FOUND": (cast.operator, place.admin, (await world.cast()).nurse)}),
        (cast.operator, colleague, {"NOT_YOUR_FILING": (cast.nurse,), "ABOUT_YOURSELF": (herself,)}),
    ):
        key = await ask(services, who, KeyFacts(EVIDENCE, "王红"), None if who is cast.nurse else cast.nurse_id)
        for code, people in refused.items():
            for person in people:
                with pytest.raises((NotAllowed, NotFound)) as refusal:
                    await take(services.db, person.session, KeyFactWithdraw(key))
                assert getattr(refusal.value, "reason", refusal.value.code) == code
        await untouched(world, place, key)
        assert await take(services.db, by.session, KeyFactWithdraw(key)) == key
        row = await world.row("desk_request", key)
        assert (row["state"], row["decided_by"], row["reason"]) == ("WITHDRAWN", by.account_id, None)
        for answer in (
            take(services.db, by.session, KeyFactWithdraw(key)),
            decide(services, place.admin, key, None, "晚"),
        ):
            with pytest.raises(Conflict, match="REQUEST_DECIDED"):
                await answer
    await ask(services, cast.nurse, KeyFacts(EVIDENCE, "王虹"))


async def test_her_institution_may_ask_and_no_other(services: Services, world: World, place: Place) -> None:
    cast, stranger = place.cast, (await world.cast()).operator
    with pytest.raises(NotFound):
        await ask(services, stranger, KeyFacts(EVIDENCE, "王红"), cast.nurse_id)
    with pytest.raises(NotAllowed):
        await ask(services, cast.viewer, KeyFacts(EVIDENCE, "王红"), cast.nurse_id)
    with pytest.raises(NotFound):
        await ask(services, place.admin, KeyFacts(EVIDENCE, "王红"), cast.nurse_id)
    key = await ask(services, cast.operator, KeyFacts(EVIDENCE, "王红"), cast.nurse_id)
    for who in (cast.operator, cast.reviewer, cast.nurse):
        with pytest.raises(NotFound):
            await decide(services, who, key, KeyFacts("", "王红"))
    await untouched(world, place, key)


async def test_a_provincial_admin_who_is_that_nurse_does_not_decide(
    services: Services, world: World, place: Place
) -> None:
    key = await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, "王红"))
    herself = await world.person(Party.AUTHORITY, place.province, Role.PROVINCIAL_ADMIN, self_nurse=place.cast.nurse_id)
    with pytest.raises(NotAllowed) as refusal:
        await decide(services, herself, key, KeyFacts("", "王红"))
    assert why(refusal.value) == "ABOUT_YOURSELF"
    await untouched(world, place, key)


async def test_a_number_that_is_another_nurses_is_refused(services: Services, world: World, place: Place) -> None:
    cast, number = place.cast, new_number()
    other = await world.nurse(cast.hospital, cast.district)
    taken = services.db.keyring.blind_index(number, "id_number")
    await world.owner.execute("update nurse set id_number_index = $2 where id = $1", other, taken)
    key = await ask(services, cast.nurse, KeyFacts(EVIDENCE, None, None, number))
    with pytest.raises(Conflict, match="ID_NUMBER_TAKEN"):
        await decide(services, place.admin, key, KeyFacts("", None, None, number))
    await untouched(world, place, key)


async def test_of_admins_who_decide_at_once_one_does(services: Services, world: World, place: Place) -> None:
    colleague = await world.person(Party.AUTHORITY, place.province, Role.PROVINCIAL_ADMIN)
    key = await ask(services, place.cast.nurse, KeyFacts(EVIDENCE, "王红"))
    answers = await asyncio.gather(
        decide(services, place.admin, key, KeyFacts("", "王红")),
        decide(services, colleague, key, None, "材料不足"),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "UUID"]
    outcome = (await world.row("desk_request", key))["state"], (await world.row("nurse", place.cast.nurse_id))["name"]
    assert outcome in {("APPROVED", "王红"), ("REJECTED", "王护士")}


async def test_a_nurse_of_no_province_is_told_so(services: Services, cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refusal:
        await ask(services, cast.nurse, KeyFacts(EVIDENCE, "王红"))
    assert why(refusal.value) == "NO_PROVINCE"

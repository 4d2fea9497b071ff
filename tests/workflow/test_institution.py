"""Institutions: let in by their authority, named, suspended, closed; and what a refusal leaves untouched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from graph.context import Services
from rules.errors import Conflict, Invalid, NotAllowed, Unauthenticated
from rules.institution import InstitutionDocument, InstitutionStep
from rules.kinds import Kind
from rules.people import Party, Role
from tests.support.authority_stage import FILLED
from tests.support.institution_people import (
    audited,
    change_institution,
    create,
    new_institution,
    new_name,
    sent_to,
    supervisor,
    why,
)
from tests.support.orders import draft_of, take_order
from tests.support.rounds import ROUNDS
from tests.support.world import Cast, World


async def known(world: World, code: str) -> int:
    """How many institutions there are of a code."""
    found: int = await world.owner.fetchval("select count(*) from institution where code = $1", code)
    return found


@pytest.mark.feature("I1")
@pytest.mark.feature("A1")
@pytest.mark.feature("A2")
@pytest.mark.feature("A3")
async def test_an_institution_is_let_in_and_its_credentials_go_to_the_reserved_phone(
    services: Services, world: World, cast: Cast
) -> None:
    order = new_institution(approval_settings={Kind.RENEWAL: cast.district, Kind.FIRST: cast.nation})
    key = await create(services, cast.reviewer, order)
    row = await world.row("institution", key)
    assert (row["code"], row["name"], row["state"]) == (order.code, order.name, "PENDING")
    assert (row["authority_id"], row["responsible_name"]) == (cast.district, "李主任")
    ((template, values),) = await sent_to(services.db, order.responsible_phone)
    manager = await world.row("account", key, "institution_id")
    assert (template, values["institution"], values["userName"]) == (
        "INITIAL_CREDENTIALS",
        order.name,
        manager["user_name"],
    )
    assert (manager["state"], manager["roles"], manager["must_set_password"]) == ("INVITED", ["MANAGER"], True)
    assert manager["phone_masked"] == f"139****{order.responsible_phone[-4:]}"
    assert await services.passwords.verify(manager["password_hash"], values["password"])
    seen = await world.owner.fetch("select * from institution_document where institution_id = $1", key)
    assert {(one["document"], one["seen_by"]) for one in seen} == {
        (document, cast.reviewer.account_id) for document in InstitutionDocument
    }
    settings = await world.owner.fetch("select * from approval_setting where institution_id = $1", key)
    assert {one["kind"]: one["authority_id"] for one in settings} == {"RENEWAL": cast.district, "FIRST": cast.nation}
    assert await audited(world, cast.reviewer) == ["institutionCreate"]


async def test_the_first_password_is_nowhere_in_the_clear(services: Services, world: World, cast: Cast) -> None:
    order = new_institution()
    key = await create(services, cast.reviewer, order)
    ((_, values),) = await sent_to(services.db, order.responsible_phone)
    for table in ("outbox", "account", "audit", "institution"):
        rows = await world.owner.fetch(f"select {table}::text as row from {table}")
        assert not [row for row in rows if values["password"] in row["row"]], table
    assert (await world.row("institution", key))["state"] == "PENDING"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"documents_seen": frozenset(list(InstitutionDocument)[:3])}, ("documentsSeen", "DOCUMENTS_MISSING")),
        ({"code": "121101020000000000"}, ("code", "INSTITUTION_CODE_CHECK")),
        ({"name": "医院"}, ("name", "INSTITUTION_NAME")),
        ({"division": "11010"}, ("division", "DIVISION")),
        ({"responsible_phone": "010-1234"}, ("responsiblePhone", "PHONE_FORMAT")),
        ({"responsible_name": " "}, ("responsibleName", "FIELD_REQUIRED")),
    ],
)
async def test_what_is_wrong_is_said_by_its_field_and_nothing_is_made(
    services: Services, world: World, cast: Cast, changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    order = new_institution(**changes)
    with pytest.raises(Invalid) as refusal:
        await create(services, cast.reviewer, order)
    assert [(one.path, one.code) for one in refusal.value.problems] == [problem]
    assert await known(world, order.code) == 0
    assert await sent_to(services.db, order.responsible_phone) == []
    assert await audited(world, cast.reviewer) == []


async def test_a_code_and_a_standard_name_are_somebodys_once(services: Services, world: World, cast: Cast) -> None:
    first = new_institution()
    await create(services, cast.reviewer, first)
    for changes, path in (({"code": first.code}, "code"), ({"name": first.name}, "name")):
        again = new_institution(**changes)
        with pytest.raises(Invalid) as refusal:
            await create(services, cast.reviewer, again)
        assert [(one.path, one.code) for one in refusal.value.problems] == [(path, "TAKEN")]
        assert await sent_to(services.db, again.responsible_phone) == []


async def test_an_approving_authority_off_the_chain_is_refused(services: Services, world: World, cast: Cast) -> None:
    beside = await world.authority(cast.nation)
    order = new_institution(approval_settings={Kind.RENEWAL: beside})
    with pytest.raises(Invalid) as refusal:
        await create(services, cast.reviewer, order)
    assert [one.code for one in refusal.value.problems] == ["OFF_CHAIN"]
    assert await known(world, order.code) == 0


@pytest.mark.feature("A1", "A9")
async def test_an_institution_lies_in_the_area_of_the_authority_that_lets_it_in(
    services: Services, world: World, cast: Cast
) -> None:
    """The area is all below its code; a zone without a division's code is in the area of the one above it."""
    province = await world.authority(cast.nation)
    city = await world.authority(province)
    district, zone = await world.authority(city), await world.authority(city)
    codes = {province: ("910000", "PROVINCE"), city: ("910200", "CITY"), district: ("910203", "DISTRICT")}
    for key, (code, level) in codes.items():
        await world.owner.execute("update authority set code = $2, level = $3 where id = $1", key, code, level)
    for authority_id, inside, outside in (
        (province, ("910000", "910999"), ("920000", "190000")),
        (city, ("910200", "910203"), ("910300", "910000")),
        (district, ("910203",), ("910204", "910200")),
        (zone, ("910271",), ("910301",)),
        (cast.nation, ("910203", "110102"), ()),
    ):
        officer = await world.person(Party.AUTHORITY, authority_id, Role.REVIEWER)
        for division in inside:
            key = await create(services, officer, new_institution(division=division))
            assert (await world.row("institution", key))["division"] == division
        for division in outside:
            order = new_institution(division=division)
            with pytest.raises(Invalid) as refusal:
                await create(services, officer, order)
            assert [(one.path, one.code) for one in refusal.value.problems] == [("division", "OUT_OF_AREA")]
            assert division in refusal.value.problems[0].words.zh
            assert await known(world, order.code) == 0
            assert await sent_to(services.db, order.responsible_phone) == []


@pytest.mark.parametrize("who", ["nurse", "operator", "manager", "decider"])
async def test_nobody_else_lets_an_institution_in(services: Services, world: World, cast: Cast, who: str) -> None:
    order = new_institution()
    with pytest.raises(NotAllowed):
        await create(services, getattr(cast, who), order)
    assert await known(world, order.code) == 0


async def test_a_retry_makes_it_once(services: Services, world: World, cast: Cast) -> None:
    order = new_institution(idempotency_key="once-only-1")
    key = await create(services, cast.reviewer, order)
    assert await create(services, cast.reviewer, order) == key
    assert len(await sent_to(services.db, order.responsible_phone)) == 1
    with pytest.raises(Conflict):
        await create(services, cast.reviewer, replace(order, name=new_name()))


async def test_of_officers_who_make_the_same_institution_at_once_one_does(
    services: Services, world: World, cast: Cast
) -> None:
    colleague = await world.person(Party.AUTHORITY, cast.district, Role.REVIEWER)
    for _ in range(ROUNDS):
        orders = [new_institution(), new_institution()]
        orders[1] = replace(orders[1], code=orders[0].code)
        answers = await asyncio.gather(
            *(create(services, *one) for one in zip((cast.reviewer, colleague), orders, strict=True)),
            return_exceptions=True,
        )
        (loser,) = [answer for answer in answers if not isinstance(answer, UUID)]
        assert isinstance(loser, Invalid), loser
        assert [(one.path, one.code) for one in loser.problems] == [("code", "TAKEN")]
        assert await known(world, orders[0].code) == 1
        sent = [len(await sent_to(services.db, one.responsible_phone)) for one in orders]
        assert sorted(sent) == [0, 1]


@pytest.mark.feature("A7")
@pytest.mark.feature("X4")
async def test_its_authority_sets_the_standard_name_right(services: Services, world: World, cast: Cast) -> None:
    name, other = new_name(), await world.institution(cast.district)
    await change_institution(services.db, cast.reviewer, InstitutionStep.RENAME, cast.hospital, name=name)
    assert (await world.row("institution", cast.hospital))["name"] == name
    with pytest.raises(Invalid) as refusal:
        await change_institution(services.db, cast.reviewer, InstitutionStep.RENAME, other, name=name)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("name", "TAKEN")]
    assert (await world.row("institution", other))["name"] != name
    with pytest.raises(Invalid) as refusal:
        await change_institution(services.db, cast.reviewer, InstitutionStep.RENAME, cast.hospital, name=f" {name}")
    assert [(one.path, one.code) for one in refusal.value.problems] == [("name", "NOTHING_TO_CHANGE")]
    assert await audited(world, cast.reviewer) == ["institutionSetName"]


async def test_another_authority_has_no_say(services: Services, world: World, cast: Cast) -> None:
    beside = await world.authority(cast.nation)
    stranger = await world.person(Party.AUTHORITY, beside, Role.REVIEWER, Role.SUPERVISOR)
    before = await world.row("institution", cast.hospital)
    for step in (InstitutionStep.RENAME, InstitutionStep.SUSPEND, InstitutionStep.CLOSE):
        with pytest.raises(NotAllowed) as refusal:
            await change_institution(services.db, stranger, step, cast.hospital, name=new_name())
        assert why(refusal.value) == "NOT_LICENSED_HERE"
    assert await world.row("institution", cast.hospital) == before


async def test_suspended_and_open_again(services: Services, world: World, cast: Cast) -> None:
    officer = await supervisor(world, cast)
    await change_institution(services.db, officer, InstitutionStep.SUSPEND, cast.hospital)
    assert (await world.row("institution", cast.hospital))["state"] == "SUSPENDED"
    with pytest.raises(NotAllowed) as refusal:
        await change_institution(services.db, officer, InstitutionStep.SUSPEND, cast.hospital)
    assert why(refusal.value) == "INSTITUTION_SUSPENDED"
    await change_institution(services.db, officer, InstitutionStep.REOPEN, cast.hospital)
    assert (await world.row("institution", cast.hospital))["state"] == "ACTIVE"
    assert await audited(world, officer) == ["institutionSuspend", "institutionReopen"]


async def test_closing_leaves_no_code_no_roster_and_nobody_signed_in(
    services: Services, world: World, cast: Cast
) -> None:
    officer, colleague = await supervisor(world, cast), await world.nurse(cast.hospital, cast.district)
    waiting = await world.nurse(cast.hospital, cast.district)
    account = await world.person(Party.NURSE, waiting, Role.NURSE, state="INACTIVE")
    code = {"account_id": account.account_id, "institution_id": cast.hospital, "issued_by": cast.operator.account_id}
    later = {
        "code_hash": b"-" * 32,
        "expires_at": (await world.row("session", account.account_id, "account_id"))["expires_at"],
    }
    await world.insert("activation_code", **code, **later)
    elsewhere = await world.nurse(await world.institution(cast.district), cast.district)
    before = await world.row("registration", elsewhere, "nurse_id")
    await change_institution(services.db, officer, InstitutionStep.CLOSE, cast.hospital)
    row = await world.row("institution", cast.hospital)
    assert (row["state"], row["closed_at"] is not None) == ("CLOSED", True)
    for nurse_id in (cast.nurse_id, colleague, waiting):
        entry = await world.row("registration", nurse_id, "nurse_id")
        assert (entry["institution_id"], entry["status"], entry["version"]) == (None, "VALID", 2)
        history = await world.row("registration_history", nurse_id, "nurse_id")
        assert (history["reason"], history["institution_id"], history["account_id"]) == (
            "执业机构已关闭",
            None,
            officer.account_id,
        )
    assert await world.row("registration", elsewhere, "nurse_id") == before
    assert (await world.row("activation_code", account.account_id, "account_id"))["voided_at"] is not None
    with pytest.raises(Unauthenticated):
        await change_institution(services.db, cast.manager, InstitutionStep.RENAME, cast.hospital)
    with pytest.raises(NotAllowed) as refusal:
        await change_institution(services.db, officer, InstitutionStep.REOPEN, cast.hospital)
    assert why(refusal.value) == "INSTITUTION_CLOSED"


async def test_closing_while_nurses_file_waits_for_nobody_in_a_ring(
    services: Services, world: World, cast: Cast
) -> None:
    for _ in range(ROUNDS):
        hospital = await world.institution(cast.district)
        officer = await supervisor(world, cast)
        nurses = [await world.nurse(hospital, cast.district) for _ in range(7)]
        people = [await world.person(Party.NURSE, nurse_id, Role.NURSE) for nurse_id in nurses]
        drafts = (take_order(services.db, draft_of(one.session, FILLED)) for one in people)
        closing = change_institution(services.db, officer, InstitutionStep.CLOSE, hospital)
        answers = await asyncio.gather(*drafts, closing)
        assert answers[-1] == hospital
        for nurse_id in nurses:
            assert (await world.row("registration", nurse_id, "nurse_id"))["institution_id"] is None

"""The certificate's page (护士执业证书) as PDF."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from papers import paper
from rules.errors import NotFound
from rules.people import Party, Role
from rules.receipt import Statement, stated, unpacked
from tests.support.pdf import A4, Pdf
from tests.support.photos import a_photo
from tests.support.public_register import certified, published, written
from tests.support.world import Cast, Person, World
from workflow import paper as pages
from workflow.receipt import Receipts, Stamp

pytestmark = pytest.mark.feature("A4")

ORIGIN, AT = "https://register.example.cn", datetime(2026, 11, 30, 10, 15, tzinfo=UTC)


async def issue(world: World, cast: Cast, serial: str, **more: Any) -> None:
    """Give the nurse a certificate."""
    row = {"id": uuid7(), "nurse_id": cast.nurse_id, "number": "202511010212345", "serial": serial}
    await world.insert("certificate", **row, issued_on=date(2025, 10, 20), authority_id=cast.district, **more)


async def printed(services: Services, cast: Cast, who: Person) -> Pdf:
    """The page, as somebody prints it."""
    return Pdf(await paper.certificate_page(services.db, who.actor, [cast.nurse_id]))


async def test_certificate_says_who_may_practise_where_and_until_when(
    world: World, services: Services, cast: Cast
) -> None:
    serial = f"S{cast.nurse_id.hex}"
    await issue(world, cast, serial)
    hospital = await world.row("institution", cast.hospital)
    sql = "update registration set valid_until = $2 where nurse_id = $1"
    await world.owner.execute(sql, cast.nurse_id, date(2030, 1, 2))
    for who in (cast.nurse, cast.viewer, cast.decider):
        pdf = await printed(services, cast, who)
        for text in (
            *("护士执业证书", "姓名：王护士", "性别：女", "出生日期：1990年1月1日", "证书编号：202511010212345"),
            *(f"证书序号：{serial}", "有效期至：2030年1月2日", f"执业机构：{hospital['name']}", "二维码核验处"),
            *("发证机关：西城区卫生健康委员会", "发证日期：2025年10月20日"),
        ):
            assert text in pdf.text
        assert (pdf.sizes, len(pdf.pages)) == ({A4}, 1)
    assert (await printed(services, cast, cast.nurse)).file.name == "护士执业证书-王护士.pdf"


@pytest.mark.feature("N15")
async def test_her_photo_is_printed_by_those_who_see_it(world: World, services: Services, cast: Cast) -> None:
    await issue(world, cast, f"S{cast.nurse_id.hex}")
    await a_photo(world, cast, "CURRENT")
    people = (cast.nurse, cast.operator, cast.reviewer, cast.decider, cast.viewer)
    assert [(await printed(services, cast, who)).pictures for who in people] == [1, 1, 1, 1, 0]


async def test_new_certificate_is_printed_after_a_reissue(world: World, services: Services, cast: Cast) -> None:
    old, new = (f"S{mark}{cast.nurse_id.hex}" for mark in "AB")
    await issue(world, cast, old)
    await world.owner.execute("update certificate set voided_at = now() where nurse_id = $1", cast.nurse_id)
    with pytest.raises(NotFound):
        await printed(services, cast, cast.nurse)
    await issue(world, cast, new)
    text = (await printed(services, cast, cast.nurse)).text
    assert new in text
    assert old not in text


async def test_no_certificate_is_printed_of_a_nurse_who_is_off_the_register(
    world: World, services: Services, cast: Cast
) -> None:
    await issue(world, cast, f"S{cast.nurse_id.hex}")
    sql = "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER' where nurse_id = $1"
    await world.owner.execute(sql, cast.nurse_id)
    with pytest.raises(NotFound):
        await printed(services, cast, cast.nurse)


async def test_strangers_print_no_certificate(world: World, services: Services, cast: Cast) -> None:
    await issue(world, cast, f"S{cast.nurse_id.hex}")
    elsewhere = await world.cast()
    analyst = await world.person(Party.ANALYST, None, Role.ANALYST)
    for stranger in (elsewhere.nurse, elsewhere.manager, elsewhere.reviewer, analyst):
        with pytest.raises(NotFound):
            await printed(services, cast, stranger)


async def code(services: Services, cast: Cast, stamp: Stamp) -> str:
    """What the code on her certificate says."""
    ((row),) = await pages.certificate_pages(services.db, cast.nurse.actor, [cast.nurse_id], stamp)
    found: str = row["code"]
    return found


@pytest.mark.feature("A10")
async def test_the_code_is_the_living_page_and_what_a_key_that_is_active_has_signed_of_her(
    world: World, services: Services, cast: Cast
) -> None:
    row = await certified(world, cast)
    entry, nurse = await world.row("registration", cast.nurse_id, "nurse_id"), await world.row("nurse", cast.nurse_id)
    by = await published(world, AT - timedelta(days=1), AT + timedelta(days=1))
    page, _, receipt = (await code(services, cast, Stamp(Receipts(ORIGIN, by), AT))).partition("#")
    assert page == f"{ORIGIN}/v/{written(row['token'])}"
    signed = unpacked(receipt)
    assert signed is not None
    ((key_id, _),) = by.public.items()
    assert signed[1] == by.sign(key_id, signed[0])
    assert stated(signed[0]) == Statement(key_id, AT, row["serial"], nurse["name"], True, entry["valid_until"])
    assert await code(services, cast, Stamp(Receipts(ORIGIN, by), AT + timedelta(days=2))) == page
    await world.owner.execute("delete from signing_key where id = $1", key_id)
    assert await code(services, cast, Stamp(Receipts(ORIGIN, by), AT)) == page


@pytest.mark.feature("A10")
async def test_a_suspension_is_signed_as_no(world: World, services: Services, cast: Cast) -> None:
    await certified(world, cast)
    span = {"kind": "SUSPENSION", "starts_on": date(2020, 1, 1), "decision_number": "卫罚〔2026〕1号"}
    await world.insert("registration_span", id=uuid7(), nurse_id=cast.nurse_id, **span)
    by = await published(world, AT - timedelta(days=1))
    signed = unpacked(await code(services, cast, Stamp(Receipts(ORIGIN, by), AT)))
    assert signed is not None
    statement = stated(signed[0])
    assert statement is not None
    assert statement.may_practise is False


@pytest.mark.feature("A10")
async def test_the_page_shows_the_code_and_the_same_moment_gives_the_same_bytes(
    world: World, services: Services, cast: Cast
) -> None:
    row = await certified(world, cast)
    stamp = Stamp(Receipts(ORIGIN, await published(world, AT - timedelta(days=1))), AT)

    async def made(at: Stamp, *nurses: UUID) -> Pdf:
        return Pdf(await paper.certificate_page(services.db, cast.nurse.actor, [*nurses], at))

    pdf = await made(stamp, cast.nurse_id)
    assert f"{ORIGIN}/v/{written(row['token'])}" in pdf.text
    assert "24小时后请重新核验" in pdf.text
    assert "二维码核验处" not in pdf.text
    assert (pdf.sizes, len(pdf.pages)) == ({A4}, 1)
    assert (await made(stamp, cast.nurse_id)).file.content == pdf.file.content
    later = Stamp(stamp.receipts, AT + timedelta(seconds=1))
    assert (await made(later, cast.nurse_id)).file.content != pdf.file.content

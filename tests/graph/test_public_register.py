"""The public register (上网公示, A10): who is listed, what is told, and what looks like nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from graph.context import Services
from rules.public_register import BY_NUMBER, BY_NUMBER_AND_ADDRESS
from tests.support.contacts import captcha as captcha_of_sign_ins
from tests.support.live import Live
from tests.support.public_register import (
    CHECK,
    LOOK_UP,
    SCANNED,
    captcha,
    certified,
    look_up,
    named,
    published,
    somewhere,
    written,
)
from tests.support.receipts import signed
from tests.support.world import Cast, World
from workflow.certificate import CertificateTokenVoid
from workflow.step import take

pytestmark = pytest.mark.feature("A10")
NOBODY = {"__typename": "PublicLookUpPayload", "nurse": None}


async def public_facts(world: World, cast: Cast) -> dict[str, Any]:
    """All that everybody may know of her."""
    number, name = await named(world, cast.nurse_id)
    entry = await world.row("registration", cast.nurse_id, "nurse_id")
    hospital = await world.row("institution", cast.hospital)
    practises = {"mayPractise": True, "validUntil": entry["valid_until"].isoformat()}
    return {"name": name, "certificateNumber": number, "institutionName": hospital["name"], **practises}


async def test_whoever_is_listed_is_told_by_number_and_name_and_nothing_else_of_her(
    live: Live, world: World, cast: Cast
) -> None:
    number, name = await named(world, cast.nurse_id)
    found = (await look_up(live.as_(None), f" {number.lower()} ", f" {name} "))["nurse"]
    as_of = datetime.fromisoformat(found.pop("asOf"))
    assert found == await public_facts(world, cast)
    assert timedelta() <= datetime.now(UTC) - as_of < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("change", "practises"),
    [
        ("valid_until = current_date", True),
        ("valid_until = current_date - 1", False),
        ("institution_id = null", False),
    ],
)
async def test_whoever_is_on_the_register_is_listed_whether_she_may_practise_or_not(
    live: Live, world: World, cast: Cast, change: str, practises: bool
) -> None:
    await world.owner.execute(f"update registration set {change} where nurse_id = $1", cast.nurse_id)
    found = await look_up(live.as_(None), *await named(world, cast.nurse_id))
    assert found["nurse"]["mayPractise"] is practises
    assert (found["nurse"]["institutionName"] is None) == ("institution" in change)


async def test_a_suspension_is_told_as_no_and_never_as_why(live: Live, world: World, cast: Cast) -> None:
    span = {"kind": "SUSPENSION", "starts_on": date(2020, 1, 1), "decision_number": "卫罚〔2026〕1号"}
    await world.insert("registration_span", id=uuid7(), nurse_id=cast.nurse_id, reason="执业过错", **span)
    found = await look_up(live.as_(None), *await named(world, cast.nurse_id))
    assert found["nurse"]["mayPractise"] is False
    assert "卫罚" not in str(found)
    assert "SUSPEN" not in str(found)


async def test_nobody_another_name_and_whoever_is_off_the_register_are_one_answer(
    live: Live, world: World, cast: Cast
) -> None:
    number, name = await named(world, cast.nurse_id)
    other = await world.cast()
    off = "update registration set status = 'DEREGISTERED', deregistration_reason = 'DEATH' where nurse_id = $1"
    await world.owner.execute(off, other.nurse_id)
    client = live.as_(None)
    asked = [(number, "李四"), (f"{number}0", name), ("?", name), await named(world, other.nurse_id)]
    bodies = set()
    for one, called in asked:
        wish = {"certificateNumber": one, "name": called, **await captcha(client)}
        bodies.add((await client.post(LOOK_UP, {"input": wish})).content)
    assert len(bodies) == 1
    assert await look_up(client, "x" * 9000, "y" * 9000) == NOBODY


@pytest.mark.feature("A10")
async def test_nothing_asked_is_no_answer_and_costs_neither_captcha_nor_try(
    live: Live, world: World, cast: Cast
) -> None:
    number, name = await named(world, cast.nurse_id)
    client = live.as_(None)
    solved = await captcha(client)
    empty = {"certificateNumber": " ", "name": "", **solved}
    missing = [{"path": path, "code": "FIELD_REQUIRED"} for path in ("certificateNumber", "name")]
    refused = (await client.ask(LOOK_UP, input=empty))["publicLookUp"]
    assert refused == {"__typename": "ValidationProblem", "fields": missing}
    found = (await client.ask(LOOK_UP, input={"certificateNumber": number, "name": name, **solved}))["publicLookUp"]
    assert found["nurse"]["name"] == name


async def test_a_wrong_captcha_and_one_of_another_door_open_nothing(live: Live, world: World, cast: Cast) -> None:
    number, name = await named(world, cast.nurse_id)
    client = live.as_(None)
    right = await captcha(client)
    wrong = {"__typename": "ValidationProblem", "fields": [{"path": "captchaAnswer", "code": "CAPTCHA_WRONG"}]}
    for given in ({**right, "captchaAnswer": "?"}, right, await captcha_of_sign_ins(client)):
        wish = {"certificateNumber": number, "name": name, **given}
        assert (await client.ask(LOOK_UP, input=wish))["publicLookUp"] == wrong


async def test_an_address_has_a_budget_of_its_own_at_each_door(live: Live, world: World, cast: Cast) -> None:
    number, name = await named(world, cast.nurse_id)
    client, address, sql = (
        live.as_(None),
        somewhere(),
        "insert into attempt (subject) select $1 from generate_series(1, 119)",
    )
    network = f"{address.removesuffix('::1')}::/64"
    for door in ("publicLookUp", "publicCaptchaCreate"):
        await world.owner.execute(sql, world.keyring.blind_index(f"{door}:{network}", "address"))
    assert (await look_up(client, number, name, address))["nurse"] is not None
    wish = {"certificateNumber": number, "name": name, **await captcha(client)}
    answer = await client.post(LOOK_UP, {"input": wish}, **{"X-Forwarded-For": address})
    assert answer.json()["data"]["publicLookUp"]["__typename"] == "RateLimitedProblem"
    assert 3500 <= int(answer.headers["Retry-After"]) <= 3600
    assert (await look_up(client, number, name, somewhere()))["nurse"] is not None


async def test_wrong_names_for_one_number_are_bounded_and_keep_nobody_else_from_it(
    live: Live, world: World, cast: Cast
) -> None:
    number, name = await named(world, cast.nurse_id)
    client, guesser = live.as_(None), somewhere()
    sql = "insert into attempt (subject) select $1 from generate_series(1, $2)"
    await world.owner.execute(sql, world.keyring.blind_index(number, "publicLookUp"), BY_NUMBER - 1)
    assert (await look_up(client, number, name, guesser))["nurse"] is not None, "who is right is not counted"
    for _ in range(1 + BY_NUMBER_AND_ADDRESS):
        assert await look_up(client, number, "李四", guesser) == NOBODY
    assert (await look_up(client, number, name, guesser))["__typename"] == "RateLimitedProblem"
    assert (await look_up(client, number, name, somewhere()))["nurse"] is not None


async def test_a_code_leads_to_its_own_print_alone(live: Live, world: World, cast: Cast) -> None:
    old = await certified(world, cast)
    client, token = live.as_(None), written(old["token"])
    listed = {"state": "LISTED", "nurse": await public_facts(world, cast)}
    assert (await client.ask(SCANNED, token=token))["publicCertificate"] == listed
    sql = "update certificate set voided_at = now(), void_reason = 'REISSUED' where id = $1"
    await world.owner.execute(sql, old["id"])
    new = await certified(world, cast, nth=2)
    assert (await client.ask(SCANNED, token=token))["publicCertificate"] == {"state": "REPLACED", "nurse": None}
    assert (await client.ask(SCANNED, token=written(new["token"])))["publicCertificate"] == listed


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 21, "é" * 22, "A" * 5000, "=" * 22])
async def test_a_code_that_is_none_leads_nowhere(live: Live, token: str) -> None:
    assert (await live.as_(None).ask(SCANNED, token=token))["publicCertificate"] is None


async def test_whoever_was_merged_or_ended_without_a_void_certificate_is_not_shown(
    live: Live, world: World, cast: Cast
) -> None:
    row = await certified(world, cast)
    off = "update registration set status = 'DEREGISTERED', deregistration_reason = 'OTHER' where nurse_id = $1"
    await world.owner.execute(off, cast.nurse_id)
    assert (await live.as_(None).ask(SCANNED, token=written(row["token"])))["publicCertificate"] is None


async def test_she_ends_a_code_without_a_new_certificate(
    live: Live, world: World, cast: Cast, services: Services
) -> None:
    row = await certified(world, cast)
    client = live.as_(None)
    assert await take(services.db, cast.nurse.session, CertificateTokenVoid()) == cast.nurse_id
    after = await world.row("certificate", row["id"])
    assert {**after, "token": None} == {**row, "token": None}
    assert (await client.ask(SCANNED, token=written(row["token"])))["publicCertificate"] is None
    shown = (await client.ask(SCANNED, token=written(after["token"])))["publicCertificate"]
    assert (shown["state"], shown["nurse"]["name"]) == ("LISTED", (await public_facts(world, cast))["name"])


async def checked(live: Live, receipt: str) -> tuple[str, dict[str, Any] | None]:
    """What the register says of a receipt."""
    found = (await live.as_(None).ask(CHECK, receipt=receipt))["receiptCheck"]
    return found["outcome"], found["statement"]


async def test_a_receipt_is_worth_what_its_key_and_its_print_are_worth(live: Live, world: World, cast: Cast) -> None:
    row = await certified(world, cast)
    now = datetime.now(UTC).replace(microsecond=0)
    by = await published(world, now - timedelta(days=2), now - timedelta(days=1))
    said = {"serial": row["serial"], "name": "王护士"}
    held, day = now - timedelta(hours=30), timedelta(days=1)
    outcome, statement = await checked(live, f"https://x.cn/v/t#{signed(by, signed_at=held, **said)}")
    assert statement is not None
    assert statement.pop("sentence").startswith("登记信息截至")
    assert datetime.fromisoformat(statement.pop("signedAt")) == held
    assert (outcome, statement) == (
        "CONFIRMED",
        {
            "keyId": next(iter(by.public)),
            "name": "王护士",
            "serial": row["serial"],
            "certificateNumber": row["number"],
            "validUntil": "2030-01-02",
            "mayPractise": True,
        },
    )
    for at, expected in ((now - 3 * day, "KEY_NOT_ACTIVE"), (now - day / 2, "KEY_RETIRED")):
        assert (await checked(live, signed(by, signed_at=at, **said)))[0] == expected
    running = await published(world, now - day)
    assert (await checked(live, signed(running, signed_at=now + day, **said)))[0] == "FROM_THE_FUTURE"
    stranger = signed(running, signed_at=now, **{**said, "serial": f"{row['number']}-7"})
    assert (await checked(live, stranger))[0] == "BEING_RESTORED"
    await world.owner.execute("update certificate set voided_at = now() where id = $1", row["id"])
    assert (await checked(live, signed(running, signed_at=now, **said)))[0] == "REPLACED"


async def test_what_no_published_key_has_signed_says_nothing(live: Live, world: World, cast: Cast) -> None:
    row, now = await certified(world, cast), datetime.now(UTC)
    by, other = await published(world, now), await published(world, now)
    real, forged = (signed(one, signed_at=now, serial=row["serial"]) for one in (by, other))
    crossed = f"{real.partition('.')[0]}.{forged.partition('.')[2]}"
    assert await checked(live, crossed) == ("NOT_GENUINE", None)
    assert await checked(live, "no receipt at all") == ("NOT_GENUINE", None)
    await world.owner.execute("delete from signing_key where id = any($1)", [*by.public])
    assert await checked(live, real) == ("UNKNOWN_KEY", None)

"""The stock of blank certificates (空白证书): rights 4, and A4's 发证."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from db.session import digest
from db.store.engine import Database
from graph.context import Services
from rules.certificate_blank import NoCertificate, SpoilReason
from rules.errors import Invalid, NotAllowed, NotFound, RegistryError
from rules.people import Party, Role
from tests.support.rounds import ROUNDS, TASKS, at_once
from tests.support.stock import Office
from tests.support.story import NOW, Clock, codes_of, reason_of
from tests.support.world import TODAY, Cast, World
from workflow.certificate_blank import (
    CertificateBlankSpoil,
    CertificateBlanksReceive,
    CertificateBlanksRelease,
    CertificateBlanksUse,
    CertificateBlanksWithdraw,
)
from workflow.deputy import DeputyName, DeputySignIn
from workflow.step import Command, take

pytestmark = pytest.mark.feature("A4")


@pytest.fixture
def office(timed: Database, world: World, cast: Cast, clock: Clock) -> Office:
    """The office of a district."""
    return Office.of(timed, world, cast)


async def refused(office: Office, command: Command, who: Any = None) -> RegistryError:
    """How a step is refused; nothing has moved."""
    before = await office.everything()
    with pytest.raises(RegistryError) as refusal:
        await office.do(command, who)
    assert await office.everything() == before
    return refusal.value


def paths_of(refusal: RegistryError) -> list[tuple[str, str]]:
    """Where an input is wrong, and how."""
    assert isinstance(refusal, Invalid), refusal
    return [(one.path, one.code) for one in refusal.problems]


async def test_blanks_of_a_range_come_into_stock_once(office: Office) -> None:
    command = CertificateBlanksReceive(
        f"{office.letters.lower()} 0000-0098", office.number(102), idempotency_key="receipt-1"
    )
    assert await office.do(command) == office.cast.district
    assert await office.do(command) == office.cast.district
    rows = await office.blanks()
    assert [row["number"] for row in rows] == [office.number(nth) for nth in range(98, 103)]
    by = {"authority_id": office.cast.district, "received_by": office.cast.reviewer.account_id, "received_at": NOW}
    assert all(row == {**row, **by, "certificate_id": None, "spoiled_at": None} for row in rows)
    ((kind, body),) = await office.heard(office.cast.district)
    bounds = {"first": office.number(98), "last": office.number(102), "count": 5}
    assert (kind, json.loads(body)) == (
        "stock.received",
        {"authority": str(office.cast.district), **bounds, "by": "AUTHORITY"},
    )
    sql = "select detail from audit where action = 'certificateBlanksReceive' and account_id = $1"
    (row,) = await office.world.owner.fetch(sql, office.cast.reviewer.account_id)
    assert json.loads(row["detail"]) == {**bounds, "count": "5"}


async def test_the_largest_receipt_is_ten_thousand(office: Office) -> None:
    await office.receive(1, 10_000)
    assert len(await office.blanks()) == 10_000
    too_many = CertificateBlanksReceive(office.number(20_001), office.number(30_001))
    assert paths_of(await refused(office, too_many)) == [("last", "TOO_MANY")]


async def test_what_is_wrong_with_a_range_is_told_by_its_field(office: Office) -> None:
    for first, last, path, code in (
        ("", office.number(1), "first", "BLANK_NUMBER_FORMAT"),
        (f"{office.letters}001", office.number(1), "first", "BLANK_NUMBER_FORMAT"),
        (office.number(1), f"{office.letters}1234567890123", "last", "BLANK_NUMBER_FORMAT"),
        (office.number(1), "ABCDEFG12345678", "last", "BLANK_NUMBER_FORMAT"),
        (office.number(1), f"X{office.number(2)[1:]}", "last", "OTHER_SERIES"),
        (office.number(1), f"{office.letters}000000002", "last", "OTHER_SERIES"),
        (office.number(2), office.number(1), "last", "RANGE_ORDER"),
    ):
        assert paths_of(await refused(office, CertificateBlanksReceive(first, last))) == [(path, code)]


async def test_a_number_is_in_one_stock_of_the_country(office: Office, world: World) -> None:
    await office.receive(10, 20)
    elsewhere = await world.cast()
    for who in (office.cast.reviewer, elsewhere.decider):
        refusal = await refused(office, CertificateBlanksReceive(office.number(5), office.number(12)), who)
        assert paths_of(refusal) == [("first", "BLANK_KNOWN")]
        assert office.number(10) in refusal.problems[0].words.zh  # type: ignore[attr-defined]
    assert len(await office.blanks()) == 11


async def test_ranges_that_overlap_and_come_at_once_are_entered_whole_or_not_at_all(office: Office) -> None:
    for nth in range(ROUNDS):
        start = nth * 1_000
        ranges = [(start + 10 * n, start + 10 * n + 14) for n in range(TASKS)]
        answers = await at_once(*(office.receive(*one) for one in ranges))
        entered = [one for one, answer in zip(ranges, answers, strict=True) if answer == office.cast.district]
        assert all(codes_of(one) == {"BLANK_KNOWN"} for one in answers if isinstance(one, RegistryError))
        assert sum(isinstance(one, BaseException) for one in answers) == TASKS - len(entered)
        assert all(after[0] > before[1] for before, after in pairwise(entered))
        expected = {office.number(n) for first, last in entered for n in range(first, last + 1)}
        found = {row["number"] for row in await office.blanks()}
        assert {one for one in found if one >= office.number(start)} == expected


async def test_certificates_of_a_list_are_on_the_free_blanks_in_its_order(office: Office) -> None:
    await office.receive(1, 9)
    await office.spoil(2)
    casts = [await office.nurse() for _ in range(4)]
    await office.use(4, casts[3])
    assert await office.use(1, *casts[:3]) == office.cast.district
    certificates = {one.nurse_id: await office.world.row("certificate", one.nurse_id, "nurse_id") for one in casts}
    for nth, cast in ((1, casts[0]), (3, casts[1]), (5, casts[2]), (4, casts[3])):
        row = await office.blank(nth)
        by = {"printed_by": office.cast.reviewer.account_id, "printed_at": NOW}
        assert row == {**row, "certificate_id": certificates[cast.nurse_id]["id"], **by}
    sql = "select detail from audit where action = 'certificateBlanksUse' and nurse_id = $1"
    (row,) = await office.world.owner.fetch(sql, casts[1].nurse_id)
    blank = str((await office.blank(3))["id"])
    expected = {"blank": blank, "certificate": str(certificates[casts[1].nurse_id]["id"]), "of": "3"}
    assert json.loads(row["detail"]) == expected
    kind, body = (await office.heard(office.cast.district))[-1]
    assert (kind, json.loads(body)["first"], json.loads(body)["count"]) == ("stock.used", office.number(1), 3)


async def test_a_list_is_refused_whole_with_each_place_that_cannot_be(office: Office, world: World) -> None:
    await office.receive(1, 9)
    one, two, three = [await office.nurse() for _ in range(3)]
    bare = await world.nurse(office.cast.hospital, office.cast.district)
    await office.use(1, two)
    for ids, number, expected in (
        ((), 2, [("ids", "FIELD_REQUIRED")]),
        (tuple(uuid4() for _ in range(501)), 2, [("ids", "TOO_MANY")]),
        ((one.nurse_id, one.nurse_id), 2, [("ids.1", "TWICE")]),
        ((one.nurse_id, bare, uuid4()), 2, [("ids.1", "NO_CERTIFICATE"), ("ids.2", "NO_CERTIFICATE")]),
        ((one.nurse_id, two.nurse_id), 2, [("ids.1", "PRINTED_ALREADY")]),
        ((one.nurse_id, three.nurse_id), 9, [("firstNumber", "TOO_FEW_BLANKS")]),
    ):
        assert paths_of(await refused(office, CertificateBlanksUse(ids, office.number(number)))) == expected
    wrong = CertificateBlanksUse((one.nurse_id,), "?")
    assert paths_of(await refused(office, wrong)) == [("firstNumber", "BLANK_NUMBER_FORMAT")]
    for taken, why in ((1, "BLANK_NOT_FREE"), (10, "BLANK_UNKNOWN")):
        refusal = await refused(office, CertificateBlanksUse((one.nurse_id,), office.number(taken)))
        assert reason_of(refusal) == why


async def test_a_certificate_of_another_authority_or_of_old_is_on_no_blank_of_ours(
    office: Office, world: World
) -> None:
    await office.receive(1, 3)
    moved = await office.nurse()
    elsewhere = await world.cast()
    await office.issue(moved, authority_id=elsewhere.district)
    command = CertificateBlanksUse((moved.nurse_id,), office.number(1))
    assert isinstance(await refused(office, command), NoCertificate)
    assert reason_of(await refused(office, command, elsewhere.reviewer)) == "BLANK_UNKNOWN"


async def test_a_spoiled_print_is_void_and_the_certificate_goes_on_another_blank(office: Office) -> None:
    await office.receive(1, 3)
    cast = await office.nurse()
    await office.use(1, cast)
    key = (await office.blank(1))["id"]
    assert await office.spoil(1, SpoilReason.OTHER, " 卡纸 ") == key
    row = await office.blank(1)
    spoiled = {"spoil_reason": "OTHER", "spoil_note": "卡纸", "spoiled_at": NOW}
    assert row == {**row, **spoiled, "spoiled_by": office.cast.reviewer.account_id}
    await office.use(2, cast)
    assert (await office.blank(2))["certificate_id"] == row["certificate_id"]
    sql = "select detail from audit where action = 'certificateBlankSpoil' and nurse_id = $1"
    (trace,) = await office.world.owner.fetch(sql, cast.nurse_id)
    expected = {"blank": str(key), "reason": "OTHER", "certificate": str(row["certificate_id"])}
    assert json.loads(trace["detail"]) == expected
    assert (await office.heard(office.cast.district))[-2][0] == "stock.spoiled"


async def test_what_cannot_be_spoiled_is_told_why(office: Office, world: World) -> None:
    await office.receive(1, 4)
    gone, taken = await office.nurse(), await office.nurse()
    await office.use(1, gone, taken)
    await office.hand_out(taken)
    await office.spoil(3)
    await world.owner.execute("update certificate set voided_at = now() where nurse_id = $1", gone.nurse_id)
    for nth, reason in ((1, "BLANK_VOID"), (2, "HANDED_OUT"), (3, "BLANK_SPOILED")):
        refusal = await refused(office, CertificateBlankSpoil(office.number(nth), SpoilReason.LOST))
        assert reason_of(refusal) == reason
    for note, code in ((None, "FIELD_REQUIRED"), ("长" * 201, "TEXT_TOO_LONG")):
        refusal = await refused(office, CertificateBlankSpoil(office.number(4), SpoilReason.OTHER, note))
        assert paths_of(refusal) == [("note", code)]
    strange = CertificateBlankSpoil(office.number(5), SpoilReason.LOST)
    assert isinstance(await refused(office, strange), NotFound)
    elsewhere = await world.cast()
    ours = CertificateBlankSpoil(office.number(4), SpoilReason.LOST)
    assert isinstance(await refused(office, ours, elsewhere.reviewer), NotFound)


async def test_a_use_that_was_recorded_by_mistake_is_taken_back(office: Office) -> None:
    await office.receive(1, 4)
    one, two = await office.nurse(), await office.nurse()
    await office.use(1, one, two)
    before = await office.blank(1)
    assert await office.do(CertificateBlanksRelease(office.number(1), office.number(2))) == office.cast.district
    free = {"certificate_id": None, "printed_at": None, "printed_by": None, "row_version": 3}
    assert await office.blank(1) == {**before, **free}
    sql = "select detail from audit where action = 'certificateBlanksRelease' and nurse_id = $1"
    (trace,) = await office.world.owner.fetch(sql, one.nurse_id)
    expected = {"blank": str(before["id"]), "certificate": str(before["certificate_id"]), "of": "2"}
    assert json.loads(trace["detail"]) == expected
    assert (await office.heard(office.cast.district))[-1][0] == "stock.released"
    await office.use(2, one, two)
    await office.hand_out(two)
    for first, last, reason in ((1, 2, "NOT_ALL_PRINTED"), (2, 3, "HANDED_OUT"), (4, 4, "NOT_ALL_PRINTED")):
        command = CertificateBlanksRelease(office.number(first), office.number(last))
        assert reason_of(await refused(office, command)) == reason


async def test_a_receipt_that_was_recorded_by_mistake_is_taken_back(office: Office, world: World) -> None:
    await office.receive(1, 9)
    cast = await office.nurse()
    await office.use(5, cast)
    elsewhere = await world.cast()
    for first, last, who in ((4, 6, None), (8, 10, None), (1, 2, elsewhere.reviewer)):
        command = CertificateBlanksWithdraw(office.number(first), office.number(last))
        assert reason_of(await refused(office, command, who)) == "NOT_ALL_FREE"
    assert await office.do(CertificateBlanksWithdraw(office.number(6), office.number(9))) == office.cast.district
    assert [row["number"] for row in await office.blanks()] == [office.number(nth) for nth in range(1, 6)]
    assert (await office.heard(office.cast.district))[-1][0] == "stock.withdrawn"
    other = Office(office.db, world, elsewhere, office.letters)
    await other.receive(6, 9)


async def test_only_officers_of_the_authority_keep_the_stock(office: Office, world: World) -> None:
    cast = await office.nurse()
    await office.receive(1, 3)
    supervisor = await world.person(Party.AUTHORITY, office.cast.district, Role.SUPERVISOR)
    numbers = (office.number(4), office.number(4))
    for who in (office.cast.nurse, office.cast.manager, supervisor):
        for command in (
            CertificateBlanksReceive(*numbers),
            CertificateBlanksUse((cast.nurse_id,), office.number(1)),
            CertificateBlankSpoil(office.number(1), SpoilReason.LOST),
            CertificateBlanksRelease(*numbers),
            CertificateBlanksWithdraw(office.number(1), office.number(1)),
        ):
            assert isinstance(await refused(office, command, who), NotAllowed)


async def test_nobody_prints_or_spoils_her_own_certificate(office: Office, world: World) -> None:
    cast, (first, last) = await office.nurse(), (office.number(1), office.number(1))
    await office.receive(1, 3)
    own = "update account set self_nurse_id = $2 where id = $1"
    await world.owner.execute(own, office.cast.decider.account_id, cast.nurse_id)
    use = CertificateBlanksUse((cast.nurse_id,), first)
    assert reason_of(await refused(office, use, office.cast.decider)) == "ABOUT_YOURSELF"
    await office.use(1, cast)
    for command in (CertificateBlankSpoil(first, SpoilReason.LOST), CertificateBlanksRelease(first, last)):
        assert reason_of(await refused(office, command, office.cast.decider)) == "ABOUT_YOURSELF"


async def test_of_many_at_once_one_prints_on_a_blank_and_a_certificate_is_on_one(office: Office) -> None:
    await office.receive(1, 4 * ROUNDS)
    for nth in range(ROUNDS):
        cast, start = await office.nurse(), 4 * nth + 1
        others = [await office.nurse() for _ in range(TASKS // 2)]
        tries = [office.use(start, cast) for _ in range(TASKS // 2)] + [office.use(start, one) for one in others]
        answers = await at_once(*tries)
        assert sum(answer == office.cast.district for answer in answers) == 1
        assert all(isinstance(one, NotAllowed | Invalid) for one in answers if isinstance(one, BaseException))
        used = [await office.blank(start + n) for n in range(4)]
        assert [row["certificate_id"] is None for row in used] == [False, True, True, True]


async def test_one_certificate_printed_on_two_blanks_at_once_is_on_one_of_them(office: Office) -> None:
    await office.receive(1, TASKS * ROUNDS)
    for nth in range(ROUNDS):
        cast, start = await office.nurse(), TASKS * nth + 1
        answers = await at_once(*(office.use(start + n, cast) for n in range(TASKS)))
        assert sum(answer == office.cast.district for answer in answers) == 1
        refusals = [paths_of(one) for one in answers if isinstance(one, RegistryError)]
        assert refusals == [[("ids.0", "PRINTED_ALREADY")]] * (TASKS - 1)


async def test_a_blank_that_is_spoiled_while_it_is_used_is_spoiled_once_with_or_without_a_certificate(
    office: Office,
) -> None:
    await office.receive(1, ROUNDS)
    for nth in range(1, ROUNDS + 1):
        cast = await office.nurse()
        used, spoiled, again = await at_once(office.use(nth, cast), office.spoil(nth), office.spoil(nth))
        row = await office.blank(nth)
        assert row["spoiled_at"] == NOW
        assert (row["certificate_id"] is not None) == (used == office.cast.district)
        assert [spoiled, again].count(row["id"]) == 1


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("certificate_id = $2", "certificate_blank_one"),
        ("certificate_id = null", "certificate_blank_printed"),
        ("handed_out_at = now()", "certificate_blank_handed_out"),
        ("spoiled_at = now()", "certificate_blank_spoiled"),
        ("spoil_reason = 'OTHER', spoiled_at = now(), spoiled_by = printed_by", "certificate_blank_said"),
        ("collector = 'PROXY', handed_out_at = now(), handed_out_by = printed_by", "certificate_blank_proxy"),
        ("collector = 'POST', handed_out_at = now(), handed_out_by = printed_by", "certificate_blank_posted"),
        ("number = 'A1'", "certificate_blank_number"),
    ],
)
async def test_the_database_itself_keeps_a_blank_to_one_certificate(
    office: Office, change: str, constraint: str
) -> None:
    await office.receive(1, 2)
    cast, other = await office.nurse(), await office.nurse()
    await office.use(1, cast)
    certificate = (await office.world.row("certificate", other.nurse_id, "nurse_id"))["id"]
    values: list[UUID] = [(await office.blank(1))["id"], *([certificate] if "$2" in change else [])]
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await office.world.owner.execute(f"update certificate_blank set {change} where id = $1", *values)
    assert refusal.value.constraint_name == constraint


async def test_the_database_itself_keeps_a_certificate_to_one_blank_that_is_not_spoiled(office: Office) -> None:
    await office.receive(1, 2)
    cast = await office.nurse()
    await office.use(1, cast)
    row, other = await office.blank(1), await office.blank(2)
    sql = "update certificate_blank set certificate_id = $2, printed_at = now(), printed_by = received_by where id = $1"
    with pytest.raises(asyncpg.UniqueViolationError) as refusal:
        await office.world.owner.execute(sql, other["id"], row["certificate_id"])
    assert refusal.value.constraint_name == "certificate_blank_live"


async def test_a_deputys_record_of_use_says_for_whom(services: Services, world: World, cast: Cast) -> None:
    """As every step of a deputy does, also in the trail of each nurse."""
    office = Office.of(services.db, world, cast)
    await office.receive(1, 2)
    her, absent, deputy = await office.nurse(), cast.decider, cast.reviewer
    named = DeputyName(None, deputy.account_id, frozenset({Role.DECIDER}), TODAY, TODAY)
    key, token = await take(office.db, absent.session, named), token_urlsafe()
    await take(office.db, deputy.session, DeputySignIn(key, deputy.session.expires_at, token))
    session = replace(deputy.session, token_hash=digest(token))
    await take(office.db, session, CertificateBlanksUse((her.nurse_id,), office.number(1)))
    sql = "select detail from audit where action = 'certificateBlanksUse' and nurse_id = $1"
    (trace,) = await world.owner.fetch(sql, her.nurse_id)
    assert json.loads(trace["detail"])["onBehalfOf"] == str(absent.account_id)

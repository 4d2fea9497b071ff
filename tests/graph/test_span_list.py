"""Interruptions and dispatches of many nurses by a list: tried first, then all of them or none (I23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from tests.support.lists import xlsx
from tests.support.live import Live
from tests.support.people import form, known
from tests.support.uploads import send_list
from tests.support.world import TODAY, Cast, World

BEGAN: Final = TODAY - timedelta(days=30)
ENDED: Final = TODAY - timedelta(days=3)
ASKED: Final = """mutation($input: SpanListInput!) {{ {0}(input: $input) {{ __typename
  ... on {1}Payload {{ rows recorded }}
  ... on Problem {{ code message }} ... on ValidationProblem {{ fields {{ path code message }} }} }} }}"""
INTERRUPTIONS: Final = ASKED.format("interruptionList", "InterruptionList")
DISPATCHES: Final = ASKED.format("dispatchList", "DispatchList")
HEADS: Final = ("姓名", "身份证号", "开始日期", "结束日期", "中断事由")
SENT: Final = ("身份证号", "派出类别", "开始日期", "结束日期", "接收机构代码", "系统外地点")


@dataclass
class Hospital:
    """A hospital with three nurses whose numbers a list can name."""

    world: World
    cast: Cast
    ids: list[UUID]
    numbers: list[str]

    async def spans(self) -> list[tuple[int, str, date, date | None, str | None]]:
        """What is recorded of the three: whose, what, since when, until when, why."""
        found = await self.world.owner.fetch(
            "select * from registration_span where nurse_id = any($1) order by starts_on, nurse_id", self.ids
        )
        names = ("kind", "starts_on", "ends_on")
        whose = {key: nth for nth, key in enumerate(self.ids)}
        return sorted((whose[row["nurse_id"]], *(row[name] for name in names), row["cause"]) for row in found)

    async def audited(self) -> list[str]:
        """What is on record of steps about the three."""
        found = await self.world.owner.fetch("select action from audit where nurse_id = any($1) order by id", self.ids)
        return [row["action"] for row in found]


@pytest_asyncio.fixture
async def hospital(world: World, cast: Cast) -> Hospital:
    """The one of this test."""
    people = [form(name=f"王{name}") for name in "甲乙丙"]
    ids = [await known(world, cast, one) for one in people]
    return Hospital(world, cast, ids, [one.id_number for one in people])


def rows_of(hospital: Hospital) -> list[list[str]]:
    """An interruption that runs with a reason, and one that is over without."""
    first, second, _ = hospital.numbers
    one, other = ["王甲", first, str(BEGAN), "", "休假"], ["王乙", second, str(BEGAN), str(ENDED), ""]
    return [[*HEADS], one, other]


async def hand_in(live: Live, hospital: Hospital, document: str, rows: list[list[str]], **given: Any) -> Any:
    """What the operator is answered."""
    return await send_list(live, hospital.cast.operator, document, xlsx(rows), **given)


@pytest.mark.feature("I23")
async def test_a_list_is_tried_and_then_recorded_for_all(live: Live, hospital: Hospital) -> None:
    rows = rows_of(hospital)
    tried = await hand_in(live, hospital, INTERRUPTIONS, rows, dryRun=True)
    assert (tried["rows"], tried["recorded"], await hospital.spans()) == (2, 0, [])
    assert "interruptionStart" not in await hospital.audited()
    done = await hand_in(live, hospital, INTERRUPTIONS, rows)
    assert (done["rows"], done["recorded"]) == (2, 2)
    assert await hospital.spans() == [
        (0, "INTERRUPTION", BEGAN, None, "LEAVE"),
        (1, "INTERRUPTION", BEGAN, ENDED, None),
    ]
    kept = [one for one in await hospital.audited() if one.startswith("interruption")]
    assert kept == ["interruptionStart", "interruptionStart", "interruptionEnd"]
    ended = await hand_in(live, hospital, INTERRUPTIONS, [[*HEADS], ["王甲", hospital.numbers[0], "", str(ENDED), ""]])
    assert ended["recorded"] == 1
    assert (await hospital.spans())[0] == (0, "INTERRUPTION", BEGAN, ENDED, "LEAVE")


@pytest.mark.feature("I23")
async def test_where_one_row_is_refused_nothing_is_recorded_and_all_are_told(live: Live, hospital: Hospital) -> None:
    first, second, third = hospital.numbers
    rows = [[*HEADS], ["", first, str(BEGAN), "", ""], ["", second, str(TODAY + timedelta(days=1)), "", ""]]
    refused = await hand_in(live, hospital, INTERRUPTIONS, [*rows, ["", third, "", "", ""]])
    answers = [(one["path"], one["code"]) for one in refused["fields"]]
    assert answers == [("csv", "DATE_IN_FUTURE"), ("csv", "FIELD_REQUIRED")]
    assert refused["fields"][0]["message"].startswith("第3行“开始日期”列")
    assert await hospital.spans() == []


async def test_a_list_names_each_nurse_of_the_roster_once_and_no_other(live: Live, hospital: Hospital) -> None:
    first = hospital.numbers[0]
    stranger = form().id_number
    rows = [
        [*HEADS],
        ["", first, str(BEGAN), "", ""],
        ["", first, str(BEGAN), "", ""],
        ["", stranger, str(BEGAN), "", ""],
    ]
    refused = await hand_in(live, hospital, INTERRUPTIONS, rows)
    assert [one["code"] for one in refused["fields"]] == ["TWICE", "NOT_FOUND"]
    illness = await hand_in(live, hospital, INTERRUPTIONS, [[*HEADS], ["", first, str(BEGAN), "", "病假"]])
    assert [one["code"] for one in illness["fields"]] == ["FIELD_UNREADABLE"]
    assert await hospital.spans() == []


async def test_dispatches_by_a_list_name_an_institution_by_its_code_or_a_place(live: Live, hospital: Hospital) -> None:
    far = await hospital.world.cast()
    code = (await hospital.world.row("institution", far.hospital, "id"))["code"]
    first, second, third = hospital.numbers
    rows = [
        [*SENT],
        [first, "支援", str(BEGAN), "", code, ""],
        [second, "义诊", str(BEGAN), str(ENDED), "", "石门村卫生室"],
    ]
    wrong = [*rows, [third, "进修", str(BEGAN), "", "91110000000000000X", ""]]
    refused = await hand_in(live, hospital, DISPATCHES, wrong)
    assert [one["code"] for one in refused["fields"]] == ["NO_SUCH_INSTITUTION"]
    assert await hospital.spans() == []
    assert (await hand_in(live, hospital, DISPATCHES, rows))["recorded"] == 2
    assert await hospital.spans() == [(0, "DISPATCH", BEGAN, None, None), (1, "DISPATCH", BEGAN, ENDED, None)]


async def test_nobody_records_herself_by_a_list(live: Live, hospital: Hospital) -> None:
    is_she = "update account set self_nurse_id = $2 where id = $1"
    await hospital.world.owner.execute(is_she, hospital.cast.operator.account_id, hospital.ids[0])
    refused = await hand_in(live, hospital, INTERRUPTIONS, rows_of(hospital))
    assert [one["code"] for one in refused["fields"]] == ["ABOUT_YOURSELF"]
    sent = [[*SENT], [hospital.numbers[0], "支援", str(BEGAN), "", "", "石门村卫生室"]]
    refused = await hand_in(live, hospital, DISPATCHES, sent)
    assert [one["code"] for one in refused["fields"]] == ["ABOUT_YOURSELF"]
    assert await hospital.spans() == []


async def test_the_same_list_sent_again_is_recorded_once(live: Live, hospital: Hospital) -> None:
    content, operator = xlsx(rows_of(hospital)), hospital.cast.operator
    first = await send_list(live, operator, INTERRUPTIONS, content, idempotencyKey="list-of-1")
    assert await send_list(live, operator, INTERRUPTIONS, content, idempotencyKey="list-of-1") == first
    assert len(await hospital.spans()) == 2

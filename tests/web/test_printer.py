"""How pages are made: fonts, rare characters, and what people wrote is never read as a program."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from papers.printer import WAITING, Printer
from rules.application import State, Step
from rules.errors import RateLimited
from tests.support.printing_desk import Desk

pytestmark = pytest.mark.feature("I18")

DATED = datetime(2025, 9, 26, tzinfo=UTC)


async def test_fonts_are_embedded(desk: Desk) -> None:
    fonts = (await desk.form()).fonts
    assert {name.partition("+")[2] for name in fonts} == {"NotoSerifSC-Regular", "NotoSansSC-Regular"}
    assert all(fonts.values())


async def test_name_that_looks_like_a_program_is_printed_as_it_is(desk: Desk) -> None:
    name = '#import"x":*a*;$x^2$`raw`<b>@c\\#{panic()}'
    await desk.rename(name)
    assert name in (await desk.form()).text


async def test_rare_characters_are_printed(desk: Desk) -> None:
    rare = "㛃䶮𬭚𫖯𠅤𰻞"
    await desk.rename(rare)
    pdf = await desk.form()
    assert rare in pdf.text
    assert "统一码" not in pdf.text


async def test_character_that_no_font_has_is_told_and_never_a_box(desk: Desk) -> None:
    await desk.rename("王𪚥𪚥\U000e0100")
    text = (await desk.form()).text
    assert "王〔U+2A6A5〕〔U+2A6A5〕〔U+E0100〕" in text
    assert "不能显示的字以其统一码编号标示：U+2A6A5、U+E0100。" in text


async def test_lines_and_tabs_of_what_somebody_wrote_are_no_rare_characters(desk: Desk) -> None:
    await desk.story.reach(State.INSTITUTION_REVIEW)
    await desk.story.take(Step.DECLINE, opinion="一\r\n二\t三\n")
    text = (await desk.form()).text
    assert "一二三负责人" in text
    assert "U+" not in text


async def test_same_application_gives_the_same_bytes(desk: Desk) -> None:
    assert (await desk.form()).file.content == (await desk.form()).file.content


async def test_printer_has_no_endless_queue() -> None:
    printer = Printer()
    page = {"title": "空", "foot": "", "authority": "", "number": "", "recipient": "", "date": ""}
    lists: dict[str, Any] = {"before": [], "points": [], "after": []}
    run = {"title": "空", "template": "letter", "papers": [{**page, **lists}]}

    async def printed() -> bytes:
        async with printer.place(1):
            return await printer.pdf(run, DATED)

    answers = await asyncio.gather(*(printed() for _ in range(WAITING + 1)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [*[bytes] * WAITING, RateLimited]

"""Workbooks as hospitals hand them in (集体申请名单): read as text in a process of their own, with bounds of every kind."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import psutil
import pytest
import xlwt

from papers.list_template import EXAMPLE, columns, list_template
from rules.collective import COLLECTIVE_KINDS, MOST
from rules.collective_list import Row
from rules.errors import Invalid
from rules.kinds import Kind
from rules.list_heads import title_of
from rules.list_table import UNPACKED_BYTES, WORKBOOK_BYTES
from tests.support.kinds import forms
from tests.support.lists import CERTIFICATE, NUMBER, repacked, xls, xlsx
from tests.support.processes import children_with
from workflow.collective_file import read_rows
from workflow.workbook_cells import sheets

HEAD = ["序号", "*姓名", "*身份证号码", "护士执业证书编码", "体检日期", "工作科室", "职称"]
ROW = [1, "张三", NUMBER, CERTIFICATE, "2026-01-05", "急诊（科）室", "护师"]
NAMED = {"name": "张三", "idNumber": NUMBER, "certificateNumber": CERTIFICATE}
FILLED = {"healthExaminedOn": "2026-01-05", "department": "EMERGENCY", "title": "SENIOR_NURSE"}
FORM = forms(date(2026, 3, 2))
Write = Callable[[Any, Any], None]


async def read(content: bytes, kind: Kind = Kind.RENEWAL) -> list[Row]:
    """The rows of a file, with a form for all."""
    return await read_rows(kind, FORM[kind], content)


async def refused(content: bytes, kind: Kind = Kind.RENEWAL) -> str:
    """The code of what is wrong with a file."""
    with pytest.raises(Invalid) as refusal:
        await read(content, kind)
    (problem,) = refusal.value.problems
    assert problem.path == "csv"
    return problem.code


def _merged_title(book: Any, sheet: Any) -> None:
    sheet.merge_range("A1:G1", "某某医院护士延续注册名单", book.add_format({"bold": True}))
    sheet.merge_range("A2:G2", "填报日期：2026年3月2日　联系人：李四")
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", ROW)


def _two_heads(book: Any, sheet: Any) -> None:
    for place, head in enumerate(HEAD[:4]):
        sheet.merge_range(0, place, 1, place, head)
    sheet.merge_range("E1:G1", "执业情况")
    sheet.write_row("E2", HEAD[4:])
    sheet.write_row("A4", ROW)


def _beginning_at_c3(book: Any, sheet: Any) -> None:
    sheet.write_row("C3", HEAD)
    sheet.write_row("C4", ROW)


def _styled_to_the_end(book: Any, sheet: Any) -> None:
    look = book.add_format({"bg_color": "yellow"})
    sheet.write_row("A1", HEAD)
    sheet.write_row("A4", ROW)
    sheet.write_blank("A1048576", None, look)
    sheet.write_blank("XFD3", None, look)


def _blanks(book: Any, sheet: Any) -> None:
    sheet.write_row("A2", [*HEAD, " ", "　"])
    sheet.write_row("A4", [*ROW, "", " "])
    sheet.write("B6", "  ")
    sheet.write("B30000", "　")


def _formulas(book: Any, sheet: Any) -> None:
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", ROW)
    sheet.write_formula("B4", '=CONCAT("张","三")', None, "张三")
    sheet.write_formula("C4", f'="{NUMBER}"', None, NUMBER)
    sheet.write_formula("E4", "=DATE(2026,1,5)", book.add_format({"num_format": "yyyy/m/d"}), 46027)


def _rich(book: Any, sheet: Any) -> None:
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", ROW)
    red = book.add_format({"font_color": "red"})
    sheet.write_rich_string("C4", NUMBER[:6], red, NUMBER[6:14], NUMBER[14:])
    sheet.write_comment("C4", "已核对")


def _hidden_first(book: Any, sheet: Any) -> None:
    sheet.write_row("A1", HEAD)
    sheet.write_row("A2", [1, "王五", "110101199003070038", "1", "", "", ""])
    front = book.add_worksheet("本月")
    front.write_row("A3", HEAD)
    front.write_row("A4", ROW)
    front.activate()
    front.set_first_sheet()
    sheet.hide()


def _explained_first(book: Any, sheet: Any) -> None:
    sheet.write_column("A1", ["填写说明", "1.身份证号须为18位", "2.每人一行"])
    second = book.add_worksheet("数据")
    second.write_row("A3", HEAD)
    second.write_row("A4", ROW)
    book.add_worksheet("Sheet3")


def _noted_below(book: Any, sheet: Any) -> None:
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", ROW)
    sheet.merge_range("A6:G6", "注：1.体检须在6个月内；2.身份证号18位。")
    sheet.write_row("A7", ["合计", 1])
    sheet.write_row("A8", ["填表人：李四", "", "", "负责人：王五", "", "", "（盖章）"])


def _example_left_in(book: Any, sheet: Any) -> None:
    sheet.write_row("A2", HEAD)
    sheet.write_row("A3", [EXAMPLE, "张小花", "110101199003070038", "", "2026-01-05", "病房", "护士"])
    sheet.write_row("A4", ROW)


def _filtered(book: Any, sheet: Any) -> None:
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", ROW)
    sheet.autofilter("A3:G4")
    sheet.set_column("F:F", None, None, {"hidden": True})
    sheet.protect("secret")


def _apostrophes(book: Any, sheet: Any) -> None:
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", [1, "张三", f"'{NUMBER}", f"’{CERTIFICATE}", "'2026-01-05", "'急诊科", "护师"])


def _numbers(book: Any, sheet: Any) -> None:
    sheet.write_row("A3", HEAD)
    sheet.write_row("A4", [1, "张三", NUMBER, int(CERTIFICATE), 46027, "急诊室", "护师（初级）"])


def _dates(*formats: str) -> list[tuple[str, Write]]:
    def writes(look: str) -> Write:
        def write(book: Any, sheet: Any) -> None:
            sheet.write_row("A3", HEAD)
            sheet.write_row("A4", ROW)
            sheet.write_datetime("E4", datetime(2026, 1, 5), book.add_format({"num_format": look}))

        return write

    return [(f"a day as {look}", writes(look)) for look in formats]


WORKBOOKS: list[tuple[str, Write]] = [
    ("merged titles", _merged_title),
    ("heads of two rows", _two_heads),
    ("a table that begins at C3", _beginning_at_c3),
    ("colours to the last row and column", _styled_to_the_end),
    ("blanks beside and below", _blanks),
    ("formulas", _formulas),
    ("rich text and a comment", _rich),
    ("a hidden sheet before", _hidden_first),
    ("instructions before", _explained_first),
    ("notes below", _noted_below),
    ("the example left in", _example_left_in),
    ("a filter, a hidden column, a protected sheet", _filtered),
    ("apostrophes", _apostrophes),
    ("numbers", _numbers),
    *_dates("yyyy/m/d", "yyyy-mm-dd hh:mm:ss", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "m/d/yy", "[DBNum1]yyyy-m-d"),
]


@pytest.mark.parametrize(("what", "write"), WORKBOOKS, ids=[what for what, _ in WORKBOOKS])
async def test_a_workbook_is_read_as_it_is_seen(what: str, write: Write) -> None:
    (row,) = await read(xlsx(write))
    assert (row.line, row.named, row.filled, row.problems, row.notes) == (4, NAMED, FILLED, (), ())


async def test_a_workbook_that_counts_from_1904_means_the_same_days() -> None:
    ((_, write),) = _dates("yyyy-mm-dd")
    (row,) = await read(xlsx(write, date_1904=True))
    assert row.filled == FILLED


def _xls_day(book: Any, sheet: Any) -> None:
    sheet.write(3, 4, date(2026, 1, 5), xlwt.easyxf(num_format_str="yyyy/m/d"))
    hidden = book.add_sheet("旧名单")
    hidden.write(0, 0, "身份证号")
    hidden.visibility = 1


async def test_a_workbook_from_before_2007_is_read_too() -> None:
    row = [*ROW[:3], int(CERTIFICATE), None, *ROW[5:]]
    (found,) = await read(xls([["某某医院"], [], HEAD, row], _xls_day))
    assert (found.line, found.named, found.filled, found.problems, found.notes) == (4, NAMED, FILLED, (), ())
    (rounded,) = await read(xls([HEAD, [1, "张三", int(NUMBER), CERTIFICATE]]))
    assert [(one.path, one.code) for one in rounded.problems] == [("idNumber", "ID_NUMBER_ROUNDED")]


async def test_a_number_that_the_spreadsheet_has_rounded_is_told_so() -> None:
    (row,) = await read(xlsx([HEAD, [1, "张三", int(NUMBER), "", "", "", ""]]))
    ((path, code, words),) = [(one.path, one.code, one.words) for one in row.problems]
    assert (path, code) == ("idNumber", "ID_NUMBER_ROUNDED")
    assert words.zh.startswith("第2行“*身份证号码”列的“1.10101E+17”：号码被电子表格取整")


async def test_a_formula_without_a_result_is_not_taken_for_an_empty_cell() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row("A1", HEAD)
        sheet.write_row("A2", ROW)
        sheet.write_formula("F2", "=VLOOKUP(B2,X:Y,2,0)", None, "#N/A")
        sheet.write_formula("G2", "=X1", None, "")

    content = repacked(xlsx(write), lambda name, part: part.replace(b"<f>X1</f><v></v>", b"<f>X1</f>"))
    (row,) = await read(content)
    assert [(one.path, one.code, one.words.zh) for one in row.problems] == [
        ("department", "CELL_FORMULA", "第2行“工作科室”列的“#N/A”：公式没有结果，请改为填写内容"),
        ("title", "CELL_FORMULA", "第2行“职称”列的“=”：公式没有结果，请改为填写内容"),
    ]


async def test_a_cell_merged_over_several_rows_stands_in_each() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row("A1", ["姓名", "证件号码", "科室"])
        sheet.write_column("A2", ["张三", "李四", "王五"])
        sheet.write_column("B2", [NUMBER, "110101199003070038", "110101199003070054"])
        sheet.merge_range("C2:C3", "手术室")
        sheet.write("C4", "门诊")

    rows = await read(xlsx(write))
    assert [row.filled["department"] for row in rows] == ["OPERATING_ROOM", "OPERATING_ROOM", "OUTPATIENT"]


async def test_several_sheets_and_what_stands_beside_are_told() -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row("A1", [*HEAD, "工号"])
        sheet.write_row("A2", [*ROW, "A7", "请核"])
        other = book.add_worksheet("二月")
        other.write_row("A1", HEAD)
        other.write_row("A2", ROW)

    (row,) = await read(xlsx(write))
    assert row.problems == ()
    assert [(one.code, one.words.zh) for one in row.notes] == [
        ("LIST_COLUMN_UNKNOWN", "H列“工号”未读取"),
        ("LIST_SHEET_UNREAD", "只读取了工作表“名单”，“二月”未读取：每次只上传一个工作表"),
        ("LIST_COLUMN_UNKNOWN", "I2格“请核”没有列名，未读取"),
    ]


async def test_as_many_rows_as_a_list_may_have_and_no_more() -> None:
    assert len(await read(xlsx([HEAD, *([ROW] * MOST)]))) == MOST
    assert await refused(xlsx([HEAD, *([ROW] * (MOST + 1))])) == "TOO_MANY"
    assert await refused(xlsx([HEAD, *([ROW] * 40_000)])) == "TOO_MANY"
    assert await refused(xlsx([HEAD])) == "NOBODY"


def _far(place: str) -> bytes:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row("A1", HEAD)
        sheet.write_row("A2", ROW)
        sheet.write(place, "x")

    return xlsx(write)


def _bomb(size: int) -> bytes:
    return repacked(xlsx([HEAD, ROW]), lambda name, part: part + b" " * size if name == "docProps/app.xml" else part)


def _lying(content: bytes) -> bytes:
    """A workbook whose shared strings unpack to more than its directory says."""
    big = repacked(
        content, lambda name, part: part.replace("张三".encode(), b"x" * 3_000_000) if "shared" in name else part
    )
    with zipfile.ZipFile(BytesIO(big)) as archive:
        size = archive.getinfo("xl/sharedStrings.xml").file_size
    return big.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: _far("ZZ4000"), "LIST_TOO_LARGE"),
        (lambda: _far("XFD2"), "LIST_TOO_LARGE"),
        (lambda: _bomb(UNPACKED_BYTES), "LIST_TOO_LARGE"),
        (lambda: b"PK\x03\x04".ljust(WORKBOOK_BYTES + 1, b"x"), "LIST_SIZE"),
        (lambda: xlsx([HEAD, ROW])[:-200], "LIST_UNREADABLE"),
        (lambda: repacked(xlsx([HEAD, ROW]), lambda name, part: b"<" if "sheet1" in name else part), "LIST_UNREADABLE"),
        (lambda: xls([HEAD, ROW])[:3000], "LIST_UNREADABLE"),
        (lambda: xls([HEAD, ROW]) + "EncryptedPackage".encode("utf-16-le"), "LIST_PASSWORD"),
        (lambda: repacked(xlsx([HEAD]), lambda name, part: part).replace(b"xl/", b"wo/"), "LIST_TYPE"),
    ],
    ids=[
        "far corner",
        "wide row",
        "bomb",
        "size",
        "cut",
        "broken sheet",
        "broken xls",
        "password",
        "word",
    ],
)
async def test_a_workbook_that_asks_for_too_much_is_refused_and_the_next_one_is_read(
    make: Callable[[], bytes], code: str
) -> None:
    assert await refused(make()) == code
    assert len(await read(xlsx([HEAD, ROW]))) == 1


async def test_a_workbook_that_lies_about_what_it_unpacks_to_ends_its_own_process_only() -> None:
    assert await refused(_lying(xlsx([HEAD, ROW]))) in {"LIST_TOO_LARGE", "LIST_UNREADABLE"}
    assert len(await read(xlsx([HEAD, ROW]))) == 1


def _readers() -> list[psutil.Process]:
    return children_with("workflow.workbook_cells")


async def test_whoever_goes_away_leaves_no_process_behind() -> None:
    reading = asyncio.create_task(read(_far("A90000")))
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(_readers):
            pass
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert _readers() == []
    assert len(await asyncio.gather(*(read(xlsx([HEAD, ROW])) for _ in range(4)))) == 4


@pytest.mark.parametrize("kind", sorted(COLLECTIVE_KINDS))
async def test_a_template_filled_in_is_read_and_its_example_is_not(kind: Kind) -> None:
    template = list_template(kind)
    assert await refused(template.content, kind) == "NOBODY"
    (sheet, _) = sheets(template.content)
    ((line, head), (_, example)) = sheet["rows"]
    assert (line, head[0], example[0], len(head)) == (1, "序号", EXAMPLE, len(columns(kind)) + 1)
    filled = [*example]
    filled[0], filled[head.index("*身份证号")] = "1", NUMBER
    (row,) = await read_rows(kind, None, xlsx([head, example, filled]))
    assert (row.line, row.problems, row.notes, row.named["idNumber"]) == (3, (), (), NUMBER)
    assert [cell.removeprefix("*") for cell in head[1:]] == [title_of(name) for name in columns(kind)]


def test_a_template_keeps_long_numbers_as_text_and_offers_the_terms() -> None:
    for kind in COLLECTIVE_KINDS:
        with zipfile.ZipFile(BytesIO(list_template(kind).content)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
            styles = archive.read("xl/styles.xml").decode()
        assert 'numFmtId="49"' in styles
        assert "病房,门诊,急诊(科)室" in sheet
        assert "<f>" not in sheet
    assert list_template(Kind.FIRST).content == list_template(Kind.FIRST).content


async def test_days_before_and_after_a_leap_year_are_counted_as_the_spreadsheet_counts() -> None:
    days = [date(2024, 2, 28) + timedelta(days=n) for n in range(4)]
    rows = [[NUMBER, (one - date(1899, 12, 30)).days] for one in days]
    found = await read(xlsx([["身份证号", "体检日期"], *rows]))
    assert [row.filled["healthExaminedOn"] for row in found] == [str(one) for one in days]

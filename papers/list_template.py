"""The template of a list for filing together (集体申请名单模板): the heads, the terms to choose from, one example."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from typing import Any, Final

from xlsxwriter import Workbook

from papers.file import File
from rules.collective import MOST
from rules.form_field import fields_of
from rules.identity import DocumentType
from rules.kinds import KINDS, Kind, form_of
from rules.list_heads import NAMING, title_of

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT: Final = 49
"""The format of cells that stay as they are typed in."""
EXAMPLE: Final = "示例"
_EXAMPLES: Final[Mapping[str, str]] = {
    "name": "张小花",
    "idNumber": "110101199003070011",
    "certificateNumber": "200811002345",
}
_NEEDED: Final = {Kind.FIRST: ("name", "idNumber"), Kind.RENEWAL: ("name", "idNumber")}
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_RULES: Final = (
    "带*的列为必填；其余各列如与统一填报内容相同，可以不填。",
    "证件类型不填即为内地居民身份证。证件号码所在列已设为文本格式，请勿改动，否则电子表格会丢失末几位。",
    "日期请填写如2026-10-01。有下拉列表的列，请选择列表中的内容。",
    f"示例行不会读取，可以保留或删除。每次最多{MOST}人，每人一行。",
)


@cache
def list_template(kind: Kind) -> File:
    """The template of one kind, as .xlsx: every cell is text, so that nothing in it becomes a formula or a number."""
    content = BytesIO()
    with Workbook(content, _OPTIONS) as book:
        book.set_properties({"title": "集体申请名单", "created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        _fill(book, kind)
    return File(f"{KINDS[kind].title.zh}名单模板.xlsx", XLSX, content.getvalue())


def _fill(book: Any, kind: Kind) -> None:
    sheet, rules = book.add_worksheet("名单"), book.add_worksheet("填写说明")
    bold, text, gray = (
        book.add_format(look)
        for look in (
            {"bold": True, "num_format": TEXT},
            {"num_format": TEXT},
            {"num_format": TEXT, "font_color": "#808080"},
        )
    )
    sheet.set_column(0, 0, 8)
    sheet.write_row(0, 0, ["序号"], bold)
    sheet.write_row(1, 0, [EXAMPLE], gray)
    for place, name in enumerate(columns(kind), 1):
        sheet.set_column(place, place, 22, text)
        sheet.write_string(0, place, f"{'*' * (name in _NEEDED[kind])}{title_of(name)}", bold)
        sheet.write_string(1, place, _example(kind, name), gray)
        if terms := _terms(kind, name):
            sheet.data_validation(1, place, MOST + 1, place, {"validate": "list", "source": terms})
    sheet.freeze_panes(1, 0)
    rules.set_column(0, 0, 100)
    rules.write_column(0, 0, _RULES)


def columns(kind: Kind) -> tuple[str, ...]:
    """The columns of a kind's list: whom it is about, and the form."""
    never = {"certificateNumber"} if kind is Kind.FIRST else set[str]()
    return (*(name for name in NAMING if name not in never), *fields_of(form_of(kind)))


def _terms(kind: Kind, name: str) -> list[str]:
    asked = fields_of(form_of(kind)).get(name)
    wanted = DocumentType if name == "documentType" else asked.choices if asked else ()
    return [one.label for one in wanted]


def _example(kind: Kind, name: str) -> str:
    if terms := _terms(kind, name):
        return terms[0]
    asked = fields_of(form_of(kind)).get(name)
    if asked is not None and not asked.needed:
        return ""
    return _EXAMPLES.get(name) or ("2026-01-05" if asked is not None and asked.type is date else "护理学")

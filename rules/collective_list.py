"""The list of a collective filing (集体申请名单): the nurse of each row, and the row's values for the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from rules import spelling
from rules.collective import MOST, require_few
from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form, form_to_json
from rules.form_field import fields_of
from rules.identity import DocumentType, Identity, identify
from rules.kinds import Kind, form_of
from rules.list_cells import cell_value, member_of
from rules.list_columns import Columns, columns_of
from rules.list_heads import KEYS, NAMING, TITLED, ListOf, field_of, letter, title_of
from rules.list_table import Table, require_narrow
from rules.list_values import shown, words_beside
from rules.other import PATHS

Problems = tuple[FieldProblem, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row of a list: the nurse it names, its values for the form, its problems, and what of it was not read."""

    line: int
    named: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)
    problems: Problems = ()
    notes: Problems = ()
    heads: Mapping[str, str] = field(default_factory=dict)

    def located(self, problem: FieldProblem, value: str = "") -> FieldProblem:
        """A problem in the words of the list: which row, which column as it is headed there, and what stands there."""
        zh, en = f"第{self.line}行", f"Row {self.line}"
        if problem.path in TITLED:
            head = self.heads.get(problem.path) or title_of(problem.path)
            zh, en = f"{zh}“{head}”列", f"{en}, column “{head}”"
        if value:
            zh, en = f"{zh}的“{shown(value)}”", f"{en}, “{shown(value)}”"
        return replace(problem, words=Words(f"{zh}：{problem.words.zh}", f"{en}: {problem.words.en}"))


def read_list(of: ListOf, tables: Sequence[Table], most: int = MOST) -> list[Row]:
    """The rows of a list in their order; raises Invalid if the list cannot be read as a whole.

    A bad row carries its own problems, all of them; what is not read is a note, of the whole list with the first row.
    """
    require_narrow(tables)
    columns, body = columns_of(of, tables)
    rows = [_row(of, columns, line, cells) for line, cells in body if not _beside(columns, cells)]
    require_few(len(rows), "csv", most)
    rows[0] = replace(rows[0], notes=(*columns.notes, *rows[0].notes))
    return rows


_ASIDE: Final = re.compile(
    r"[\s(（*※★【]*(注|备注|说明|填表|填报|制表|审核|审批|负责人|经办|联系|合计|总计|共计|小计|共\d|单位|日期|盖章|签字|note|total|remark)",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_EXAMPLE: Final = re.compile(r"[\s(（【]*(示例|样例|举例|例如|例[:：]|example)", re.IGNORECASE)


def _beside(columns: Columns, cells: Sequence[str]) -> bool:
    """True for a row that is about nobody: numbered and empty, the head again, an example, a note, a sum."""
    if all(place in columns.counting for place, cell in enumerate(cells) if cell):
        return True
    start, first = next((place, cell) for place, cell in enumerate(cells) if cell)
    keys = [cells[place] for place, name in columns.fields.items() if name in KEYS and place < len(cells)]
    if _EXAMPLE.match(first) or any(not _DIGIT.search(cell) and field_of(cell) in KEYS for cell in keys):
        return True
    if not _ASIDE.match(first) or columns.fields.get(start) not in {None, *NAMING}:
        return False
    return not any(re.search(r"\d{5}", spelling.code(cell)) for cell in keys if not _ASIDE.match(cell))


def _row(of: ListOf, columns: Columns, line: int, cells: Sequence[str]) -> Row:
    """One row, every cell judged."""
    row, values, problems = Row(line, heads=columns.heads), dict[str, str](), list[FieldProblem]()
    for place, cell in enumerate(cells):
        name = columns.fields.get(place)
        if name is not None and (text := spelling.cell(cell)):
            try:
                values[name] = cell_value(of, name, text)
            except Invalid as refusal:
                problems += [row.located(one, text) for one in refusal.problems]
    values = {**_words_beside(columns, cells, values), **values}
    row = replace(
        row,
        named={name: value for name, value in values.items() if name in NAMING},
        filled={name: value for name, value in values.items() if name not in NAMING},
    )
    beside, notes = _beyond(columns, line, cells)
    missing = [row.located(one) for one in _unnamed(of, values, problems)]
    return replace(row, problems=(*beside, *problems, *missing), notes=notes)


def _words_beside(columns: Columns, cells: Sequence[str], values: Mapping[str, str]) -> dict[str, str]:
    """The words for OTHER that stand in brackets behind it, for a list without a column of their own."""
    picked = [(place, name) for place, name in columns.fields.items() if name in PATHS and values.get(name) == "OTHER"]
    return {PATHS[name]: words for place, name in picked if (words := words_beside(cells[place]))}


def _beyond(columns: Columns, line: int, cells: Sequence[str]) -> tuple[Problems, Problems]:
    """The problem or note of what stands right of all columns: in a text a comma inside a value moves the others."""
    if len(cells) <= columns.width:
        return (), ()
    place = next(place for place in range(columns.width, len(cells)) if cells[place])
    value, where = shown(cells[place]), letter(place)
    if columns.delimited:
        zh = f"第{line}行有{len(cells)}列，列名行只有{columns.width}列，多出“{value}”：内容中的逗号须放在引号内"
        en = f"Row {line} has {len(cells)} cells for {columns.width} columns, with “{value}” beyond: quote commas."
        return (FieldProblem("csv", "ROW_CELLS", Words(zh, en)),), ()
    words = Words(f"{where}{line}格“{value}”没有列名，未读取", f"{where}{line} “{value}” has no head and was not read.")
    return (), (FieldProblem("csv", "LIST_COLUMN_UNKNOWN", words),)


def _unnamed(of: ListOf, values: Mapping[str, str], problems: Sequence[FieldProblem]) -> Iterator[FieldProblem]:
    """A row must name its nurse by a number, and one who is registered nowhere yet by document and name.

    Guessing numbers finds no one.
    """
    there = {*values, *(one.path for one in problems)}
    if not there & set(KEYS):
        words = Words("请填写身份证号或护士执业证书编号", "Name her by idNumber or certificateNumber.")
        yield FieldProblem("idNumber", "FIELD_REQUIRED", words)
    elif of is Kind.FIRST:
        for name in ("idNumber", "name"):
            if name not in there:
                yield FieldProblem(name, "FIELD_REQUIRED", Words("该项必填", "This field is required."))


def complete(kind: Kind, form: Form | None, row: Row) -> Row:
    """The row with a problem for each field that neither it nor the form for all fills in."""
    given = {name for name, value in form_to_json(form).items() if value is not None} if form else set[str]()
    present = {*given, *row.filled, *(one.path for one in row.problems)}
    needed = [name for name, one in fields_of(form_of(kind)).items() if one.needed and name not in present]
    words = Words("没有填写，统一填报内容中也没有", "Neither the row nor the form for all says it.")
    missing = (row.located(FieldProblem(name, "FIELD_REQUIRED", words)) for name in needed)
    return replace(row, problems=(*row.problems, *missing))


def document_type(named: Mapping[str, str]) -> DocumentType:
    """The type of the nurse's document in a row; raises Invalid if there is no such type."""
    text = named.get("documentType", DocumentType.RESIDENT_ID)
    return DocumentType(member_of("documentType", DocumentType, text))


def identity(row: Row, today: date) -> Identity:
    """The document that a row names; raises Invalid in the words of the list."""
    number = row.named["idNumber"]
    try:
        return identify(document_type(row.named), number, today)
    except Invalid as refusal:
        (problem,) = refusal.problems
        if problem.code == "ID_NUMBER_CHECK_DIGIT" and number.endswith("000"):
            problem = FieldProblem("idNumber", "ID_NUMBER_ROUNDED", spelling.ROUNDED)
        raise Invalid(row.located(problem, number)) from None


def merged(form: Form | None, filled: Mapping[str, str]) -> dict[str, object]:
    """The form for all nurses, with the values of one row in place of its own; a value goes with its words."""
    kept = form_to_json(form) if form else {}
    unsaid = {PATHS[name]: None for name in filled if PATHS.get(name) in kept}
    return {**kept, **unsaid, **filled}

"""The columns of a list: the table among several sheets, the head under its titles, and what of it is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rules.collective import bad
from rules.errors import FieldProblem, Invalid, Words
from rules.form import field_names
from rules.kinds import KINDS, Kind
from rules.list_heads import INDEX, NAMING, ListOf, field_of, form_listed, head_row, letter, like, title_of
from rules.list_table import Table
from rules.list_values import shown

REPORTED: Final = 50
"""So many problems of a list's columns are reported at once; the others are counted."""
Body = Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that are read, by their places; their heads as they are written; the notes about the others."""

    fields: Mapping[int, str]
    heads: Mapping[str, str]
    width: int
    delimited: bool
    counting: frozenset[int]
    notes: tuple[FieldProblem, ...] = ()


def columns_of(of: ListOf, tables: Sequence[Table]) -> tuple[Columns, Body]:
    """The columns of the first table that names nurses, and the rows below its head.

    Raises Invalid where no table does, with every problem of the heads at once.
    """
    headed = [(table, place) for table in tables if (place := head_row(table.rows)) is not None]
    if not headed:
        raise _headless(of, tables)
    table, place = headed[0]
    (line, head), body = table.rows[place], table.rows[place + 1 :]
    columns = _columns(of, head, body, table.sheet is None)
    if problems := list(_problems(of, line, head, columns)):
        raise Invalid(*_counted(problems))
    others = [one.sheet for one, _ in headed[1:] if one.sheet]
    notes = (*_unread(of, head, columns, body), *_other_sheets(table.sheet, others))
    return replace(columns, notes=notes), body


def _columns(of: ListOf, head: Sequence[str], body: Body, delimited: bool) -> Columns:
    """The columns with a known head; of two with the same meaning one that is empty does not count."""
    wanted = {*NAMING, *field_names(form_listed(of))}
    found = [(place, name) for place, cell in enumerate(head) if (name := field_of(cell)) in wanted and name]
    names = [name for _, name in found]
    fields = {place: name for place, name in found if names.count(name) == 1 or _filled(body, place)}
    fields = fields | {place: name for place, name in found if name not in fields.values()}
    heads = {name: _written(head[place]) for place, name in fields.items()}
    counting = frozenset(place for place, cell in enumerate(head) if _counts(cell, place, body))
    return Columns(fields, heads, len(head), delimited, counting)


def _counts(head: str, place: int, body: Body) -> bool:
    """True for a column that only counts the rows, headed so, or with no head and nothing but small numbers."""
    values = (cells[place] for _, cells in body if place < len(cells) and cells[place])
    return field_of(head) == INDEX or (not head and all(re.fullmatch(r"\d{1,4}", value) for value in values))


def _filled(body: Body, place: int) -> bool:
    return any(place < len(cells) and cells[place] for _, cells in body)


def _written(head: str) -> str:
    return shown(head)


def _quoted(heads: Sequence[str]) -> str:
    return "、".join(f"“{_written(head)}”" for head in heads)


def _headless(of: ListOf, tables: Sequence[Table]) -> Invalid:
    """The refusal of a list without a head: what was looked for, and what stands in its first row."""
    rows = next((table.rows for table in tables if table.rows), None)
    wanted = _wanted(of)
    if rows is None:
        return bad("csv", "LIST_COLUMN_MISSING", f"名单是空的，{wanted.zh}", f"The list is empty. {wanted.en}")
    line, cells = max(rows[:5], key=lambda row: sum(field_of(cell) is not None for cell in row[1]))
    heads = _quoted([cell for cell in cells if cell][:5])
    zh = f"没有找到列名行：{wanted.zh}；第{line}行写的是{heads}"
    return bad("csv", "LIST_COLUMN_MISSING", zh, f"No row of column heads. {wanted.en} Row {line} says {heads}.")


def _wanted(of: ListOf) -> Words:
    if of is Kind.FIRST:
        zh = "首次注册名单须有“身份证号”和“姓名”两列"
        return Words(zh, "A list of first registrations needs the columns idNumber and name.")
    zh = "名单须有“身份证号”或“护士执业证书编号”一列"
    return Words(zh, "The list needs a column idNumber or certificateNumber.")


def _problems(of: ListOf, line: int, head: Sequence[str], columns: Columns) -> Iterator[FieldProblem]:
    """Columns that are missing or there twice. A nurse registered nowhere yet needs document and name.

    Guessing numbers finds no one.
    """
    names = list(columns.fields.values())
    for name in sorted({name for name in names if names.count(name) > 1}):
        places = [place for place, one in columns.fields.items() if one == name]
        heads = _quoted([f"{letter(place)}列 {head[place]}" for place in places])
        zh = f"第{line}行的{heads}都是“{title_of(name)}”：请只保留一列"
        yield FieldProblem("csv", "LIST_COLUMN_TWICE", Words(zh, f"Row {line}: {heads} are all {name}: keep one."))
    if of is Kind.FIRST and not {"idNumber", "name"} <= set(names):
        wanted, heads = _wanted(of), _quoted([cell for cell in head if cell])
        words = Words(f"{wanted.zh}；第{line}行只有{heads}", f"{wanted.en} Row {line} has {heads}.")
        yield FieldProblem("csv", "LIST_COLUMN_MISSING", words)


def _counted(problems: Sequence[FieldProblem]) -> Iterator[FieldProblem]:
    yield from problems[:REPORTED]
    if (more := len(problems) - REPORTED) > 0:
        words = Words(f"另有{more}处问题，改正以上后重新上传", f"There are {more} more.")
        yield FieldProblem("csv", "LIST_MORE_PROBLEMS", words)


def _unread(of: ListOf, head: Sequence[str], columns: Columns, body: Body) -> Iterator[FieldProblem]:
    """The columns that are not read, if anything stands in them; one that only counts is not worth a word."""
    for place, cell in enumerate(head):
        if place in columns.fields or place in columns.counting or not _filled(body, place):
            continue
        known = {*NAMING, *field_names(form_listed(of))} - {*columns.heads}
        meant = like(cell, sorted(known)) if cell else None
        zh = f"{letter(place)}列“{_written(cell)}”" if cell else f"{letter(place)}列没有列名，"
        en = f"Column {letter(place)} “{_written(cell)}”" if cell else f"Column {letter(place)} has no head and"
        zh, en = f"{zh}未读取", f"{en} was not read"
        if meant:
            zh, en = f"{zh}；如为“{title_of(meant)}”，请改列名", f"{en}: rename it if it is {meant}"
        elif (name := field_of(cell)) and name not in columns.heads:
            title = KINDS[of].title.zh if isinstance(of, Kind) else "该名单"
            zh, en = f"{zh}：{title}没有该填报项", f"{en}: the form has no such field"
        yield FieldProblem("csv", "LIST_COLUMN_UNKNOWN", Words(zh, f"{en}."))


def _other_sheets(sheet: str | None, others: Sequence[str]) -> Iterator[FieldProblem]:
    if others:
        zh = f"只读取了工作表“{sheet}”，{_quoted(others)}未读取：每次只上传一个工作表"
        yield FieldProblem(
            "csv", "LIST_SHEET_UNREAD", Words(zh, f"Only sheet “{sheet}” was read, not {_quoted(others)}.")
        )

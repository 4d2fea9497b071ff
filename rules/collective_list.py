"""The list (CSV) of a collective filing (集体申请名单): the nurse of each row, and the row's values for the form."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from io import StringIO
from typing import Any, Final, get_args, get_type_hints

from rules import spelling
from rules.collective import bad, require_few
from rules.errors import FieldProblem, Words
from rules.form import Form, field_names, form_to_json
from rules.form_titles import TITLES
from rules.identity import DocumentType
from rules.kinds import Kind, form_of
from rules.label import Labelled
from rules.privacy import hidden_characters

CSV_BYTES: Final = 1024 * 1024
_NAMING: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("姓名",),
    "documentType": ("证件类型",),
    "idNumber": ("身份证号", "证件号", "证件号码"),
    "certificateNumber": ("护士执业证书编号", "护士证号", "执业证书编号"),
}
"""The columns that say which nurse a row is about."""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row of a list: the nurse it names, its values for the form, and its problems."""

    line: int
    named: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[FieldProblem, ...] = ()


def read_list(kind: Kind, content: bytes) -> list[Row]:
    """The rows of a list in their order; raises Invalid if the list cannot be read as a whole.

    A bad row carries its own problems.
    """
    if len(content) > CSV_BYTES:
        words = f"名单为{len(content)}字节，不得超过{CSV_BYTES}", f"{len(content)} bytes: at most {CSV_BYTES}."
        raise bad("csv", "LIST_SIZE", *words)
    lines = _records(_text(content))
    heads = _heads(kind, next(lines, (1, []))[1])
    rows = [_row(kind, heads, line, cells) for line, cells in lines]
    require_few(len(rows), "csv")
    return rows


def _text(content: bytes) -> str:
    """The text of the file: UTF-8, with or without its mark, or the encoding of Chinese spreadsheets."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise bad("csv", "LIST_ENCODING", "名单须为UTF-8或GB18030编码", "The list must be UTF-8 or GB18030.")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not empty, each with the line it begins in."""
    reader, line = csv.reader(StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error as error:
        words = f"第{line}行起无法读取：{error}", f"It cannot be read from line {line} on: {error}."
        raise bad("csv", "LIST_UNREADABLE", *words) from None


def _heads(kind: Kind, given: Sequence[str]) -> list[str]:
    """The GraphQL names of the columns; raises Invalid if one is unknown or repeated, or if no column names a nurse."""
    known = {name: name for name in (*_NAMING, *field_names(form_of(kind)))}
    known |= {title: name for name, titles in _NAMING.items() for title in titles}
    known |= {title: name for name, title in TITLES.items() if name in known}
    if strange := [head for head in given if head not in known]:
        shown = "、".join(f"“{head:.20}”" for head in strange[:5])
        words = f"没有名为{shown}的列，可用：{'、'.join(known)}", f"Unknown columns {shown}; known: {', '.join(known)}."
        raise bad("csv", "LIST_COLUMN_UNKNOWN", *words)
    heads = [known[head] for head in given]
    if twice := sorted({head for head in heads if heads.count(head) > 1}):
        words = f"列重复：{'、'.join(twice)}", f"Columns that are there twice: {', '.join(twice)}."
        raise bad("csv", "LIST_COLUMN_TWICE", *words)
    _require_naming(kind, heads)
    return heads


def _require_naming(kind: Kind, heads: Collection[str]) -> None:
    """Refuse a list that cannot name its nurses: a nurse who is registered nowhere yet needs document and name.

    Guessing numbers finds no one.
    """
    if kind is Kind.FIRST and not {"idNumber", "name"} <= set(heads):
        words = "首次注册名单须有“身份证号”和“姓名”两列", "A list of first registrations needs idNumber and name."
        raise bad("csv", "LIST_COLUMN_MISSING", *words)
    if not {"idNumber", "certificateNumber"} & set(heads):
        words = "名单须有“身份证号”或“护士执业证书编号”一列", "The list needs idNumber or certificateNumber."
        raise bad("csv", "LIST_COLUMN_MISSING", *words)


def _row(kind: Kind, heads: Sequence[str], line: int, cells: Sequence[str]) -> Row:
    if len(cells) != len(heads):
        words = Words(
            f"本行有{len(cells)}列，应为{len(heads)}列", f"{len(cells)} cells: there are {len(heads)} columns."
        )
        return Row(line, problems=(FieldProblem("csv", "ROW_CELLS", words),))
    given = {head: read for head, cell in zip(heads, cells, strict=True) if (read := _read(head, cell))}
    problems = tuple(_hidden(head, cell) for head, cell in given.items() if hidden_characters(cell, allowed="\n"))
    if spelling.rounded(given.get("certificateNumber", "")):
        problems += (FieldProblem("certificateNumber", "CERTIFICATE_NUMBER_ROUNDED", spelling.ROUNDED),)
    if problems:
        return Row(line, problems=problems)
    named = {name: cell for name, cell in given.items() if name in _NAMING}
    if not {"idNumber", "certificateNumber"} & set(named):
        nobody = Words("请填写身份证号或护士执业证书编号", "Name her by idNumber or certificateNumber.")
        return Row(line, problems=(FieldProblem("idNumber", "FIELD_REQUIRED", nobody),))
    types = _types(kind)
    return Row(line, named, {name: _cell(types[name], cell) for name, cell in given.items() if name in types})


@cache
def _types(kind: Kind) -> Mapping[str, Any]:
    """The fields of a kind's form, by their GraphQL names."""
    return dict(zip(field_names(form_of(kind)), get_type_hints(form_of(kind)).values(), strict=True))


def _read(head: str, cell: str) -> str:
    """A cell as it is meant: numbers and names by their folds, whatever marks them as text taken away."""
    plain = spelling.cell(cell)
    match head:
        case "idNumber" | "certificateNumber":
            return spelling.code(plain)
        case "name":
            return spelling.name(plain)
    return cell


def _hidden(path: str, cell: str) -> FieldProblem:
    found = ", ".join(hidden_characters(cell, allowed="\n"))
    words = Words(f"含有不可见字符（{found}），请删除", f"Remove the hidden characters: {found}.")
    return FieldProblem(path, "TEXT_HIDDEN_CHARACTER", words)


_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)


def _cell(wanted: Any, text: str) -> str:
    """A cell as forms keep it: the value of a Chinese term, a day as spreadsheets write it; else as it is."""
    kind = (get_args(wanted) or (wanted,))[0]
    if issubclass(kind, Labelled):
        return next((one.value for one in kind if one.label == text), text)
    if issubclass(kind, date) and (day := _DAY.fullmatch(text)):
        return f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}"
    return text


def document_type(named: Mapping[str, str]) -> DocumentType:
    """The type of the nurse's document in a row; raises Invalid if there is no such type."""
    text = named.get("documentType")
    if text is None:
        return DocumentType.RESIDENT_ID
    for one in DocumentType:
        if text in (one.value, one.label):
            return one
    known = "、".join(one.label for one in DocumentType)
    raise bad(
        "documentType", "FIELD_UNREADABLE", f"没有“{text:.20}”，可用：{known}", f"Expected: {', '.join(DocumentType)}."
    )


def merged(form: Form | None, filled: Mapping[str, str]) -> dict[str, object]:
    """The form for all nurses, with the values of one row in place of its own."""
    return {**(form_to_json(form) if form else {}), **filled}

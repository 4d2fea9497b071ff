"""One cell of a list as forms keep it, or the refusal of what cannot be read."""

from __future__ import annotations

from datetime import date
from typing import Final

from rules import spelling
from rules.errors import FieldProblem, Invalid, Words
from rules.form import terms
from rules.form_field import fields_of
from rules.identity import DocumentType
from rules.label import Labelled
from rules.list_heads import KEYS, NAMING, ListOf, form_listed
from rules.list_values import day, failed, member
from rules.privacy import hidden_characters

_CODES: Final = {"idNumber": "ID_NUMBER", "certificateNumber": "CERTIFICATE_NUMBER"}


def cell_value(of: ListOf, name: str, text: str) -> str:
    """A cell as forms keep it; raises Invalid if it cannot be read."""
    if failed(text):
        words = Words("公式没有结果，请改为填写内容", "A formula without a result: enter the value itself.")
        raise Invalid(FieldProblem(name, "CELL_FORMULA", words))
    if name in KEYS:
        text = spelling.certificate(text) if name == "certificateNumber" else spelling.code(text)
        if spelling.rounded(text):
            raise Invalid(FieldProblem(name, f"{_CODES[name]}_ROUNDED", spelling.ROUNDED))
    if name == "name":
        text = spelling.name(" ".join(text.split()))  # a line break in a cell is how it was made to fit
    if hidden := ", ".join(hidden_characters(text, allowed="\n")):
        words = Words(f"含有不可见字符（{hidden}），请删除", f"Remove the hidden characters: {hidden}.")
        raise Invalid(FieldProblem(name, "TEXT_HIDDEN_CHARACTER", words))
    if name == "documentType":
        return member_of(name, DocumentType, text)
    if name in NAMING:
        return text
    wanted = fields_of(form_listed(of))[name].type
    if issubclass(wanted, Labelled):
        return member_of(name, wanted, text)
    return _day(name, text) if issubclass(wanted, date) else text


def member_of(name: str, kind: type[Labelled], text: str) -> str:
    """The value of the term in a cell; raises Invalid with all terms there are."""
    if found := member(kind, text):
        return found.value
    known = terms(kind)
    words = Words(f"没有这一项，请改为：{known.zh}之一", f"It is none of {known.en}: enter one of them.")
    raise Invalid(FieldProblem(name, "FIELD_UNREADABLE", words))


def _day(name: str, text: str) -> str:
    if found := day(text):
        return found.isoformat()
    words = Words("不是年月日俱全的日期，请改为如2026-10-01", "It is no day: write it as 2026-10-01.")
    raise Invalid(FieldProblem(name, "FIELD_UNREADABLE", words))

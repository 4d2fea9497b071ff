"""Lists of a collective filing (集体申请名单): what is read, and what is refused by row or as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.collective import COLLECTIVE_KINDS, MOST, problems_of, require_collective, require_few, require_one_choice
from rules.collective_list import Row, document_type, merged, read_list
from rules.conflict import Situation
from rules.errors import Conflict, Invalid, NotAllowed, Words
from rules.form import form_to_json
from rules.identity import DocumentType
from rules.kinds import Kind, form_from_json
from rules.list_table import CSV_BYTES, is_workbook, text_table
from rules.nurse import Department
from tests.support.kinds import forms

TODAY = date(2026, 3, 2)
FILLED = forms(TODAY)


def rows(text: str, kind: Kind = Kind.RENEWAL) -> list[Row]:
    """The rows of a list."""
    return read_list(kind, [text_table(text.encode())])


def refused(content: bytes, kind: Kind = Kind.RENEWAL) -> str:
    """The code of what is wrong with a list."""
    with pytest.raises(Invalid) as refusal:
        assert not is_workbook(content)
        read_list(kind, [text_table(content)])
    (problem,) = refusal.value.problems
    assert problem.path == "csv"
    return problem.code


def test_two_kinds_are_filed_together() -> None:
    assert {Kind.FIRST, Kind.RENEWAL} == COLLECTIVE_KINDS
    for kind in Kind:
        if kind in COLLECTIVE_KINDS:
            require_collective(kind, FILLED[kind])
            continue
        with pytest.raises(Invalid) as refusal:
            require_collective(kind, FILLED[kind])
        assert [one.code for one in refusal.value.problems] == ["KIND_NOT_COLLECTIVE"]


@pytest.mark.parametrize("both", [True, False])
def test_nurses_are_chosen_by_one_way(both: bool) -> None:
    require_one_choice(both, not both)
    with pytest.raises(Invalid):
        require_one_choice(both, both)


def test_a_filing_is_for_somebody_and_for_no_more_than_it_may() -> None:
    require_few(1, "where")
    require_few(MOST, "where")
    for found, code in ((0, "NOBODY"), (MOST + 1, "TOO_MANY")):
        with pytest.raises(Invalid) as refusal:
            require_few(found, "where")
        assert [one.code for one in refusal.value.problems] == [code]


TEXT = "证件号,姓名,健康状况,体检日期,工作科室\r\n110101199003070011, 王护士 ,健康或良好,2026/1/5,门诊\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_heads_terms_and_days_are_read_in_every_encoding(encoding: str) -> None:
    (row,) = read_list(Kind.RENEWAL, [text_table(TEXT.encode(encoding))])
    assert (row.line, row.problems) == (2, ())
    assert row.named == {"idNumber": "110101199003070011", "name": "王护士"}
    assert row.filled == {"healthStatus": "GOOD", "healthExaminedOn": "2026-01-05", "department": "OUTPATIENT"}


def test_names_and_values_as_graphql_has_them_are_read_as_they_are() -> None:
    (row,) = rows("certificateNumber,department,healthExaminedOn\n2010001,WARD,2026-01-05\n")
    assert row.named == {"certificateNumber": "2010001"}
    assert row.filled == {"department": "WARD", "healthExaminedOn": "2026-01-05"}


@pytest.mark.parametrize("day", ["2026-1-5", "2026/01/05", "2026.1.5", "2026年1月5日"])
def test_days_are_read_as_spreadsheets_write_them(day: str) -> None:
    (row,) = rows(f"certificateNumber,healthExaminedOn\n1,{day}\n")
    assert row.filled == {"healthExaminedOn": "2026-01-05"}


def test_what_is_no_term_and_no_day_is_told_by_the_list_and_the_form_alike() -> None:
    (row,) = rows("certificateNumber,department,healthExaminedOn\n1,太空,昨天\n")
    expected = [("department", "FIELD_UNREADABLE"), ("healthExaminedOn", "FIELD_UNREADABLE")]
    assert ([(one.path, one.code) for one in row.problems], row.filled) == (expected, {})
    with pytest.raises(Invalid) as refusal:
        form_from_json(Kind.RENEWAL, merged(FILLED[Kind.RENEWAL], {"department": "太空", "healthExaminedOn": "昨天"}))
    assert sorted((one.path, one.code) for one in refusal.value.problems) == expected


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    found = rows('certificateNumber,remarks\n\n1,"两行\n备注"\n,\n2,x\n')
    assert [(row.line, row.named["certificateNumber"]) for row in found] == [(3, "1"), (5, "2")]
    assert found[0].filled == {"remarks": "两行\n备注"}


@pytest.mark.parametrize(
    ("row", "path", "code"),
    [
        ("1,2,3,4", "csv", "ROW_CELLS"),
        (",,备注", "idNumber", "FIELD_REQUIRED"),
        ("1\x00,,", "certificateNumber", "TEXT_HIDDEN_CHARACTER"),
        ("1,,a\u0000b", "remarks", "TEXT_HIDDEN_CHARACTER"),
    ],
)
def test_a_bad_row_says_so_and_the_others_are_read(row: str, path: str, code: str) -> None:
    bad, good = rows(f"certificateNumber,idNumber,remarks\n{row}\n7,,\n")
    assert [(one.path, one.code) for one in bad.problems] == [(path, code)]
    assert (bad.line, good.named, good.problems) == (2, {"certificateNumber": "7"}, ())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "LIST_COLUMN_MISSING"),
        (b"certificateNumber\n", "NOBODY"),
        (b"certificateNumber\n" + b"1\n" * (MOST + 1), "TOO_MANY"),
        (b"x" * (CSV_BYTES + 1), "LIST_SIZE"),
        (b"\xff\xff\xff", "LIST_ENCODING"),
        ("工号\n1\n".encode(), "LIST_COLUMN_MISSING"),
        ("证件号,idNumber\n1,2\n".encode(), "LIST_COLUMN_TWICE"),
        ("姓名\n王\n".encode(), "LIST_COLUMN_MISSING"),
        (b'idNumber\n"1\n', "LIST_UNREADABLE"),
    ],
)
def test_a_list_is_refused_as_a_whole(content: bytes, code: str) -> None:
    assert refused(content) == code


@pytest.mark.parametrize("heads", ["idNumber", "name,certificateNumber", "certificateNumber"])
def test_who_was_never_registered_is_named_by_document_and_name(heads: str) -> None:
    assert refused(f"{heads}\n1\n".encode(), Kind.FIRST) == "LIST_COLUMN_MISSING"


def test_a_row_goes_before_the_form_for_all() -> None:
    form = FILLED[Kind.RENEWAL]
    assert merged(form, {}) == form_to_json(form)
    assert merged(form, {"department": "WARD"}) == {**form_to_json(form), "department": "WARD"}
    assert merged(None, {"department": "WARD"}) == {"department": "WARD"}
    other = replace(form, department=Department.OTHER, other_department="体检中心")  # type: ignore[call-arg]
    assert merged(other, {"department": "WARD"})["otherDepartment"] is None
    assert merged(other, {"otherDepartment": "口腔科"})["department"] == "OTHER"


def test_the_type_of_document_is_named_by_code_or_term() -> None:
    assert document_type({}) is DocumentType.RESIDENT_ID
    assert (
        document_type({"documentType": "护照"}) is document_type({"documentType": "PASSPORT"}) is DocumentType.PASSPORT
    )
    with pytest.raises(Invalid):
        document_type({"documentType": "学生证"})


def test_a_refusal_is_kept_with_its_codes_and_words() -> None:
    words = Words("中", "en")
    expected = {"path": "nurse", "zh": "中", "en": "en"}
    open_one = {"path": "nurse", "zh": "已有业务正在办理", "en": "Another application of this nurse is open."}
    assert problems_of(Conflict(Situation.APPLICATION_OPEN)) == [{**open_one, "code": "APPLICATION_OPEN"}]
    assert problems_of(NotAllowed("ABOUT_YOURSELF", words)) == [{**expected, "code": "ABOUT_YOURSELF"}]

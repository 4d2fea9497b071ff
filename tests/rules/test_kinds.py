"""Kinds and their forms: kept, checked, compared, and answered when fields were marked."""

import json
from dataclasses import replace
from datetime import date
from itertools import chain, combinations

import pytest

from rules.errors import FieldProblem, Invalid, Words
from rules.form import Form, answer, changed_fields, check, field_names, form_to_json
from rules.kinds import FORMS, KINDS, Kind, RenewalForm, form_from_json, kind_of
from rules.nurse import Department, HealthStatus, Title
from tests.support.kinds import forms

FILED = date(2026, 8, 31)
FORM = RenewalForm(HealthStatus.GOOD, date(2026, 6, 1), Department.WARD, Title.NURSE)
JSON = {
    "healthStatus": "GOOD",
    "healthExaminedOn": "2026-06-01",
    "department": "WARD",
    "title": "NURSE",
    "remarks": None,
    "otherDepartment": None,
}
OTHER = RenewalForm(HealthStatus.FAIR, date(2026, 6, 2), Department.OUTPATIENT, Title.SENIOR_NURSE, "复查")
FIELDS = tuple(JSON)[:-1]
"""But for the words, which go with the department."""
FILLED = forms(FILED)


def problems(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


@pytest.mark.feature("N16")
def test_every_kind_has_a_name_and_an_explanation() -> None:
    assert [KINDS[kind].title.zh for kind in Kind] == [
        *("首次注册", "延续注册", "变更注册", "注销注册", "重新注册", "军队武警护士变更到地方", "证书补办")
    ]
    assert all(text for kind in Kind for text in (*KINDS[kind].title, *KINDS[kind].explanation))


def test_every_kind_has_a_form_of_its_own() -> None:
    assert set(FORMS) == set(Kind)
    assert len(set(FORMS.values())) == len(Kind)
    assert all(kind_of(form) is kind for kind, form in FILLED.items())


@pytest.mark.parametrize("kind", list(Kind))
def test_every_form_is_kept_and_read_again_and_passes(kind: Kind) -> None:
    form = FILLED[kind]
    assert form_from_json(kind, json.loads(json.dumps(form_to_json(form)))) == form
    check(form, FILED)


def test_a_form_is_kept_as_plain_json_and_read_again() -> None:
    assert form_to_json(FORM) == JSON
    assert json.loads(json.dumps(form_to_json(OTHER))) == form_to_json(OTHER)
    assert form_from_json(Kind.RENEWAL, JSON) == FORM
    assert kind_of(FORM) is Kind.RENEWAL
    assert form_from_json(Kind.RENEWAL, form_to_json(OTHER)) == OTHER
    assert field_names(RenewalForm) == (*FIELDS, "otherDepartment")


def test_what_may_be_empty_may_be_missing() -> None:
    assert form_from_json(Kind.RENEWAL, {name: JSON[name] for name in FIELDS if name != "remarks"}) == FORM


def test_every_missing_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as error:
        check(form_from_json(Kind.RENEWAL, {}), FILED)
    assert problems(error) == [(name, "FIELD_REQUIRED") for name in FIELDS if name != "remarks"]
    with pytest.raises(Invalid) as error:
        check(replace(FORM, department=None, title=None), FILED)
    assert problems(error) == [("department", "FIELD_REQUIRED"), ("title", "FIELD_REQUIRED")]


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("healthStatus", "BAD", "FIELD_UNREADABLE", "GOOD, FAIR"),
        ("healthExaminedOn", "yesterday", "FIELD_UNREADABLE", "YYYY-MM-DD"),
        ("healthExaminedOn", "2026-02-30", "FIELD_UNREADABLE", "YYYY-MM-DD"),
        ("title", 5, "FIELD_UNREADABLE", "SENIOR_NURSE"),
        ("remarks", 5, "FIELD_UNREADABLE", "text"),
        ("salary", "1", "FIELD_UNKNOWN", "no such field"),
    ],
)
def test_an_unreadable_value_is_named_with_what_was_expected(name: str, value: object, code: str, words: str) -> None:
    with pytest.raises(Invalid) as error:
        form_from_json(Kind.RENEWAL, {**JSON, name: value})
    assert problems(error) == [(name, code)]
    assert words in error.value.problems[0].words.en


@pytest.mark.parametrize(
    ("examined", "code"),
    [
        (date(2026, 2, 27), "EXAMINATION_TOO_OLD"),
        (date(2026, 2, 28), None),  # six months before 31 August
        (date(2026, 8, 30), None),
        (date(2026, 8, 31), None),
        (date(2026, 9, 1), "DATE_IN_FUTURE"),
    ],
)
def test_the_health_examination_is_at_most_six_months_old(examined: date, code: str | None) -> None:
    form = replace(FORM, health_examined_on=examined)
    if code is None:
        check(form, FILED)
        return
    with pytest.raises(Invalid) as error:
        check(form, FILED)
    assert problems(error) == [("healthExaminedOn", code)]
    assert str(examined) in error.value.problems[0].words.zh


@pytest.mark.parametrize(
    ("remarks", "code"),
    [
        (None, None),
        ("", None),
        ("体检复查\n已合格", None),
        ("字" * 500, None),
        ("字" * 501, "TEXT_TOO_LONG"),
        ("体检\u202e", "TEXT_HIDDEN_CHARACTER"),
        ("体检\x00", "TEXT_HIDDEN_CHARACTER"),
    ],
)
def test_remarks_are_short_and_plain(remarks: str | None, code: str | None) -> None:
    form = replace(FORM, remarks=remarks)
    if code is None:
        check(form, FILED)
        return
    with pytest.raises(Invalid) as error:
        check(form, FILED)
    assert problems(error) == [("remarks", code)]


def test_all_problems_of_a_form_are_told_at_once() -> None:
    with pytest.raises(Invalid) as error:
        check(replace(FORM, health_examined_on=date(2020, 1, 1), remarks="字" * 501), FILED)
    assert problems(error) == [("healthExaminedOn", "EXAMINATION_TOO_OLD"), ("remarks", "TEXT_TOO_LONG")]


def test_of_a_form_filed_again_only_the_marked_fields_are_judged() -> None:
    aged = replace(FORM, health_examined_on=date(2026, 1, 1))  # was recent when first filed, and is locked
    check(aged, FILED, only=["title"])
    with pytest.raises(Invalid) as error:
        check(aged, FILED, only=["title", "healthExaminedOn"])
    assert problems(error) == [("healthExaminedOn", "EXAMINATION_TOO_OLD")]


def test_a_form_without_conditions_has_no_problems() -> None:
    check(Form(), FILED)


def subsets() -> list[tuple[str, ...]]:
    return [*chain.from_iterable(combinations(FIELDS, count) for count in range(len(FIELDS) + 1))]


def changed(names: tuple[str, ...]) -> RenewalForm:
    """FORM with these fields taken from OTHER."""
    form = form_from_json(Kind.RENEWAL, {name: form_to_json(OTHER if name in names else FORM)[name] for name in FIELDS})
    assert isinstance(form, RenewalForm)
    return form


@pytest.mark.parametrize("names", subsets())
def test_the_fields_that_differ(names: tuple[str, ...]) -> None:
    assert changed_fields(FORM, changed(names)) == names


@pytest.mark.parametrize("marked", subsets())
def test_only_marked_fields_may_change_and_each_is_answered(marked: tuple[str, ...]) -> None:
    """Every set of marks against every set of changes."""
    for names in subsets():
        expected = [(name, "FIELD_LOCKED") for name in names if name not in marked]
        expected += [(name, "FIELD_UNANSWERED") for name in marked if name not in names]
        if not expected:
            assert answer(FORM, marked, changed(names)) == names
            continue
        with pytest.raises(Invalid) as error:
            answer(FORM, marked, changed(names))
        assert problems(error) == expected


def test_a_marked_field_may_be_confirmed_as_it_is() -> None:
    assert answer(FORM, ["title"], FORM, confirmed=["title"]) == ()
    assert answer(FORM, ["title", "remarks"], changed(("remarks",)), confirmed=["title"]) == ("remarks",)


def test_fields_that_a_marked_material_proves_may_change_and_need_not() -> None:
    moved, opened = changed(("healthExaminedOn",)), {"healthStatus", "healthExaminedOn"}
    assert answer(FORM, [], moved, opened=opened) == ("healthExaminedOn",)
    assert answer(FORM, [], FORM, opened=opened) == ()
    with pytest.raises(Invalid) as error:
        answer(FORM, [], moved, confirmed=["healthStatus"], opened=())
    assert problems(error) == [("healthExaminedOn", "FIELD_LOCKED"), ("healthStatus", "FIELD_NOT_MARKED")]


def test_what_is_wrong_with_the_rest_of_the_answer_is_told_at_once() -> None:
    missing = FieldProblem("materials.CERTIFICATE", "MATERIAL_UNANSWERED", Words("缺", "missing"))
    with pytest.raises(Invalid) as error:
        answer(FORM, ["title"], FORM, beside=[missing])
    assert problems(error) == [("title", "FIELD_UNANSWERED"), ("materials.CERTIFICATE", "MATERIAL_UNANSWERED")]


def test_what_was_not_marked_cannot_be_confirmed() -> None:
    with pytest.raises(Invalid) as error:
        answer(FORM, ["title"], changed(("title",)), confirmed=["remarks"])
    assert problems(error) == [("remarks", "FIELD_NOT_MARKED")]

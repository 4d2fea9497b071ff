"""What no list has is said in words: required with OTHER, refused without it, and shown where the value is."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args, get_type_hints

import pytest

from rules.errors import Invalid
from rules.form import Form, answer, check, form_to_json
from rules.forms import FirstForm, RenewalForm
from rules.kinds import FORMS, Kind, form_from_json
from rules.label import Labelled
from rules.nurse import Department, DeregistrationReason, Education
from rules.other import LONGEST_OTHER, OTHERS, remark_on, said
from rules.proposal import VoidGround
from rules.reasons import Reason
from rules.record import as_recorded
from tests.support.kinds import forms

FILED = date(2026, 8, 31)
FILLED = forms(FILED)
WITH_DEPARTMENT = [kind for kind, form in FORMS.items() if "department" in {one.name for one in fields(form)}]


def problems(kind: Kind, **changes: Any) -> list[tuple[str, str]]:
    """What is wrong with the form of a kind."""
    form: Form = replace(FILLED[kind], **changes)
    try:
        check(form, FILED)
    except Invalid as refusal:
        return [(problem.path, problem.code) for problem in refusal.problems]
    return []


def test_every_field_of_a_form_whose_list_has_other_has_words() -> None:
    for kind, form in FORMS.items():
        hints = {name: (get_args(hint) or (hint,))[0] for name, hint in get_type_hints(form).items() if name != "KEPT"}
        listed = {
            name for name, one in hints.items() if issubclass(one, Labelled) and any(each.unlisted for each in one)
        }
        words = {OTHERS.get(name, "remarks") for name in listed}
        assert words <= hints.keys(), kind


@pytest.mark.feature("N16")
@pytest.mark.parametrize("kind", WITH_DEPARTMENT)
def test_a_department_that_is_not_listed_is_named(kind: Kind) -> None:
    other, path = {"department": Department.OTHER}, "otherDepartment"
    assert problems(kind, **other) == problems(kind, **other, other_department=" \t") == [(path, "FIELD_REQUIRED")]
    assert problems(kind, **other, other_department="体检中心") == []
    assert problems(kind, **other, other_department="中" * LONGEST_OTHER) == []
    assert problems(kind, **other, other_department="中" * (LONGEST_OTHER + 1)) == [(path, "TEXT_TOO_LONG")]
    assert problems(kind, **other, other_department="体检\n中心") == [(path, "TEXT_HIDDEN_CHARACTER")]
    assert problems(kind, department=Department.WARD, other_department="体检中心") == [(path, "OTHER_NOT_CHOSEN")]
    assert problems(kind, department=Department.WARD, other_department=" ") == []


@pytest.mark.feature("N16")
def test_a_schooling_that_is_not_listed_is_named() -> None:
    assert problems(Kind.FIRST, education=Education.OTHER) == [("otherEducation", "FIELD_REQUIRED")]
    assert problems(Kind.FIRST, education=Education.OTHER, other_education="技工学校") == []
    assert problems(Kind.FIRST, other_education="技工学校") == [("otherEducation", "OTHER_NOT_CHOSEN")]


def test_words_are_kept_without_the_blanks_around_them_and_go_into_the_record() -> None:
    form = replace(FILLED[Kind.FIRST], department=Department.OTHER, other_department="\u3000体检中心 ")  # type: ignore[call-arg]
    assert isinstance(form, FirstForm)
    assert form_to_json(form)["otherDepartment"] == form.record()["other_department"] == "体检中心"
    assert form.record()["other_education"] is None
    old = {name: value for name, value in form_to_json(form).items() if not name.startswith("other")}
    assert form_from_json(Kind.FIRST, old) == replace(form, other_department=None)


def test_a_renewal_that_leaves_the_department_out_keeps_it_with_its_words() -> None:
    record = {"department": "OTHER", "other_department": "体检中心", "title": "NURSE"}
    left_out = RenewalForm(FILLED[Kind.RENEWAL].health_status, FILED)  # type: ignore[attr-defined]
    kept = as_recorded(left_out, record)
    assert (kept.department, kept.other_department) == (Department.OTHER, "体检中心")
    moved = as_recorded(replace(left_out, department=Department.WARD), record)
    assert (moved.department, moved.other_department) == (Department.WARD, None)
    renamed = as_recorded(replace(left_out, other_department="口腔科"), record)
    assert (renamed.department, renamed.other_department) == (Department.OTHER, "口腔科")


def test_a_department_on_record_without_words_is_named_with_the_next_renewal() -> None:
    record = {"department": "OTHER", "other_department": None, "title": "NURSE"}
    kept = as_recorded(RenewalForm(FILLED[Kind.RENEWAL].health_status, FILED), record)  # type: ignore[attr-defined]
    with pytest.raises(Invalid) as refusal:
        check(kept, FILED)
    assert [(one.path, one.code) for one in refusal.value.problems] == [("otherDepartment", "FIELD_REQUIRED")]


def test_with_a_marked_value_its_words_are_open_and_nothing_else() -> None:
    old = FILLED[Kind.RENEWAL]
    new = replace(old, department=Department.OTHER, other_department="体检中心")  # type: ignore[call-arg]
    assert answer(old, ["department"], new) == ("department", "otherDepartment")
    with pytest.raises(Invalid) as refusal:
        answer(old, ["title"], new, ["title"])
    assert [one.path for one in refusal.value.problems] == ["department", "otherDepartment"]


def test_the_words_are_said_behind_the_value() -> None:
    assert said(Department.OTHER, "体检中心") == "其他：体检中心"
    assert said(DeregistrationReason.OTHER, None) == "其他"
    assert said(Department.WARD, "体检中心") == "病房"


def test_remarks_are_needed_with_other_only() -> None:
    assert remark_on(DeregistrationReason.EXPIRED, "remarks", " ") is None
    assert remark_on(VoidGround.OTHER_BY_LAW, "remarks", " 超期 ") == "超期"
    with pytest.raises(Invalid) as refusal:
        remark_on(VoidGround.OTHER_BY_LAW, "remarks", " ")
    assert [(one.path, one.code) for one in refusal.value.problems] == [("remarks", "FIELD_REQUIRED")]


def test_what_is_not_listed_is_known_by_its_name() -> None:
    assert [one for one in Reason if one.unlisted] == [Reason.OTHER_CORRECTION, Reason.OTHER_REFUSAL]
    assert [one for one in VoidGround if one.unlisted] == [VoidGround.OTHER_BY_LAW]

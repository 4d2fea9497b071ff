"""What each form refuses, and what an approval carries into the record."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.errors import Invalid
from rules.form import Form, check
from rules.kinds import FORMS, Kind, form_from_json
from rules.law import LAW, Law, LawSubject
from rules.nurse import Degree, Department, DeregistrationReason, Education, HealthStatus, StudyLength, Title
from tests.support.kinds import forms

FILED = date(2026, 8, 31)
FILLED = forms(FILED)
TRAINING = {
    "training_institution": "教学医院",
    "trained_from": date(2026, 5, 1),
    "trained_until": date(2026, 7, 31),
}


def problems(kind: Kind, **changes: Any) -> list[tuple[str, str]]:
    form: Form = replace(FILLED[kind], **changes)
    try:
        check(form, FILED)
    except Invalid as refusal:
        return [(problem.path, problem.code) for problem in refusal.problems]
    return []


EXAMINED = [kind for kind, form in FORMS.items() if "health_examined_on" in form.__dataclass_fields__]
TRAINED = [kind for kind, form in FORMS.items() if "trained_until" in form.__dataclass_fields__]


def test_health_is_asked_of_whoever_will_practise_and_training_of_whoever_may_need_it() -> None:
    assert set(Kind) - set(EXAMINED) == {Kind.DEREGISTRATION, Kind.REISSUE}
    assert set(TRAINED) == {Kind.FIRST, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER}


@pytest.mark.parametrize("kind", [kind for kind in EXAMINED if kind is not Kind.CHANGE])
@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 2, 27), "EXAMINATION_TOO_OLD"),
        (date(2026, 2, 28), None),
        (FILED, None),
        (date(2026, 9, 1), "DATE_IN_FUTURE"),
    ],
)
def test_every_health_examination_is_at_most_six_months_old(kind: Kind, day: date, code: str | None) -> None:
    assert problems(kind, health_examined_on=day) == ([("healthExaminedOn", code)] if code else [])


@pytest.mark.parametrize("kind", [kind for kind in EXAMINED if kind is not Kind.CHANGE])
def test_an_examination_is_asked_for_where_the_law_of_the_day_wants_one(kind: Kind) -> None:
    assert problems(kind, health_examined_on=None) == [("healthExaminedOn", "FIELD_REQUIRED")]
    others = tuple(one for one in ("FIRST", "RENEWAL", "REREGISTRATION", "MILITARY_TRANSFER") if one != kind)
    unasked = Law({**LAW.values, LawSubject.EXAMINED_KINDS: others})
    for day in (None, date(2020, 1, 1)):
        check(replace(FILLED[kind], health_examined_on=day), FILED, law=unasked)  # type: ignore[call-arg]
    with pytest.raises(Invalid) as refusal:
        check(replace(FILLED[kind], health_examined_on=date(2026, 9, 1)), FILED, law=unasked)  # type: ignore[call-arg]
    assert [one.code for one in refusal.value.problems] == ["DATE_IN_FUTURE"]


@pytest.mark.feature("N16")
def test_a_change_is_a_report_and_needs_no_health_examination() -> None:
    assert problems(Kind.CHANGE, health_status=None, health_examined_on=None) == []
    assert problems(Kind.CHANGE, health_examined_on=date(2020, 1, 1)) == []
    assert problems(Kind.CHANGE, health_examined_on=date(2026, 9, 1)) == []
    form: Form = replace(FILLED[Kind.CHANGE], **{"health_status": None, "health_examined_on": None})
    assert form.record() == {"department": Department.OUTPATIENT, "other_department": None}


@pytest.mark.parametrize("kind", TRAINED)
def test_a_training_is_named_whole_or_not_at_all(kind: Kind) -> None:
    assert problems(kind, **TRAINING) == []
    for left, path in (
        ("training_institution", "trainingInstitution"),
        ("trained_from", "trainedFrom"),
        ("trained_until", "trainedUntil"),
    ):
        assert problems(kind, **{**TRAINING, left: None}) == [(path, "FIELD_REQUIRED")]
    assert problems(kind, **{**TRAINING, "trained_from": date(2026, 8, 1)}) == [("trainedUntil", "ENDS_BEFORE_START")]
    assert problems(kind, **{**TRAINING, "trained_until": date(2026, 9, 1)}) == [("trainedUntil", "DATE_IN_FUTURE")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"school": " "}, [("school", "FIELD_REQUIRED")]),
        ({"major": "护" * 101}, [("major", "TEXT_TOO_LONG")]),
        ({"school": "学校\u202e"}, [("school", "TEXT_HIDDEN_CHARACTER")]),
        ({"graduated_on": date(2026, 9, 1)}, [("graduatedOn", "DATE_IN_FUTURE")]),
        ({"graduated_on": FILED}, []),
        ({"internship_until": date(2023, 6, 30)}, [("internshipUntil", "ENDS_BEFORE_START")]),
        (
            {"internship_until": date(2026, 9, 1)},
            [("internshipUntil", "DATE_IN_FUTURE"), ("internshipUntil", "INTERNSHIP_AFTER_GRADUATION")],
        ),
        ({"internship_until": date(2024, 7, 1)}, []),
        ({"internship_until": date(2024, 7, 2)}, [("internshipUntil", "INTERNSHIP_AFTER_GRADUATION")]),
        ({"education": Education.COLLEGE}, [("degree", "DEGREE_ABOVE_EDUCATION")]),
        ({"education": Education.COLLEGE, "degree": Degree.NONE}, []),
        ({"education": Education.BACHELOR, "degree": Degree.MASTER}, []),
        (
            {**TRAINING, "trained_from": date(2024, 6, 30)},
            [("trainedFrom", "TRAINED_BEFORE_GRADUATION")],
        ),
    ],
)
def test_what_a_first_registration_refuses(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert problems(Kind.FIRST, **changes) == expected


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2031, 8, 31), []), (date(2031, 9, 1), [("militaryValidUntil", "EXPIRY_TOO_FAR")])]
)
def test_a_military_certificate_is_not_valid_for_over_five_years(day: date, expected: list[tuple[str, str]]) -> None:
    assert problems(Kind.MILITARY_TRANSFER, military_valid_until=day) == expected


@pytest.mark.parametrize(
    ("kind", "field", "path"),
    [
        (Kind.MILITARY_TRANSFER, "military_certificate_number", "militaryCertificateNumber"),
        (Kind.CHANGE, "change_reason", "changeReason"),
        (Kind.REISSUE, "statement", "statement"),
    ],
)
def test_what_must_be_said_is_said(kind: Kind, field: str, path: str) -> None:
    assert problems(kind, **{field: "\n"}) == [(path, "FIELD_REQUIRED")]


def test_another_reason_to_end_it_is_said_in_words() -> None:
    assert problems(Kind.DEREGISTRATION, remarks=None) == [("remarks", "FIELD_REQUIRED")]
    assert problems(Kind.DEREGISTRATION, reason=DeregistrationReason.EXPIRED, remarks=None) == []


def test_what_an_approval_carries_into_the_record() -> None:
    place = {"department": Department.INTENSIVE_CARE, "other_department": None}
    work = {"health_status": HealthStatus.FAIR, **place, "title": Title.SENIOR_NURSE}
    schooling = {"education": Education.BACHELOR, "other_education": None, "degree": Degree.BACHELOR}
    study = {"school": "北京护士学校", "major": "护理学", **schooling}
    course = {"study_length": StudyLength.FOUR_YEARS, "graduated_on": date(2024, 7, 1)}
    assert {kind: form.record() for kind, form in FILLED.items()} == {
        Kind.FIRST: {**work, **study, **course},
        Kind.RENEWAL: work,
        Kind.CHANGE: {
            "health_status": HealthStatus.FAIR,
            "department": Department.OUTPATIENT,
            "other_department": None,
        },
        Kind.DEREGISTRATION: {},
        Kind.REREGISTRATION: work,
        Kind.MILITARY_TRANSFER: work,
        Kind.REISSUE: {},
    }


def test_a_value_that_cannot_be_read_is_refused_in_words_of_one_language() -> None:
    with pytest.raises(Invalid) as refusal:
        form_from_json(
            Kind.RENEWAL, {"healthStatus": "GOOD", "healthExaminedOn": "昨天", "department": "太空", "title": "x"}
        )
    day, department, _ = (one.words for one in refusal.value.problems)
    assert day == ("“昨天”不是有效的值，应为：年-月-日", "'昨天' is not valid here; expected: YYYY-MM-DD.")
    assert department.zh.endswith(f"应为：{'、'.join(one.label for one in Department)}")
    assert department.en.startswith("'太空' is not valid here; expected: WARD, OUTPATIENT, EMERGENCY")

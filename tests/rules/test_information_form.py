"""What a change of information is compared with: the record, and the values beside each other (N14)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.chronology import Life
from rules.errors import Invalid
from rules.form_field import fields_of
from rules.information_form import InformationForm, asked_for
from rules.law import LAW
from rules.nurse import Degree, Education

TODAY = date(2026, 11, 30)
LIFE = Life(date(1990, 5, 1))
RECORD: dict[str, Any] = {
    **dict.fromkeys(one.attribute for one in fields_of(InformationForm).values()),
    **{"education": "BACHELOR", "degree": "BACHELOR", "nationality": "中国", "document_type": "RESIDENT_ID"},
}
COURSE = "2010年09月01日至{}在北京大学护理学专业学习"


def problems(form: InformationForm, **record: Any) -> list[tuple[str, str]]:
    """How a wish is refused."""
    with pytest.raises(Invalid) as refusal:
        asked_for(form, {**RECORD, **record}, LIFE, TODAY, LAW)
    return [(problem.path, problem.code) for problem in refusal.value.problems]


@pytest.mark.feature("N14")
@pytest.mark.parametrize(
    ("form", "path"),
    [
        (InformationForm(education=Education.COLLEGE), "education"),
        (InformationForm(education=Education.COLLEGE, degree=Degree.MASTER), "education"),
        (InformationForm(education=Education.SECONDARY_VOCATIONAL, degree=Degree.BACHELOR), "education"),
    ],
)
def test_a_degree_beside_an_education_that_confers_none_is_refused_where_it_is_asked_for(
    form: InformationForm, path: str
) -> None:
    assert problems(form) == [(path, "DEGREE_ABOVE_EDUCATION")]


@pytest.mark.feature("N14")
def test_a_degree_is_compared_with_the_education_on_record() -> None:
    wish = InformationForm(degree=Degree.BACHELOR)
    assert problems(wish, education="COLLEGE", degree="NONE") == [("degree", "DEGREE_ABOVE_EDUCATION")]
    both = InformationForm(education=Education.COLLEGE, degree=Degree.NONE)
    assert asked_for(both, RECORD, LIFE, TODAY, LAW) == {"education": "COLLEGE", "degree": "NONE"}


@pytest.mark.feature("N14")
def test_a_course_of_study_that_has_not_ended_is_none_to_record() -> None:
    wish = InformationForm(study_history=COURSE.format("2026年12月01日"))
    assert problems(wish) == [("studyHistory", "DATE_IN_FUTURE")]
    ended = InformationForm(study_history=COURSE.format("2026年11月30日"))
    assert list(asked_for(ended, RECORD, LIFE, TODAY, LAW)) == ["studyHistory"]


@pytest.mark.feature("N14")
@pytest.mark.parametrize("text", ["", "   ", "\u3000"])
def test_nothing_is_no_value_to_put_on_record(text: str) -> None:
    assert problems(InformationForm(school=text), school="北京护士学校") == [("school", "FIELD_REQUIRED")]

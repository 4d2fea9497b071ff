"""The days of a life in their order: a form beside the record, practice beside the registration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.chronology import Life, life_problems, require_since_registered
from rules.errors import Invalid
from rules.form import Form
from rules.kinds import Kind
from tests.support.kinds import forms

FILED = date(2026, 8, 31)
FILLED = forms(FILED)
LIFE = Life(date(2000, 3, 1), date(2024, 5, 1))
TRAINING = {"training_institution": "教学医院", "trained_until": date(2025, 1, 1)}


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (Kind.FIRST, {}, []),
        (Kind.FIRST, {"graduated_on": date(2015, 3, 1)}, []),
        (Kind.FIRST, {"graduated_on": date(2015, 2, 28)}, [("graduatedOn", "BEFORE_ITS_TIME")]),
        (Kind.FIRST, {"internship_from": date(2000, 2, 29)}, [("internshipFrom", "BEFORE_ITS_TIME")]),
        (Kind.FIRST, {**TRAINING, "trained_from": date(2024, 5, 1)}, []),
        (Kind.FIRST, {**TRAINING, "trained_from": date(2024, 4, 30)}, [("trainedFrom", "TRAINED_BEFORE_EXAM")]),
        (Kind.CHANGE, {"health_examined_on": date(2000, 2, 29)}, []),
        (Kind.MILITARY_TRANSFER, {"military_valid_until": date(2016, 3, 1)}, []),
        (
            Kind.MILITARY_TRANSFER,
            {"military_valid_until": date(2016, 2, 29)},
            [("militaryValidUntil", "BEFORE_ITS_TIME")],
        ),
        # Who is registered again was trained when she was, whenever she passed.
        (Kind.REREGISTRATION, {**TRAINING, "trained_from": date(2010, 1, 1)}, []),
    ],
)
def test_the_days_of_a_form_fit_the_record(
    kind: Kind, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    form: Form = replace(FILLED[kind], **changes)
    assert [(one.path, one.code) for one in life_problems(form, LIFE)] == expected


def test_nobody_leaves_or_stops_before_she_was_registered() -> None:
    first, came = date(2016, 1, 1), date(2020, 6, 1)
    require_since_registered("leftOn", came, first, came)
    require_since_registered("startsOn", first, first, None)
    require_since_registered("startsOn", date(1999, 1, 1), None, None)
    for day, since in ((date(2020, 5, 31), came), (date(2015, 12, 31), None)):
        with pytest.raises(Invalid) as refusal:
            require_since_registered("leftOn", day, first, since)
        assert [(one.path, one.code) for one in refusal.value.problems] == [("leftOn", "BEFORE_REGISTRATION")]

"""A form as data: what each field asks, in both languages, with the choices and days that hold there and today."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import date

import pytest

from rules.errors import Invalid
from rules.form import check, field_names
from rules.form_definition import FieldDefinition, FieldType, definition
from rules.form_field import field_problems, fields_of
from rules.forms import DeregistrationForm, FirstForm, RenewalForm
from rules.kinds import FORMS, Kind, form_of
from rules.law import LAW, Law, LawSubject
from rules.nurse import Department, DeregistrationReason, HealthStatus
from rules.people import Party
from tests.support.kinds import forms

TODAY = date(2026, 8, 31)
ENDS = (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY)


def defined(kind: Kind, party: Party = Party.NURSE, law: Law = LAW) -> dict[str, FieldDefinition]:
    return {one.asked.name: one for one in definition(kind, party, TODAY, law)}


@pytest.mark.feature("N16")
@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_of_every_form_is_defined_in_both_languages_in_the_forms_order(kind: Kind) -> None:
    found = defined(kind)
    assert tuple(found) == field_names(form_of(kind))
    for one in found.values():
        texts = [one.terms.title, *([one.terms.help] if one.terms.help else [])]
        assert all(words.zh and words.en for words in texts)
        assert all(choice.label and choice.english for choice in one.choices)
        assert (one.type is FieldType.CHOICE) == bool(one.choices)
        assert (one.longest is not None) == (one.type is FieldType.TEXT)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_always_needed_is_what_has_no_default(kind: Kind) -> None:
    """An examination is needed where the law of the place wants one of the kind."""
    without = [one.name for one in fields(FORMS[kind]) if one.default is MISSING]
    assert [one.asked.attribute for one in defined(kind).values() if one.needed] == without
    free = Law({**LAW.values, LawSubject.EXAMINED_KINDS: ()})
    needed = [one.asked.attribute for one in defined(kind, law=free).values() if one.needed]
    assert needed == [name for name in without if name != "health_examined_on"]


def test_days_reach_as_far_as_the_law_of_the_day_lets_them() -> None:
    examined = defined(Kind.RENEWAL)["healthExaminedOn"].span
    assert (examined.earliest, examined.latest) == (date(2026, 2, 28), TODAY)
    longer = Law({**LAW.values, LawSubject.EXAMINATION_MONTHS: ("12",)})
    assert defined(Kind.RENEWAL, law=longer)["healthExaminedOn"].span.earliest == date(2025, 8, 31)
    expiry = defined(Kind.MILITARY_TRANSFER)["militaryValidUntil"].span
    assert (expiry.earliest, expiry.latest) == (None, date(2031, 8, 31))
    reported = defined(Kind.CHANGE)["healthExaminedOn"].span
    assert (reported.earliest, reported.latest) == (None, None)


def test_choices_are_those_of_the_list_of_the_place_and_of_who_fills_it_in() -> None:
    law = Law({**LAW.values, LawSubject.DEPARTMENTS: ("WARD", "OTHER")})
    assert [*defined(Kind.FIRST, law=law)["department"].choices] == [Department.WARD, Department.OTHER]
    hers, theirs, offices = (defined(Kind.DEREGISTRATION, party)["reason"].choices for party in ENDS)
    assert {*hers} == {DeregistrationReason.EXPIRED, DeregistrationReason.OTHER}
    assert {*DeregistrationReason} - {*theirs} == {DeregistrationReason.ANNULLED}
    assert [*offices] == [*DeregistrationReason]


@pytest.mark.parametrize(
    ("reason", "needed"),
    [
        (DeregistrationReason.OTHER, {"remarks"}),
        (DeregistrationReason.DEATH, {"proof"}),
        (DeregistrationReason.EXPIRED, set()),
        (None, {"reason"}),
    ],
)
def test_a_condition_on_another_field_is_the_one_by_which_the_form_is_judged(
    reason: DeregistrationReason | None, needed: set[str]
) -> None:
    found = field_problems(DeregistrationForm, {"reason": reason}, TODAY, LAW)
    assert {(one.path, one.code) for one in found} == {(name, "FIELD_REQUIRED") for name in needed}
    fields = fields_of(DeregistrationForm)
    assert {name for name, one in fields.items() if one.is_needed({"reason": reason}, LAW)} == needed | {"reason"}


def test_fields_that_go_together_are_needed_as_soon_as_one_is_there() -> None:
    form = forms(TODAY)[Kind.FIRST]
    assert isinstance(form, FirstForm)
    check(form, TODAY)
    for given, missing in (
        ({"training_institution": "市一院"}, {"trainedFrom", "trainedUntil"}),
        ({"trained_from": date(2026, 1, 1)}, {"trainingInstitution", "trainedUntil"}),
    ):
        with pytest.raises(Invalid) as refusal:
            check(replace(form, **given), TODAY)  # type: ignore[arg-type]
        assert {(one.path, one.code) for one in refusal.value.problems} == {
            (name, "FIELD_REQUIRED") for name in missing
        }


def test_a_half_filled_form_has_all_its_problems_at_once_and_none_of_what_cannot_be_compared_yet() -> None:
    nothing: dict[str, None] = dict.fromkeys(one.name for one in fields(FirstForm))
    half = FirstForm(**{**nothing, "health_status": HealthStatus.GOOD, "internship_until": date(2026, 9, 1)})  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refusal:
        check(half, TODAY)
    found = [(one.path, one.code) for one in refusal.value.problems]
    missing = [name for name, one in fields_of(FirstForm).items() if one.is_needed({}, LAW)]
    assert found == [
        (name, "DATE_IN_FUTURE" if name == "internshipUntil" else "FIELD_REQUIRED")
        for name in missing
        if name != "healthStatus"
    ]


def test_what_stays_as_on_record_is_needed_only_where_nothing_is_on_record() -> None:
    kept = [name for name, one in fields_of(RenewalForm).items() if one.kept is not None]
    assert kept == ["department", "title"]

"""The rules of every kind but renewal, each on the days around its border."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from rules.eligibility import RULES, Facts, Outcome, eligibility, require_eligible
from rules.errors import Invalid
from rules.form import Form
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.nurse import DeregistrationReason, HealthStatus, StudyLength
from rules.people import Party
from rules.registration import Registration, RegistrationStatus
from tests.support.kinds import forms

TODAY = date(2026, 8, 31)
HERE, THERE = UUID(int=2), UUID(int=4)
NEVER = Registration(UUID(int=1))
VALID = Registration(
    UUID(int=1),
    RegistrationStatus.VALID,
    valid_until=date(2026, 12, 31),
    institution_id=HERE,
    authority_id=UUID(int=3),
)
ENDED = replace(
    VALID,
    status=RegistrationStatus.DEREGISTERED,
    institution_id=None,
    deregistration_reason=DeregistrationReason.OTHER,
)
FORMS = forms(TODAY)
GONE_ON: dict[Kind, Registration] = {
    Kind.FIRST: NEVER,
    Kind.MILITARY_TRANSFER: NEVER,
    Kind.REREGISTRATION: ENDED,
}
KINDS = [kind for kind in Kind if kind is not Kind.RENEWAL]
P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def facts(kind: Kind, **changes: Any) -> Facts:
    """A nurse who may apply for this kind; `registration` may be given as what differs."""
    registration = GONE_ON.get(kind, VALID)
    known = {"birth_date": date(2000, 1, 1), "exam_passed_on": date(2025, 6, 1), "exam_year": 2025}
    where = {"target_id": THERE, "target_state": InstitutionState.ACTIVE}
    form: Form = FORMS[kind]
    return replace(
        Facts(registration, True, health_status=getattr(form, "health_status", None), form=form, **known, **where),  # type: ignore[arg-type]
        **changes,
    )


def outcome(kind: Kind, code: str, judged: Facts, today: date = TODAY) -> Outcome:
    """What one rule says; every other rule must pass."""
    found = {verdict.rule.code: verdict for verdict in eligibility(kind, judged, today)}
    others = {name: verdict.outcome for name, verdict in found.items() if name != code}
    assert set(others.values()) == {P}, others
    assert found[code].outcome is P or found[code].what_to_do is not None
    return found[code].outcome


def form(kind: Kind, **changes: Any) -> dict[str, Form]:
    return {"form": replace(FORMS[kind], **changes)}


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_meets_every_rule_passes(kind: Kind) -> None:
    assert {verdict.outcome for verdict in eligibility(kind, facts(kind), TODAY)} == {P}
    assert len({rule.code for rule, _ in RULES[kind]}) == len(RULES[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_account_must_be_far_enough(kind: Kind) -> None:
    assert outcome(kind, "ACCOUNT_ACTIVE", facts(kind, account_active=False)) is F


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_renewal_may_stand_beside_a_change(kind: Kind) -> None:
    for other in Kind:
        expected = P if (kind, other) == (Kind.CHANGE, Kind.RENEWAL) else F
        assert outcome(kind, "NO_OTHER_OPEN", facts(kind, open_kinds=frozenset({other}))) is expected


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.CHANGE, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER])
@pytest.mark.parametrize("state", [None, *InstitutionState])
def test_where_she_goes_must_be_active(kind: Kind, state: InstitutionState | None) -> None:
    expected = {None: U, InstitutionState.ACTIVE: P}.get(state, F)
    assert outcome(kind, "TARGET_ACTIVE", facts(kind, target_state=state)) is expected


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER])
@pytest.mark.parametrize(("last", "expected"), [(date(2026, 8, 30), P), (TODAY, F), (date(2027, 8, 31), F), (None, P)])
def test_a_bar_lasts_to_its_last_day(kind: Kind, last: date | None, expected: Outcome) -> None:
    judged = facts(kind, registration=replace(GONE_ON[kind], bar_until=last))
    assert outcome(kind, "NO_BAR", judged) is expected
    (verdict,) = [one for one in eligibility(kind, judged, TODAY) if one.rule.code == "NO_BAR"]
    assert verdict.earliest == (date.fromordinal(last.toordinal() + 1) if last and expected is F else None)


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER])
@pytest.mark.parametrize(
    ("health", "expected"), [(HealthStatus.FAIR, P), (HealthStatus.DISABILITY, U), (HealthStatus.UNFIT, F), (None, U)]
)
def test_health(kind: Kind, health: HealthStatus | None, expected: Outcome) -> None:
    assert outcome(kind, "HEALTH", facts(kind, health_status=health)) is expected


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.MILITARY_TRANSFER])
@pytest.mark.parametrize(("registration", "expected"), [(NEVER, P), (VALID, F), (ENDED, F)])
def test_never_registered(kind: Kind, registration: Registration, expected: Outcome) -> None:
    assert outcome(kind, "NEVER_REGISTERED", facts(kind, registration=registration)) is expected


@pytest.mark.parametrize(
    ("born", "expected"),
    [(date(2008, 8, 31), P), (date(2008, 9, 1), U), (date(2010, 8, 31), U), (date(2010, 9, 1), F), (None, U)],
)
def test_civil_capacity_by_age(born: date | None, expected: Outcome) -> None:
    assert outcome(Kind.FIRST, "FULL_CAPACITY", facts(Kind.FIRST, birth_date=born)) is expected


@pytest.mark.parametrize("length", list(StudyLength))
def test_a_course_lasts_three_years(length: StudyLength) -> None:
    expected = F if length is StudyLength.TWO_YEARS else P
    assert outcome(Kind.FIRST, "COURSE", facts(Kind.FIRST, **form(Kind.FIRST, study_length=length))) is expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2024, 1, 1), date(2024, 8, 31), P),
        (date(2024, 1, 1), date(2024, 8, 30), F),
        (date(2023, 7, 1), date(2024, 2, 29), P),
        (date(2023, 7, 1), date(2024, 2, 28), F),
    ],
)
def test_an_internship_lasts_eight_months(first: date, last: date, expected: Outcome) -> None:
    judged = facts(Kind.FIRST, **form(Kind.FIRST, internship_from=first, internship_until=last))
    assert outcome(Kind.FIRST, "INTERNSHIP", judged) is expected


def trained(kind: Kind, last: date = date(2026, 7, 31)) -> dict[str, Form]:
    return form(kind, training_institution="教学医院", trained_from=date(2026, 5, 1), trained_until=last)


def test_an_examination_must_be_on_record() -> None:
    judged = facts(Kind.FIRST, exam_passed_on=None, exam_year=None, **trained(Kind.FIRST))
    found = {verdict.rule.code: verdict.outcome for verdict in eligibility(Kind.FIRST, judged, TODAY)}
    assert (found["EXAM_PASSED"], found["WITHIN_THREE_YEARS"]) == (F, U)


@pytest.mark.parametrize(
    ("passed_on", "year", "expected"),
    [
        (date(2023, 8, 31), 2023, P),
        (date(2023, 8, 30), 2023, F),
        (None, 2024, P),
        (None, 2023, U),  # the border lies within this year: the day is to be proved
        (None, 2022, F),
    ],
)
def test_three_years_after_the_examination(passed_on: date | None, year: int, expected: Outcome) -> None:
    judged = facts(Kind.FIRST, exam_passed_on=passed_on, exam_year=year)
    assert outcome(Kind.FIRST, "WITHIN_THREE_YEARS", judged) is expected
    assert outcome(Kind.FIRST, "WITHIN_THREE_YEARS", replace(judged, **trained(Kind.FIRST))) is P
    short = replace(judged, **trained(Kind.FIRST, date(2026, 7, 30)))
    assert outcome(Kind.FIRST, "WITHIN_THREE_YEARS", short) is expected


@pytest.mark.feature("N16")
def test_a_training_that_is_too_short_is_told_where_it_stands() -> None:
    judged = facts(Kind.FIRST, exam_passed_on=date(2020, 8, 30), exam_year=2020)
    for given, problem in (
        (judged, ("kind", "WITHIN_THREE_YEARS")),
        (replace(judged, **trained(Kind.FIRST, date(2026, 7, 30))), ("trainedUntil", "WITHIN_THREE_YEARS")),
    ):
        with pytest.raises(Invalid) as refusal:
            require_eligible(Kind.FIRST, given, TODAY)
        assert problem in [(one.path, one.code) for one in refusal.value.problems]


@pytest.mark.parametrize(("year", "expected"), [(2025, P), (2026, U), (2027, F)])
def test_the_border_year_begins_with_its_first_day_and_ends_with_its_last(year: int, expected: Outcome) -> None:
    for day in (date(year, 1, 1), date(year, 12, 31)):
        judged = facts(Kind.FIRST, exam_passed_on=None, exam_year=2023)
        found = {verdict.rule.code: verdict.outcome for verdict in eligibility(Kind.FIRST, judged, day)}
        assert found["WITHIN_THREE_YEARS"] is expected


@pytest.mark.parametrize("kind", [Kind.CHANGE, Kind.REISSUE])
@pytest.mark.parametrize(
    ("registration", "today", "expected"),
    [
        (VALID, date(2026, 12, 31), P),
        (VALID, date(2027, 1, 1), F),
        (NEVER, TODAY, F),
        (ENDED, TODAY, F),
    ],
)
def test_valid_on_the_day_of_filing(kind: Kind, registration: Registration, today: date, expected: Outcome) -> None:
    assert outcome(kind, "VALID_ON_FILING", facts(kind, registration=registration), today) is expected


@pytest.mark.parametrize(("target", "at", "expected"), [(THERE, HERE, P), (HERE, HERE, F), (HERE, None, P)])
def test_a_change_leads_elsewhere_or_back_after_she_left(target: UUID, at: UUID | None, expected: Outcome) -> None:
    judged = facts(Kind.CHANGE, target_id=target, registration=replace(VALID, institution_id=at))
    assert outcome(Kind.CHANGE, "OTHER_INSTITUTION", judged) is expected


def test_a_change_to_nowhere_yet_waits_for_a_claim() -> None:
    judged = facts(Kind.CHANGE, target_id=None, target_state=None)
    found = [verdict.outcome for verdict in eligibility(Kind.CHANGE, judged, TODAY)]
    assert found == [P, P, U, U, P]


@pytest.mark.parametrize(
    ("registration", "today", "expected"),
    [(VALID, TODAY, P), (VALID, date(2027, 1, 1), P), (NEVER, TODAY, F), (ENDED, TODAY, F)],
)
def test_what_is_ended_is_on_the_register(registration: Registration, today: date, expected: Outcome) -> None:
    judged = facts(Kind.DEREGISTRATION, registration=replace(registration, institution_id=HERE))
    assert outcome(Kind.DEREGISTRATION, "ON_REGISTER", judged, today) is expected


@pytest.mark.parametrize("reason", list(DeregistrationReason))
@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2027, 1, 1)])
@pytest.mark.parametrize("by", [Party.NURSE, Party.INSTITUTION])
def test_who_may_say_which_reason_and_when(reason: DeregistrationReason, today: date, by: Party) -> None:
    hers = reason in {DeregistrationReason.EXPIRED, DeregistrationReason.OTHER}
    fits = reason is not DeregistrationReason.EXPIRED or today == date(2027, 1, 1)
    judged = facts(Kind.DEREGISTRATION, filed_by=by, **form(Kind.DEREGISTRATION, reason=reason))
    expected = P if fits and (hers or by is Party.INSTITUTION) else F
    assert outcome(Kind.DEREGISTRATION, "REASON", judged, today) is expected


@pytest.mark.parametrize(("by", "expected"), [(Party.NURSE, F), (Party.INSTITUTION, P), (Party.AUTHORITY, P)])
def test_a_nurse_without_an_institution_goes_to_the_counter(by: Party, expected: Outcome) -> None:
    judged = facts(Kind.DEREGISTRATION, registration=replace(VALID, institution_id=None), filed_by=by)
    assert outcome(Kind.DEREGISTRATION, "HAS_INSTITUTION", judged) is expected


@pytest.mark.parametrize(
    ("registration", "today", "expected"),
    [
        (ENDED, TODAY, P),
        (replace(ENDED, deregistration_reason=DeregistrationReason.DEATH), TODAY, F),
        (VALID, date(2026, 12, 31), F),
        (VALID, date(2027, 1, 1), P),
        (NEVER, TODAY, F),
    ],
)
def test_who_comes_back_has_ended_or_expired(registration: Registration, today: date, expected: Outcome) -> None:
    assert (
        outcome(Kind.REREGISTRATION, "ENDED_OR_EXPIRED", facts(Kind.REREGISTRATION, registration=registration), today)
        is expected
    )


@pytest.mark.parametrize("reason", [one for one in DeregistrationReason if one is not DeregistrationReason.DEATH])
@pytest.mark.parametrize("judgment", [None, " ", "（2026）京0102民特1号"])
def test_capacity_that_was_lost_is_given_back_by_a_court(reason: DeregistrationReason, judgment: str | None) -> None:
    lost = reason is DeregistrationReason.INCAPACITY
    judged = facts(
        Kind.REREGISTRATION,
        registration=replace(ENDED, deregistration_reason=reason),
        **form(Kind.REREGISTRATION, recovery_judgment=judgment),
    )
    expected = F if lost and not (judgment or "").strip() else P
    assert outcome(Kind.REREGISTRATION, "CAPACITY_RECOVERED", judged) is expected


@pytest.mark.parametrize(("first", "expected"), [(date(2020, 1, 2), P), (date(2020, 1, 1), F)])
def test_a_training_before_she_stopped_counts_for_nothing(first: date, expected: Outcome) -> None:
    trained = {"training_institution": "教学医院", "trained_from": first, "trained_until": date(2020, 6, 1)}
    judged = facts(Kind.REREGISTRATION, practised_until=date(2020, 1, 1), **form(Kind.REREGISTRATION, **trained))
    assert outcome(Kind.REREGISTRATION, "TRAINED", judged) is expected


@pytest.mark.parametrize(("stopped", "expected"), [(date(2023, 8, 31), P), (date(2023, 8, 30), F), (None, P)])
def test_three_years_away_need_a_training(stopped: date | None, expected: Outcome) -> None:
    judged = facts(Kind.REREGISTRATION, practised_until=stopped)
    assert outcome(Kind.REREGISTRATION, "TRAINED", judged) is expected
    assert outcome(Kind.REREGISTRATION, "TRAINED", replace(judged, **trained(Kind.REREGISTRATION))) is P


@pytest.mark.parametrize(("last", "expected"), [(date(2023, 8, 31), P), (date(2023, 8, 30), F), (TODAY, P)])
def test_a_military_certificate_that_ran_out_three_years_ago_needs_a_training(last: date, expected: Outcome) -> None:
    judged = facts(Kind.MILITARY_TRANSFER, **form(Kind.MILITARY_TRANSFER, military_valid_until=last))
    assert outcome(Kind.MILITARY_TRANSFER, "TRAINED", judged) is expected


@pytest.mark.parametrize("kind", KINDS)
def test_before_the_form_nothing_that_only_the_form_tells_fails(kind: Kind) -> None:
    judged = facts(kind, form=None, health_status=None, target_id=None, target_state=None)
    assert F not in {verdict.outcome for verdict in eligibility(kind, judged, TODAY)}

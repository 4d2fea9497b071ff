"""Renewal: every rule passes and fails on its own, on the days around each border."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from rules.eligibility import RULES, Facts, Outcome, Verdict, eligibility, require_eligible
from rules.errors import Invalid
from rules.kinds import FORMS, Kind
from rules.nurse import HealthStatus
from rules.registration import Registration, RegistrationStatus

EXPIRY = date(2026, 12, 31)
OPENS, LINE = date(2026, 10, 2), date(2026, 12, 1)
TODAY = date(2026, 11, 20)
REGISTRATION = Registration(
    UUID(int=1), RegistrationStatus.VALID, valid_until=EXPIRY, institution_id=UUID(int=2), authority_id=UUID(int=3)
)
FACTS = Facts(REGISTRATION, account_active=True, health_status=HealthStatus.GOOD)
CODES = (
    *("ACCOUNT_ACTIVE", "VALID_ON_FILING", "WINDOW_OPEN", "LEGAL_LINE"),
    *("NOT_SUSPENDED", "HEALTH", "HAS_INSTITUTION", "NO_OTHER_OPEN"),
)


def verdicts(facts: Facts, today: date = TODAY) -> dict[str, Verdict]:
    return {verdict.rule.code: verdict for verdict in eligibility(Kind.RENEWAL, facts, today)}


def failed(facts: Facts, today: date = TODAY) -> list[str]:
    """The rules that fail; require_eligible must refuse for exactly these."""
    codes = [code for code, verdict in verdicts(facts, today).items() if verdict.outcome is Outcome.FAIL]
    if not codes:
        require_eligible(Kind.RENEWAL, facts, today)
        return []
    with pytest.raises(Invalid) as error:
        require_eligible(Kind.RENEWAL, facts, today)
    assert [(problem.path, problem.code) for problem in error.value.problems] == [("kind", code) for code in codes]
    assert all(problem.words.zh and problem.words.en for problem in error.value.problems)
    return codes


def with_registration(**changes: object) -> Facts:
    return replace(FACTS, registration=replace(REGISTRATION, **changes))


def test_every_rule_is_told_in_order_and_passes() -> None:
    found = eligibility(Kind.RENEWAL, FACTS, TODAY)
    assert tuple(verdict.rule.code for verdict in found) == CODES
    assert {verdict.outcome for verdict in found} == {Outcome.PASS}
    assert failed(FACTS) == []


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        (OPENS - timedelta(days=1), ["WINDOW_OPEN"]),
        (OPENS, []),
        (OPENS + timedelta(days=1), []),
        (EXPIRY - timedelta(days=1), []),
        (EXPIRY, []),  # the last day is inclusive
        (EXPIRY + timedelta(days=1), ["VALID_ON_FILING"]),
    ],
)
def test_the_window_opens_ninety_days_before_expiry_and_closes_with_it(today: date, codes: list[str]) -> None:
    assert (EXPIRY - OPENS).days == 90
    assert failed(FACTS, today) == codes


def test_before_the_window_the_first_day_is_told() -> None:
    verdict = verdicts(FACTS, OPENS - timedelta(days=1))["WINDOW_OPEN"]
    assert verdict.earliest == OPENS
    assert verdict.what_to_do is not None
    assert str(OPENS) in verdict.what_to_do.zh
    assert str(OPENS) in verdict.what_to_do.en


@pytest.mark.parametrize(("days_before", "codes"), [(181, ["WINDOW_OPEN"]), (180, []), (90, [])])
def test_an_authority_may_open_the_window_earlier(days_before: int, codes: list[str]) -> None:
    assert failed(replace(FACTS, window_days=180), EXPIRY - timedelta(days=days_before)) == codes


@pytest.mark.parametrize(("today", "advice"), [(LINE, "送达审批机关"), (LINE + timedelta(days=1), "已过法定期限")])
def test_the_legal_line_of_thirty_calendar_days_is_told_and_refuses_nobody(today: date, advice: str) -> None:
    assert (EXPIRY - LINE).days == 30
    verdict = verdicts(FACTS, today)["LEGAL_LINE"]
    assert verdict.outcome is Outcome.PASS
    assert verdict.what_to_do is not None
    assert advice in verdict.what_to_do.zh
    assert failed(FACTS, today) == []


@pytest.mark.parametrize("status", [RegistrationStatus.NEVER, RegistrationStatus.DEREGISTERED])
def test_who_is_not_on_the_register_has_no_window(status: RegistrationStatus) -> None:
    facts = with_registration(status=status, valid_until=None)
    assert failed(facts) == ["VALID_ON_FILING"]
    found = verdicts(facts)
    assert (found["WINDOW_OPEN"].outcome, found["LEGAL_LINE"].outcome) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


def test_an_account_must_be_active() -> None:
    assert failed(replace(FACTS, account_active=False)) == ["ACCOUNT_ACTIVE"]


def test_a_suspended_nurse_waits() -> None:
    assert failed(with_registration(suspended=True)) == ["NOT_SUSPENDED"]


def test_a_nurse_without_an_institution_changes_first() -> None:
    assert failed(with_registration(institution_id=None)) == ["HAS_INSTITUTION"]


@pytest.mark.parametrize(
    ("health", "outcome"),
    [
        (HealthStatus.GOOD, Outcome.PASS),
        (HealthStatus.FAIR, Outcome.PASS),
        (HealthStatus.CHRONIC_ILLNESS, Outcome.UNKNOWN),
        (HealthStatus.DISABILITY, Outcome.UNKNOWN),
        (HealthStatus.UNFIT, Outcome.FAIL),
        (None, Outcome.UNKNOWN),
    ],
)
def test_health_is_judged_as_far_as_a_rule_can(health: HealthStatus | None, outcome: Outcome) -> None:
    facts = replace(FACTS, health_status=health)
    assert verdicts(facts)["HEALTH"].outcome is outcome
    assert failed(facts) == (["HEALTH"] if outcome is Outcome.FAIL else [])


@pytest.mark.parametrize("kind", list(Kind))
def test_only_a_change_may_stand_beside_a_renewal(kind: Kind) -> None:
    expected = [] if kind is Kind.CHANGE else ["NO_OTHER_OPEN"]
    assert failed(replace(FACTS, open_kinds=frozenset({kind}))) == expected
    assert failed(replace(FACTS, open_kinds=frozenset({kind, Kind.CHANGE}))) == expected


def test_everything_wrong_is_told_at_once() -> None:
    facts = Facts(
        replace(REGISTRATION, suspended=True, institution_id=None),
        account_active=False,
        open_kinds=frozenset({Kind.REISSUE}),
        health_status=HealthStatus.UNFIT,
    )
    assert failed(facts, date(2027, 1, 1)) == [code for code in CODES if code not in {"WINDOW_OPEN", "LEGAL_LINE"}]


def test_every_kind_has_rules() -> None:
    assert set(RULES) == set(FORMS) == set(Kind)

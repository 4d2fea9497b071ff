"""The register: what each approval does to an entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from rules.errors import WrongState
from rules.kinds import Kind
from rules.registration import (
    DeregistrationReason,
    Registration,
    RegistrationStatus,
    change,
    deregister,
    register_again,
    register_first,
    reissue,
    renew,
    transfer_from_military,
)

NURSE, HOSPITAL, CLINIC, AUTHORITY, OTHER_AUTHORITY = (UUID(int=number) for number in range(1, 6))
EXPIRY = date(2026, 12, 31)
NEVER = Registration(NURSE)
VALID = Registration(
    NURSE,
    RegistrationStatus.VALID,
    certificate_number="20161101234567",
    first_registered_on=date(2016, 12, 31),
    valid_until=EXPIRY,
    institution_id=HOSPITAL,
    authority_id=AUTHORITY,
    last_kind=Kind.RENEWAL,
)
DEREGISTERED = replace(
    VALID,
    status=RegistrationStatus.DEREGISTERED,
    institution_id=None,
    last_kind=Kind.DEREGISTRATION,
    bar_until=date(2027, 5, 1),
    deregistration_reason=DeregistrationReason.LICENCE_REVOKED,
)
DECIDED = date(2026, 11, 20)


@pytest.mark.parametrize("decided_on", [EXPIRY - timedelta(days=90), EXPIRY, EXPIRY + timedelta(days=20)])
def test_a_renewal_adds_five_years_to_the_old_expiry_whatever_the_day(decided_on: date) -> None:
    assert renew(VALID, decided_on) == replace(VALID, valid_until=date(2031, 12, 31))


def test_a_renewal_from_29_february_ends_on_the_28th_and_stays_there() -> None:
    once = renew(replace(VALID, valid_until=date(2028, 2, 29)), DECIDED)
    assert once.valid_until == date(2033, 2, 28)
    assert renew(once, DECIDED).valid_until == date(2038, 2, 28)


def test_a_renewal_lifts_no_suspension() -> None:
    assert renew(replace(VALID, suspended=True), DECIDED).suspended


def first(entry: Registration) -> Registration:
    return register_first(
        entry, DECIDED, certificate_number="20261100000001", institution_id=HOSPITAL, authority_id=AUTHORITY
    )


def again(entry: Registration, decided_on: date = DECIDED) -> Registration:
    return register_again(
        entry, decided_on, certificate_number="20261100000002", institution_id=CLINIC, authority_id=OTHER_AUTHORITY
    )


def military(entry: Registration, certificate_valid_until: date = date(2028, 5, 1)) -> Registration:
    return transfer_from_military(
        entry,
        DECIDED,
        certificate_number="军20231100000003",
        certificate_valid_until=certificate_valid_until,
        institution_id=HOSPITAL,
        authority_id=AUTHORITY,
    )


def moved(entry: Registration) -> Registration:
    return change(entry, DECIDED, institution_id=CLINIC, authority_id=OTHER_AUTHORITY)


def ended(entry: Registration) -> Registration:
    return deregister(entry, DECIDED, reason=DeregistrationReason.LICENCE_REVOKED, bar_until=date(2028, 11, 20))


def test_a_first_registration_lasts_five_years_from_the_decision() -> None:
    assert first(NEVER) == Registration(
        NURSE,
        RegistrationStatus.VALID,
        certificate_number="20261100000001",
        first_registered_on=DECIDED,
        valid_until=date(2031, 11, 20),
        institution_id=HOSPITAL,
        authority_id=AUTHORITY,
        last_kind=Kind.FIRST,
    )


def test_a_change_moves_institution_and_authority_and_keeps_the_expiry() -> None:
    assert moved(VALID) == replace(
        VALID, institution_id=CLINIC, authority_id=OTHER_AUTHORITY, last_kind=Kind.CHANGE, valid_until=EXPIRY
    )


def test_a_deregistered_nurse_has_no_institution_and_keeps_her_number() -> None:
    assert ended(replace(VALID, suspended=True)) == replace(
        VALID,
        status=RegistrationStatus.DEREGISTERED,
        institution_id=None,
        last_kind=Kind.DEREGISTRATION,
        bar_until=date(2028, 11, 20),
        deregistration_reason=DeregistrationReason.LICENCE_REVOKED,
    )


@pytest.mark.parametrize(
    ("entry", "decided_on"), [(DEREGISTERED, DECIDED), (VALID, EXPIRY + timedelta(days=1)), (ended(VALID), DECIDED)]
)
def test_a_re_registration_opens_a_new_span(entry: Registration, decided_on: date) -> None:
    assert again(entry, decided_on) == Registration(
        NURSE,
        RegistrationStatus.VALID,
        certificate_number="20261100000002",
        first_registered_on=date(2016, 12, 31),
        valid_until=decided_on.replace(year=decided_on.year + 5),
        institution_id=CLINIC,
        authority_id=OTHER_AUTHORITY,
        last_kind=Kind.REREGISTRATION,
    )


@pytest.mark.parametrize("decided_on", [DECIDED, EXPIRY])
def test_who_is_still_valid_is_not_registered_again(decided_on: date) -> None:
    with pytest.raises(WrongState):
        again(VALID, decided_on)


@pytest.mark.parametrize(
    ("certificate", "until"),
    [
        (date(2028, 5, 1), date(2028, 5, 1)),
        (DECIDED, DECIDED),
        (DECIDED - timedelta(days=1), date(2031, 11, 20)),  # past: a span of its own
    ],
)
def test_a_military_certificates_expiry_holds(certificate: date, until: date) -> None:
    entry = military(NEVER, certificate)
    assert (entry.valid_until, entry.last_kind, entry.status) == (until, Kind.MILITARY_TRANSFER, "VALID")
    assert (entry.certificate_number, entry.institution_id) == ("军20231100000003", HOSPITAL)


def test_a_re_issue_changes_nothing_of_a_registration_but_its_last_business() -> None:
    assert reissue(VALID, DECIDED) == replace(VALID, last_kind=Kind.REISSUE)


@pytest.mark.parametrize(
    ("effect", "allowed"),
    [
        (first, {"NEVER"}),
        (lambda entry: renew(entry, DECIDED), {"VALID"}),
        (moved, {"VALID"}),
        (ended, {"VALID"}),
        (again, {"DEREGISTERED"}),
        (military, {"NEVER"}),
        (lambda entry: reissue(entry, DECIDED), {"VALID"}),
    ],
)
def test_every_effect_from_every_status(effect: Callable[[Registration], Registration], allowed: set[str]) -> None:
    for entry in (NEVER, VALID, DEREGISTERED):
        if entry.status in allowed:
            effect(entry)
            continue
        with pytest.raises(WrongState) as error:
            effect(entry)
        assert error.value.state == entry.status


@pytest.mark.parametrize(
    ("before", "brought", "stays"),
    [
        (date(2027, 5, 1), None, date(2027, 5, 1)),
        (date(2027, 5, 1), date(2028, 11, 20), date(2028, 11, 20)),
        (date(2029, 1, 1), date(2028, 11, 20), date(2029, 1, 1)),
        (None, None, None),
    ],
)
def test_a_deregistration_shortens_no_bar(before: date | None, brought: date | None, stays: date | None) -> None:
    entry = replace(VALID, bar_until=before)
    assert deregister(entry, DECIDED, reason=DeregistrationReason.OTHER, bar_until=brought).bar_until == stays

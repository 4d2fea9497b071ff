"""What an undone decision leaves of the entry, and when it cannot be undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from rules.errors import NotAllowed
from rules.kinds import Kind
from rules.people import Actor, Party, Role
from rules.registration import DeregistrationReason, Registration, RegistrationStatus
from rules.void import Stage, stand_in, undo

APPLICATION, HOSPITAL, DISTRICT = UUID(int=1), UUID(int=2), UUID(int=3)
FIRST = Stage(None, Kind.FIRST, RegistrationStatus.VALID, "2011", date(2026, 11, 30), HOSPITAL, DISTRICT)
LEFT = replace(FIRST, kind=None, institution_id=None)
ENDED = Stage(
    APPLICATION, Kind.DEREGISTRATION, RegistrationStatus.DEREGISTERED, "2011", date(2026, 11, 30), None, DISTRICT
)
ENTRY = Registration(
    UUID(int=9),
    RegistrationStatus.DEREGISTERED,
    certificate_number="2011",
    valid_until=date(2026, 11, 30),
    authority_id=DISTRICT,
    last_kind=Kind.DEREGISTRATION,
    deregistration_reason=DeregistrationReason.OTHER,
)


def test_the_entry_is_as_the_row_before_says_and_of_the_last_business_before() -> None:
    back = replace(
        ENTRY, status=RegistrationStatus.VALID, last_kind=Kind.FIRST, deregistration_reason=None, institution_id=None
    )
    assert undo(ENTRY, Kind.DEREGISTRATION, APPLICATION, [ENDED, LEFT, FIRST], None) == back
    bar = date(2029, 1, 1)
    stands = replace(back, institution_id=HOSPITAL, bar_until=bar)
    assert undo(ENTRY, Kind.DEREGISTRATION, APPLICATION, [ENDED, FIRST], bar) == stands


@pytest.mark.parametrize(
    ("kind", "stages"),
    [
        (Kind.DEREGISTRATION, []),
        (Kind.DEREGISTRATION, [ENDED]),
        (Kind.DEREGISTRATION, [LEFT, ENDED, FIRST]),
        (Kind.DEREGISTRATION, [ENDED, replace(FIRST, status=RegistrationStatus.NEVER)]),
        (Kind.FIRST, [ENDED, FIRST]),
        (Kind.REREGISTRATION, [ENDED, FIRST]),
        (Kind.REISSUE, [ENDED, FIRST]),
    ],
)
def test_what_came_after_or_gave_something_new_takes_a_new_decision(kind: Kind, stages: list[Stage]) -> None:
    with pytest.raises(NotAllowed) as refusal:
        undo(ENTRY, kind, APPLICATION, stages, None)
    assert refusal.value.reason == "NEW_DECISION_NEEDED"


def test_only_who_is_above_stands_in_for_an_authority() -> None:
    admin = Actor(UUID(int=5), Party.AUTHORITY, UUID(int=6), frozenset({Role.PROVINCIAL_ADMIN}), path="/p/")
    assert stand_in(admin, DISTRICT, "/p/d/") == replace(admin, party_id=DISTRICT)
    for other, path in ((admin, "/q/d/"), (replace(admin, path=None), "/p/d/"), (replace(admin, party=None), "/p/d/")):
        assert stand_in(other, DISTRICT, path) == other


def test_a_bar_that_the_decision_did_not_bring_outlives_it() -> None:
    barred = replace(ENTRY, status=RegistrationStatus.VALID, deregistration_reason=None, bar_until=date(2027, 5, 1))
    renewed = replace(FIRST, application_id=APPLICATION, kind=Kind.RENEWAL, valid_until=date(2031, 11, 30))
    assert undo(barred, Kind.RENEWAL, APPLICATION, [renewed, FIRST], None).bar_until == date(2027, 5, 1)
    assert undo(replace(ENTRY, bar_until=date(2028, 1, 1)), Kind.DEREGISTRATION, APPLICATION, [ENDED, FIRST], None) == (
        undo(ENTRY, Kind.DEREGISTRATION, APPLICATION, [ENDED, FIRST], None)
    )

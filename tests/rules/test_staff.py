"""Who manages whom; where an institution and an account can go from where they stand; what a correction must be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from rules.errors import Invalid, NotAllowed, NotFound
from rules.identity import DocumentType
from rules.institution import (
    INSTITUTION_MOVES,
    InstitutionDocument,
    InstitutionState,
    InstitutionStep,
    next_institution_state,
    require_documents,
)
from rules.key_fact import KeyFacts, checked, require_may_decide
from rules.people import AccountState, Actor, Party, Role
from rules.staff import (
    STAFF_MOVES,
    Colleague,
    StaffStep,
    Workplace,
    check_roles,
    next_staff_state,
    require_manages,
    still_invited,
)

HOSPITAL, DISTRICT = uuid4(), uuid4()


def actor(party: Party, of: UUID, *roles: Role, path: str | None = None) -> Actor:
    """Somebody."""
    return Actor(uuid4(), party, of, frozenset(roles), path=path)


@pytest.mark.parametrize(("state", "step"), list(product(InstitutionState, InstitutionStep)))
def test_an_institution_goes_where_the_table_says_and_nowhere_else(
    state: InstitutionState, step: InstitutionStep
) -> None:
    if state in INSTITUTION_MOVES[step]:
        assert next_institution_state(state, step) is INSTITUTION_MOVES[step][state]
        return
    with pytest.raises(NotAllowed) as refusal:
        next_institution_state(state, step)
    assert refusal.value.reason == f"INSTITUTION_{state}"
    assert state.label in refusal.value.words.zh


def test_nothing_leads_out_of_closed() -> None:
    assert [step for step, moves in INSTITUTION_MOVES.items() if InstitutionState.CLOSED in moves] == []


@pytest.mark.parametrize("missing", sorted({*InstitutionDocument} - {InstitutionDocument.CLINIC_RECORD}))
@pytest.mark.feature("I1")
def test_all_three_documents_must_have_been_seen(missing: InstitutionDocument) -> None:
    with pytest.raises(Invalid) as refusal:
        require_documents(set(InstitutionDocument) - {missing, InstitutionDocument.CLINIC_RECORD})
    (problem,) = refusal.value.problems
    assert (problem.path, problem.code) == ("documentsSeen", "DOCUMENTS_MISSING")
    assert missing.label in problem.words.zh
    require_documents(set(InstitutionDocument))
    require_documents(set(InstitutionDocument) - {InstitutionDocument.CLINIC_RECORD})
    # A clinic on record has no licence.
    require_documents(set(InstitutionDocument) - {InstitutionDocument.LICENCE})


@pytest.mark.parametrize(("state", "step"), list(product(AccountState, StaffStep)))
def test_an_account_goes_where_the_table_says_and_nowhere_else(state: AccountState, step: StaffStep) -> None:
    colleague = Colleague(uuid4(), Workplace(Party.INSTITUTION, HOSPITAL), state, frozenset({Role.OPERATOR}))
    if state in STAFF_MOVES[step]:
        assert next_staff_state(colleague, step) is STAFF_MOVES[step][state]
        return
    with pytest.raises(NotAllowed) as refusal:
        next_staff_state(colleague, step)
    assert refusal.value.reason == f"ACCOUNT_{state}"


def test_who_never_signed_in_is_enabled_as_invited() -> None:
    place, roles = Workplace(Party.INSTITUTION, HOSPITAL), frozenset({Role.OPERATOR})
    colleague = Colleague(uuid4(), place, AccountState.DISABLED, roles, must_set_password=True)
    assert next_staff_state(colleague, StaffStep.ENABLE) is AccountState.INVITED


@pytest.mark.parametrize("role", Role)
def test_only_managers_manage_an_institution_and_only_supervisors_and_admins_an_authority(role: Role) -> None:
    for party, of, able in (
        (Party.INSTITUTION, HOSPITAL, {Role.MANAGER}),
        (Party.AUTHORITY, DISTRICT, {Role.SUPERVISOR, Role.PROVINCIAL_ADMIN}),
    ):
        place, one = Workplace(party, of, "/a/b/"), actor(party, of, role, path="/a/b/")
        if role in able:
            require_manages(one, place)
            continue
        with pytest.raises(NotAllowed):
            require_manages(one, place)


def test_a_provincial_admin_reaches_below_her_and_nowhere_else() -> None:
    admin = actor(Party.AUTHORITY, uuid4(), Role.PROVINCIAL_ADMIN, path="/a/")
    require_manages(admin, Workplace(Party.AUTHORITY, DISTRICT, "/a/b/"))
    for place in (Workplace(Party.AUTHORITY, DISTRICT, "/b/"), Workplace(Party.INSTITUTION, HOSPITAL)):
        with pytest.raises(NotFound):
            require_manages(admin, place)


def test_a_supervisor_makes_no_provincial_admin() -> None:
    place = Workplace(Party.AUTHORITY, DISTRICT, "/a/", "PROVINCE")
    chief = actor(Party.AUTHORITY, DISTRICT, Role.SUPERVISOR, path="/a/")
    assert check_roles(chief, place, [Role.REVIEWER, Role.DECIDER]) == {Role.REVIEWER, Role.DECIDER}
    with pytest.raises(NotAllowed):
        check_roles(chief, place, [Role.PROVINCIAL_ADMIN])
    for roles in ([], [Role.OPERATOR], [Role.ANALYST], [Role.SYSTEM]):
        with pytest.raises(Invalid):
            check_roles(chief, place, roles)


def test_an_invitation_ends_with_its_last_second() -> None:
    until = datetime(2026, 1, 8)
    assert [still_invited(until, until + timedelta(seconds=n)) for n in (-1, 0, 1)] == [True, True, False]
    assert not still_invited(None, until)


@pytest.mark.feature("A5")
def test_a_correction_says_something_and_is_proved() -> None:
    today, known_as = date(2026, 1, 1), DocumentType.RESIDENT_ID
    number = "110102199001010012"
    for facts, code in (
        (KeyFacts("户口簿"), "NOTHING_TO_CORRECT"),
        (KeyFacts(" ", name="王红"), "FIELD_REQUIRED"),
        (KeyFacts("户口簿", name="Wang"), "NAME_CHARACTERS"),
        (KeyFacts("户口簿", id_number=number[:17] + "0"), "ID_NUMBER_CHECK_DIGIT"),
    ):
        with pytest.raises(Invalid) as refusal:
            checked(facts, known_as, today)
        assert [problem.code for problem in refusal.value.problems] == [code]
    clean, document = checked(KeyFacts(" 户口簿 ", name=" 王红 "), known_as, today)
    assert (clean, document) == (KeyFacts("户口簿", "王红"), None)


@pytest.mark.feature("A5")
def test_nobody_decides_what_she_asked_for_or_about_herself() -> None:
    admin = actor(Party.AUTHORITY, DISTRICT, Role.PROVINCIAL_ADMIN)
    require_may_decide(admin, (DISTRICT, None), uuid4(), uuid4())
    for authority, asked_by, refusal in (
        (DISTRICT, admin.account_id, NotAllowed),
        (uuid4(), uuid4(), NotFound),
    ):
        with pytest.raises(refusal):
            require_may_decide(admin, (authority, None), uuid4(), asked_by)
    with pytest.raises(NotAllowed):
        require_may_decide(actor(Party.AUTHORITY, DISTRICT, Role.REVIEWER), (DISTRICT, None), uuid4(), uuid4())

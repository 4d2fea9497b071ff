"""Who vouches for a nurse, and what a code looks like."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from rules import activation as rules
from rules.account import Progress
from rules.activation import REFUSALS, Candidate
from rules.activation_code import ALPHABET, CODE_LENGTH, new_code, normalized
from rules.errors import Invalid, NotAllowed, NotFound
from rules.institution import InstitutionState
from rules.people import AccountState, Actor, Party, Role
from rules.verification import IdentityOutcome

NURSE, HOSPITAL, DISTRICT, OTHER = (UUID(int=n) for n in range(1, 5))
WAITING = Candidate(
    UUID(int=9),
    Progress(AccountState.INACTIVE, IdentityOutcome.REGISTERED, 0, True, True, True),
    nurse_id=NURSE,
    institution_id=HOSPITAL,
    institution_state=InstitutionState.ACTIVE,
    authority_id=DISTRICT,
)


def officer(party: Party, of: UUID, *roles: Role, nurse_id: UUID | None = None) -> Actor:
    return Actor(UUID(int=8), party, of, frozenset(roles), nurse_id=nurse_id)


def test_a_code_has_ten_characters_that_cannot_be_mistaken_for_each_other() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert {*"".join(codes)} == {*ALPHABET}
    assert not {*"ILOU"} & {*ALPHABET}
    assert len(ALPHABET) == 32


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0123456789", "0123456789"),
        (" ab1cd-efgh0 ", "AB1CDEFGH0"),
        ("oIlOabcdef", "0110ABCDEF"),
        ("ａｂ１２３４５６７８", "AB12345678"),
        ("护", "护"),
        ("x" * 500, "X" * 64),
    ],
)
def test_a_code_is_read_whatever_way_it_is_typed(typed: str, meant: str) -> None:
    assert normalized(typed) == meant


@pytest.mark.parametrize(("typed", "kept"), [(" 2011 1100 2233 ", "201111002233"), ("京１２ab", "京12AB")])
def test_a_certificate_number_is_kept_without_spaces(typed: str, kept: str) -> None:
    assert rules.certificate_number(typed, "certificateNumber") == kept


@pytest.mark.parametrize("typed", ["", "  ", "2" * 65, "20\x001"])
def test_what_cannot_be_a_certificate_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.certificate_number(typed, "certificateNumber")
    assert [(one.path, one.code) for one in refusal.value.problems] == [
        ("certificateNumber", "CERTIFICATE_NUMBER_FORMAT")
    ]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.MANAGER])
def test_the_current_institution_vouches(role: Role) -> None:
    rules.require_issuer(officer(Party.INSTITUTION, HOSPITAL, role), WAITING)


@pytest.mark.parametrize("state", [None, *(state for state in InstitutionState if state != InstitutionState.ACTIVE)])
def test_where_the_institution_is_missing_or_not_active_a_reviewer_of_the_registering_authority_vouches(
    state: InstitutionState | None,
) -> None:
    waiting = replace(WAITING, institution_id=HOSPITAL if state else None, institution_state=state)
    rules.require_issuer(officer(Party.AUTHORITY, DISTRICT, Role.REVIEWER), waiting)
    with pytest.raises(NotFound):
        rules.require_issuer(officer(Party.INSTITUTION, HOSPITAL, Role.MANAGER), waiting)


STRANGERS = [
    (officer(Party.INSTITUTION, OTHER, Role.MANAGER), NotFound),
    (officer(Party.AUTHORITY, DISTRICT, Role.REVIEWER), NotFound),
    (officer(Party.INSTITUTION, HOSPITAL, Role.VIEWER), NotAllowed),
    (officer(Party.AUTHORITY, DISTRICT, Role.DECIDER), NotAllowed),
    (officer(Party.NURSE, NURSE, Role.NURSE), NotAllowed),
    (officer(Party.HELP_DESK, HOSPITAL, Role.HELP_DESK), NotAllowed),
]


@pytest.mark.parametrize(("actor", "refusal"), STRANGERS)
def test_nobody_else_vouches(actor: Actor, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.require_issuer(actor, WAITING)


def test_nobody_vouches_for_herself() -> None:
    with pytest.raises(NotAllowed) as refusal:
        rules.require_issuer(officer(Party.INSTITUTION, HOSPITAL, Role.MANAGER, nurse_id=NURSE), WAITING)
    assert refusal.value.reason == "ABOUT_YOURSELF"


def test_an_account_that_is_revoked_is_nobodys() -> None:
    revoked = replace(WAITING, progress=replace(WAITING.progress, state=AccountState.REVOKED))
    with pytest.raises(NotFound):
        rules.require_issuer(officer(Party.INSTITUTION, HOSPITAL, Role.MANAGER), revoked)


@pytest.mark.parametrize("tries", range(5))
def test_five_certificate_numbers_may_be_tried(tries: int) -> None:
    rules.require_tries_left(replace(WAITING, certificate_tries=tries))


def test_a_sixth_certificate_number_is_refused() -> None:
    with pytest.raises(NotAllowed) as refusal:
        rules.require_tries_left(replace(WAITING, certificate_tries=5))
    assert refusal.value.reason == "CERTIFICATE_TRIES_SPENT"


def test_every_refusal_has_words_in_both_languages() -> None:
    assert all(words.zh and words.en for words in REFUSALS.values())


@pytest.mark.parametrize("text", ["", "  ", "字" * 201])
def test_a_revocation_needs_a_reason(text: str) -> None:
    with pytest.raises(Invalid):
        rules.require_reason(text)
    assert rules.require_reason(" 离职 ") == "离职"

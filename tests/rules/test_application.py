"""Every role, step, state and kind: what the table allows, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from rules.application import MOVES, OPEN, PENDING, Application, State, Step, next_state, start_state, steps_open_to
from rules.errors import NotAllowed, NotFound, RegistryError, WrongState
from rules.kinds import Kind
from rules.moves import collides
from rules.people import PARTY_OF, SYSTEM, Actor, Party, Role
from tests.support.regulation import (
    ALLOWED,
    AUTHORITY,
    CLAIMED,
    DIAGRAM,
    HOSPITAL,
    ME,
    NOW,
    NURSE,
    PEOPLE,
    REGULATION,
    STRANGER,
    actor_as,
    application_in,
    ever_takes,
    refused,
    ripe,
    target_of,
)
from tests.support.step_table import PAGE, page


def codes(actor: Actor, application: Application, step: Step) -> str:
    """The reason for which a step is not allowed."""
    refusal = refused(actor, application, step)
    assert type(refusal) is NotAllowed
    return refusal.reason


def test_the_table_says_line_by_line_what_the_regulation_says() -> None:
    rows = [(move.role, move.step, move.source, move.target, kind) for move in MOVES for kind in move.kinds]
    assert set(rows) == REGULATION
    assert len(rows) == len(REGULATION)


def test_no_step_leads_a_role_to_two_places() -> None:
    assert len(ALLOWED) == len(REGULATION - CLAIMED)


@pytest.mark.parametrize(("role", "step", "kind"), [(role, step, kind) for role, step, *_, kind in sorted(CLAIMED)])
def test_what_is_declined_or_refused_after_a_claim_waits_for_another(role: Role, step: Step, kind: Kind) -> None:
    claimed = application_in(State.INSTITUTION_REVIEW, kind, claimed=True)
    assert next_state(actor_as(role), claimed, step, NOW) is State.INSTITUTION_REVIEW


def test_every_step_stands_in_the_table() -> None:
    assert {move.step for move in MOVES} == set(Step)


def test_open_and_pending_follow_the_diagram() -> None:
    assert frozenset(DIAGRAM) - {State.DRAFT} == OPEN
    assert set().union(*PENDING.values()) <= OPEN
    assert not {move.source for move in MOVES if move.step is not Step.VOID} & (set(State) - set(DIAGRAM))


@pytest.mark.parametrize("role", Role)
def test_her_own_application(role: Role) -> None:
    """Exactly the moves of the table; elsewhere WrongState where the role ever takes the step so, else NotAllowed."""
    actor = SYSTEM if role is Role.SYSTEM else actor_as(role)
    for step, state, kind in product(Step, State, Kind):
        application = ripe(step, state, kind, actor)
        target = target_of(role, step, state, kind)
        if target is not None:
            assert next_state(actor, application, step, NOW, 7) is target
            continue
        refusal = refused(actor, application, step, 7)
        assert type(refusal) is expected_refusal(role, step, application), (role, step, state, kind)
        if isinstance(refusal, WrongState):
            assert (refusal.state, refusal.open_steps) == (state, tuple(steps_open_to(actor, application, NOW)))


def expected_refusal(role: Role, step: Step, application: Application) -> type[RegistryError]:
    """How somebody of the application's parties is refused a step that the table does not allow her here."""
    party = PARTY_OF[role]
    # Without an institution it lies with none; what waits for a claim shows to the one that claims.
    claims = step is Step.CLAIM_BY_ID_NUMBER and application.state is State.INSTITUTION_REVIEW
    apart = application.institution_id is None and party is Party.INSTITUTION and not claims
    unfiled = application.state is State.DRAFT and party in {Party.INSTITUTION, Party.AUTHORITY}
    if role in {Role.HELP_DESK, Role.ANALYST} or apart or unfiled:
        return NotFound
    return WrongState if ever_takes(role, step, application.kind) else NotAllowed


@pytest.mark.parametrize("role", PEOPLE)
def test_to_strangers_there_is_no_such_application(role: Role) -> None:
    stranger = actor_as(role, party_id=STRANGER, nurse_id=STRANGER)
    for step, state, kind in product(Step, State, Kind):
        application = application_in(state, kind)
        if step is Step.CLAIM_BY_ID_NUMBER and PARTY_OF[role] is Party.INSTITUTION:
            continue
        assert type(refused(stranger, application, step, 7)) is NotFound
    assert all(steps_open_to(stranger, application_in(*one), NOW) == [] for one in product(State, Kind))


@pytest.mark.parametrize(("role", "state"), list(product((Role.OPERATOR, Role.MANAGER, Role.VIEWER), State)))
def test_another_institution_finds_only_what_waits_for_a_claim(role: Role, state: State) -> None:
    claiming, stranger = Step.CLAIM_BY_ID_NUMBER, actor_as(role, party_id=STRANGER)
    unaddressed, addressed = (application_in(state, Kind.CHANGE, institution_id=at) for at in (None, HOSPITAL))
    if state is not State.INSTITUTION_REVIEW:
        assert type(refused(stranger, unaddressed, claiming)) is NotFound
        assert type(refused(stranger, addressed, claiming)) is NotFound
    elif role is Role.VIEWER:
        assert codes(stranger, unaddressed, claiming) == "NOT_ALLOWED"
    else:
        assert next_state(stranger, unaddressed, claiming, NOW) is State.INSTITUTION_REVIEW
        assert steps_open_to(stranger, unaddressed, NOW) == [claiming]
        assert codes(stranger, addressed, claiming) == "ALREADY_CLAIMED"


@pytest.mark.parametrize("role", [role for role in PEOPLE if role is not Role.NURSE])
def test_before_it_is_filed_there_is_nothing_for_anybody_but_the_nurse(role: Role) -> None:
    """Neither a draft nor a draft taken back."""
    for step, state, kind in product(Step, (State.DRAFT, State.WITHDRAWN), Kind):
        never_filed = replace(ripe(step, state, kind, actor_as(role)), revision=0)
        assert type(refused(actor_as(role), never_filed, step)) is NotFound


@pytest.mark.parametrize("role", [role for role in PEOPLE if role is not Role.NURSE])
def test_nobody_acts_on_an_application_about_herself(role: Role) -> None:
    herself = actor_as(role, nurse_id=NURSE)
    for step, state, kind in product(Step, set(State) - {State.DRAFT}, Kind):
        application = replace(ripe(step, state, kind, herself), institution_id=HOSPITAL)
        assert codes(herself, application, step) == (
            "ABOUT_YOURSELF" if ever_takes(role, step, *Kind) else "NOT_ALLOWED"
        )
    assert all(steps_open_to(herself, application_in(*one), NOW) == [] for one in product(State, Kind))


@pytest.mark.parametrize("role", PEOPLE)
def test_who_is_not_active_takes_no_step(role: Role) -> None:
    inactive = actor_as(role, active=False)
    for step, state, kind in product(Step, set(State) - {State.DRAFT}, Kind):
        application = replace(ripe(step, state, kind, inactive), institution_id=HOSPITAL)
        assert codes(inactive, application, step) == (
            "ACCOUNT_INACTIVE" if ever_takes(role, step, *Kind) else "NOT_ALLOWED"
        )
    assert all(steps_open_to(inactive, application_in(*one), NOW) == [] for one in product(State, Kind))


def test_a_nurse_whose_account_is_not_active_yet_speaks_for_nobody() -> None:
    without = actor_as(Role.NURSE, active=False, party_id=None)
    assert type(refused(without, application_in(State.DRAFT), Step.SUBMIT)) is NotFound


@pytest.mark.parametrize("party", [Party.NURSE, Party.INSTITUTION, Party.AUTHORITY, Party.ANALYST])
def test_a_role_of_another_party_or_of_the_clock_gives_no_right(party: Party) -> None:
    """Should an account ever hold such a role, it opens no step."""
    ids = {Party.NURSE: NURSE, Party.INSTITUTION: HOSPITAL, Party.AUTHORITY: AUTHORITY}
    foreign = frozenset(role for role in Role if PARTY_OF[role] is not party)
    actor = Actor(ME, party, ids.get(party), foreign)
    assert all(steps_open_to(actor, application_in(*one), NOW) == [] for one in product(State, Kind))


def test_an_officer_with_several_roles_has_the_steps_of_each() -> None:
    both = actor_as(Role.REVIEWER, roles=frozenset({Role.REVIEWER, Role.DECIDER}))
    expected = [Step.TAKE, Step.HOLD, Step.RECOMMEND, Step.APPROVE, Step.REJECT]
    assert steps_open_to(both, application_in(State.ACCEPTED), NOW) == expected


def test_a_wrong_state_names_the_steps_that_are_open() -> None:
    refusal = refused(actor_as(Role.NURSE), application_in(State.RETURNED), Step.SUBMIT, 7)
    assert isinstance(refusal, WrongState)
    assert (refusal.state, refusal.open_steps) == (State.RETURNED, (Step.RESUBMIT, Step.WITHDRAW))


@pytest.mark.parametrize("role", Role)
def test_where_an_application_begins(role: Role) -> None:
    for step, kind in product(Step, Kind):
        actor, target = actor_as(role), target_of(role, step, None, kind)
        if target is not None:
            assert start_state(actor, step, kind) is target
            refused_actors = [replace(actor, active=False), replace(actor, party=Party.ANALYST)]
        else:
            refused_actors = [actor]
        for other in refused_actors:
            with pytest.raises(NotAllowed):
                start_state(other, step, kind)


@pytest.mark.parametrize(("kind", "other"), list(product(Kind, Kind)))
def test_only_a_change_and_a_renewal_stand_together(kind: Kind, other: Kind) -> None:
    assert collides(kind, {other}) == ({kind, other} != {Kind.CHANGE, Kind.RENEWAL})
    assert not collides(kind, set())
    assert collides(kind, {Kind.CHANGE, Kind.RENEWAL})


@pytest.mark.parametrize("party", [*Party, None])
def test_whose_application_it_is_from_each_end(party: Party | None) -> None:
    ends = {Party.NURSE: NURSE, Party.INSTITUTION: HOSPITAL, Party.AUTHORITY: AUTHORITY}
    assert application_in(State.ACCEPTED).party(party) == (ends.get(party) if party else None)


def test_the_page_of_steps_is_as_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.support.step_table"

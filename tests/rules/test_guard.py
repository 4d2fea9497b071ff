"""What forbids a step that the table allows: a lease, or a rule about the application; the buttons know both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from rules.application import Application, State, Step, next_state, steps_open_to
from rules.competence import Places
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, NotFound, RegistryError
from rules.guard import REFUSALS
from rules.kinds import Kind
from rules.people import SYSTEM, Actor, Party, Role
from tests.support.regulation import (
    ALLOWED,
    COLLEAGUE,
    HOSPITAL,
    ME,
    NOW,
    PEOPLE,
    STRANGER,
    actor_as,
    application_in,
    refused,
    ripe,
    target_of,
)

HALF_AN_HOUR = timedelta(minutes=30)


VARIANTS: list[dict[str, Any]] = [
    {},
    {"institution_id": None},
    {"filed_by": Party.AUTHORITY},
    {"filed_by": Party.INSTITUTION},
    {"filed_by": Party.INSTITUTION, "objected": True},
    {"on_hold": True, "extended": True},
    {"corrections": 1},
    {"two_persons": True},
    {"two_persons": True, "recommender_id": COLLEAGUE},
    {"two_persons": True, "recommender_id": ME},
    {"holder_id": ME, "held_until": NOW + HALF_AN_HOUR},
    {"holder_id": COLLEAGUE, "held_until": NOW + HALF_AN_HOUR},
    {"holder_id": COLLEAGUE, "held_until": NOW},
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_buttons_are_the_steps_that_are_allowed(role: Role, variant: dict[str, Any]) -> None:
    actor = SYSTEM if role is Role.SYSTEM else actor_as(role)
    for state, kind in product(State, (Kind.RENEWAL, Kind.CHANGE, Kind.DEREGISTRATION)):
        application = application_in(state, kind, **variant)
        assert steps_open_to(actor, application, NOW) == list(_allowed(actor, application))


def _allowed(actor: Actor, application: Application) -> Iterator[Step]:
    for step in Step:
        try:
            next_state(actor, application, step, NOW)
        except RegistryError:
            continue
        yield step


ELSEWHERE: dict[str, Any] = {"places": Places("/中国/上海/", "/中国/北京/", "/中国/天津/")}
GUARDED: list[tuple[Role, Step, State, Kind, dict[str, Any], str]] = [
    (Role.OPERATOR, Step.CLAIM_BY_ID_NUMBER, State.INSTITUTION_REVIEW, Kind.CHANGE, {}, "CLAIMED_BY_YOU"),
    (Role.NURSE, Step.REJECT_CLAIM, State.INSTITUTION_REVIEW, Kind.FIRST, {"institution_id": None}, "NOT_CLAIMED"),
    (Role.SYSTEM, Step.LAPSE, State.INSTITUTION_REVIEW, Kind.CHANGE, {}, "ALREADY_CLAIMED"),
    (Role.NURSE, Step.ESCALATE, State.INSTITUTION_REVIEW, Kind.CHANGE, {"institution_id": None}, "NOT_CLAIMED"),
    (Role.NURSE, Step.ESCALATE, State.INSTITUTION_REVIEW, Kind.RENEWAL, {"queued_at": NOW}, "INSTITUTION_HAS_TIME"),
    (Role.OPERATOR, Step.PUT_BACK, State.INSTITUTION_REVIEW, Kind.RENEWAL, {}, "NOT_HELD"),
    (
        Role.REVIEWER,
        Step.REQUIRE_CORRECTION,
        State.AUTHORITY_INTAKE,
        Kind.RENEWAL,
        {"corrections": 1},
        "CORRECTION_ONCE",
    ),
    (Role.REVIEWER, Step.SUPPLEMENT, State.CORRECTION_REQUIRED, Kind.RENEWAL, {}, "NOT_YOUR_FILING"),
    (Role.REVIEWER, Step.HOLD, State.ACCEPTED, Kind.RENEWAL, {"on_hold": True}, "ON_HOLD"),
    (Role.REVIEWER, Step.RESUME, State.ACCEPTED, Kind.RENEWAL, {}, "NOT_ON_HOLD"),
    (Role.SUPERVISOR, Step.EXTEND, State.ACCEPTED, Kind.RENEWAL, {"extended": True}, "EXTENDED_ONCE"),
    (Role.NURSE, Step.OBJECT, State.ACCEPTED, Kind.DEREGISTRATION, {}, "NOT_OPEN_TO_OBJECTION"),
    (
        *(Role.NURSE, Step.OBJECT, State.ACCEPTED, Kind.DEREGISTRATION),
        *({"filed_by": Party.INSTITUTION, "objected": True}, "OBJECTED_ALREADY"),
    ),
    (Role.REVIEWER, Step.ANSWER_OBJECTION, State.ACCEPTED, Kind.DEREGISTRATION, {}, "NOTHING_OBJECTED"),
    (Role.OPERATOR, Step.WITHDRAW, State.ACCEPTED, Kind.DEREGISTRATION, {}, "NOT_YOUR_FILING"),
    (
        Role.NURSE,
        Step.WITHDRAW,
        State.ACCEPTED,
        Kind.DEREGISTRATION,
        {"filed_by": Party.INSTITUTION},
        "NOT_YOUR_FILING",
    ),
    (Role.DECIDER, Step.REJECT, State.ACCEPTED, Kind.RENEWAL, {"on_hold": True}, "ON_HOLD"),
    (
        *(Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.RENEWAL),
        *({"blocked_by_id": STRANGER}, "BLOCKED_BY_DEREGISTRATION"),
    ),
    (
        *(Role.SYSTEM, Step.DEEM, State.ACCEPTED, Kind.RENEWAL),
        *({"blocked_by_id": STRANGER}, "BLOCKED_BY_DEREGISTRATION"),
    ),
    (Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.RENEWAL, {"on_hold": True}, "ON_HOLD"),
    (Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.DEREGISTRATION, {"objected": True}, "OBJECTION_UNANSWERED"),
    (Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.RENEWAL, {"two_persons": True}, "RECOMMENDATION_MISSING"),
    (
        *(Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.RENEWAL),
        *({"two_persons": True, "recommender_id": ME}, "TWO_PERSONS_REQUIRED"),
    ),
    (Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.CHANGE, {"institution_id": None}, "NO_INSTITUTION"),
    (Role.REVIEWER, Step.REQUIRE_CORRECTION, State.AUTHORITY_INTAKE, Kind.RENEWAL, ELSEWHERE, "NOT_COMPETENT"),
    (Role.REVIEWER, Step.ACCEPT, State.AUTHORITY_INTAKE, Kind.RENEWAL, ELSEWHERE, "NOT_COMPETENT"),
    (Role.REVIEWER, Step.RECOMMEND, State.ACCEPTED, Kind.RENEWAL, ELSEWHERE, "NOT_COMPETENT"),
    (Role.DECIDER, Step.APPROVE, State.ACCEPTED, Kind.RENEWAL, ELSEWHERE, "NOT_COMPETENT"),
]


@pytest.mark.parametrize(("role", "step", "state", "kind", "changes", "code"), GUARDED)
def test_a_rule_forbids_a_step_that_the_table_allows(
    role: Role, step: Step, state: State, kind: Kind, changes: dict[str, Any], code: str
) -> None:
    actor = SYSTEM if role is Role.SYSTEM else actor_as(role)
    application = application_in(state, kind, **changes)
    refusal = refused(actor, application, step, 7)
    assert (type(refusal), vars(refusal)["reason"], refusal.words) == (NotAllowed, code, REFUSALS[code])
    assert step not in steps_open_to(actor, application, NOW)
    assert next_state(actor, ripe(step, state, kind, actor), step, NOW, 7) is ALLOWED[role, step, state, kind]


def test_every_refusal_of_the_guards_is_shown_here() -> None:
    assert {code for *_, code in GUARDED} == set(REFUSALS)


@pytest.mark.parametrize("state", [State.INSTITUTION_REVIEW, State.ACCEPTED, State.APPROVED])
def test_an_institution_that_would_withdraw_a_nurses_own_filing_is_told_whose_it_is(state: State) -> None:
    refusal = refused(actor_as(Role.OPERATOR), application_in(state), Step.WITHDRAW, 7)
    assert isinstance(refusal, NotAllowed)
    assert (refusal.reason, refusal.words) == ("NOT_YOUR_FILING", REFUSALS["NOT_YOUR_FILING"])


@pytest.mark.feature("I16")
@pytest.mark.parametrize("role", [Role.NURSE, Role.OPERATOR])
def test_what_was_filed_for_a_group_both_the_nurse_and_her_institution_may_withdraw(role: Role) -> None:
    filed = application_in(State.ACCEPTED, Kind.RENEWAL, filed_by=Party.INSTITUTION)
    assert next_state(actor_as(role), filed, Step.WITHDRAW, NOW) is State.WITHDRAWN


def test_another_officer_approves_what_a_colleague_recommended() -> None:
    recommended = application_in(State.ACCEPTED, two_persons=True, recommender_id=COLLEAGUE)
    assert next_state(actor_as(Role.DECIDER), recommended, Step.APPROVE, NOW) is State.APPROVED


def test_where_one_person_is_enough_the_recommender_approves() -> None:
    recommended = application_in(State.ACCEPTED, recommender_id=ME)
    assert next_state(actor_as(Role.DECIDER), recommended, Step.APPROVE, NOW) is State.APPROVED


BLOCKED = {
    State.INSTITUTION_REVIEW: {Step.TAKE, Step.RETURN, Step.FORWARD, Step.DECLINE},
    State.AUTHORITY_INTAKE: {Step.TAKE, Step.REQUIRE_CORRECTION, Step.ACCEPT, Step.REFUSE_INTAKE, Step.TRANSFER},
    State.ACCEPTED: {Step.TAKE, Step.HOLD, Step.RECOMMEND, Step.APPROVE, Step.REJECT},
}


@pytest.mark.parametrize("state", BLOCKED)
def test_a_colleagues_lease_blocks_exactly_the_reviewers_steps_until_it_ends(state: State) -> None:
    held_until = NOW + timedelta(microseconds=1)
    leased = application_in(state, holder_id=COLLEAGUE, held_until=held_until, holder_name="李同事")
    everyone = [actor_as(role) for role in PEOPLE]
    free = {step for actor in everyone for step in steps_open_to(actor, replace(leased, held_until=NOW), NOW)}
    blocked = free - {step for actor in everyone for step in steps_open_to(actor, leased, NOW)}
    assert blocked == BLOCKED[state]
    for actor, step in product(everyone, blocked):
        if target_of(next(iter(actor.roles)), step, state, Kind.RENEWAL):
            refusal = refused(actor, leased, step, 7)
            assert isinstance(refusal, Conflict)
            assert refusal.situation is Situation.HELD_BY_ANOTHER
            assert (refusal.current_version, refusal.by, refusal.at) == (7, "李同事", held_until)


def test_who_lost_it_to_a_colleague_is_told_to_whom_when_she_puts_it_back() -> None:
    leased = application_in(State.ACCEPTED, holder_id=COLLEAGUE, held_until=NOW + HALF_AN_HOUR, holder_name="李同事")
    refusal = refused(actor_as(Role.REVIEWER), leased, Step.PUT_BACK, 7)
    assert isinstance(refusal, Conflict)
    assert refusal.by == "李同事"


def test_a_colleagues_lease_does_not_stop_the_supervisor_or_an_end_by_others() -> None:
    leased = application_in(State.ACCEPTED, holder_id=COLLEAGUE, held_until=NOW + HALF_AN_HOUR)
    assert set(steps_open_to(actor_as(Role.SUPERVISOR), leased, NOW)) == {Step.REASSIGN, Step.EXTEND}
    assert steps_open_to(actor_as(Role.NURSE), leased, NOW) == [Step.WITHDRAW]


TEN_DAYS = timedelta(days=10)


@pytest.mark.parametrize(
    ("waited", "institution_id", "open_to"),
    [
        (TEN_DAYS - timedelta(microseconds=1), HOSPITAL, False),
        (TEN_DAYS, HOSPITAL, True),
        (timedelta(), None, True),
    ],
)
def test_the_button_for_going_on_without_the_institution_appears_after_ten_days(
    waited: timedelta, institution_id: UUID | None, open_to: bool
) -> None:
    """Ten working days are never fewer; where she is at no institution there is nobody to wait for."""
    more = {"queued_at": NOW - waited, "institution_id": institution_id}
    application = application_in(State.INSTITUTION_REVIEW, **more)
    assert (Step.ESCALATE in steps_open_to(actor_as(Role.NURSE), application, NOW)) is open_to
    assert Step.ESCALATE in steps_open_to(SYSTEM, application, NOW)


def test_ones_own_lease_blocks_nothing_and_opens_putting_back() -> None:
    mine = application_in(State.INSTITUTION_REVIEW, holder_id=ME, held_until=NOW + HALF_AN_HOUR)
    free = steps_open_to(actor_as(Role.OPERATOR), application_in(State.INSTITUTION_REVIEW), NOW)
    assert set(steps_open_to(actor_as(Role.OPERATOR), mine, NOW)) == {*free, Step.PUT_BACK}


@pytest.mark.parametrize("expected", [6, 8])
@pytest.mark.parametrize("state", [State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE])
def test_another_version_is_told_before_a_wrong_state(expected: int, state: State) -> None:
    moved = application_in(state, moved_at=NOW, moved_by_party_id=HOSPITAL, moved_by_name="李同事")
    refusal = refused(actor_as(Role.OPERATOR), moved, Step.FORWARD, expected)
    assert isinstance(refusal, Conflict)
    assert refusal.situation is Situation.VERSION_STALE
    assert (refusal.current_version, refusal.by, refusal.at) == (7, "李同事", NOW)


def test_who_moved_it_last_is_named_to_colleagues_only() -> None:
    moved = application_in(State.INSTITUTION_REVIEW, moved_by_party_id=HOSPITAL, moved_by_name="李同事")
    refusal = refused(actor_as(Role.NURSE), moved, Step.WITHDRAW, 6)
    assert isinstance(refusal, Conflict)
    assert refusal.by is None


def test_who_may_not_take_a_step_learns_no_version() -> None:
    application = application_in(State.INSTITUTION_REVIEW)
    assert type(refused(actor_as(Role.VIEWER), application, Step.FORWARD, 6)) is NotAllowed
    assert type(refused(actor_as(Role.OPERATOR, party_id=STRANGER), application, Step.FORWARD, 6)) is NotFound

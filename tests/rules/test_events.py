"""What a step tells, to whom, and what it does to the desks."""

from __future__ import annotations

import pytest

from rules.application import State, Step
from rules.events import EVENT_OF, EVENTS, About, QueueChange, queue_change
from rules.people import Party
from tests.support.regulation import lines

N, I, A = Party.NURSE, Party.INSTITUTION, Party.AUTHORITY  # noqa: E741
ADDED, CHANGED, TAKEN = QueueChange.ADDED, QueueChange.CHANGED, QueueChange.TAKEN
PUT_BACK, REMOVED = QueueChange.PUT_BACK, QueueChange.REMOVED
REVIEW, INTAKE, CORRECTION = State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.CORRECTION_REQUIRED

EXPECTED = {
    Step.SUBMIT: ("application.submitted", "ApplicationSubmitted", {N, I, A}),
    Step.RESUBMIT: ("application.resubmitted", "ApplicationResubmitted", {N, I, A}),
    Step.RETURN: ("application.returned", "ApplicationReturned", {N, I, A}),
    Step.FORWARD: ("application.forwarded", "ApplicationForwarded", {N, I, A}),
    Step.DECLINE: ("application.declined", "ApplicationDeclined", {N, I, A}),
    Step.REQUIRE_CORRECTION: ("application.correction_required", "ApplicationCorrectionRequired", {N, I, A}),
    Step.SUPPLEMENT: ("application.supplemented", "ApplicationSupplemented", {N, I, A}),
    Step.ACCEPT: ("application.accepted", "ApplicationAccepted", {N, I, A}),
    Step.REFUSE_INTAKE: ("application.not_accepted", "ApplicationNotAccepted", {N, I, A}),
    Step.RECOMMEND: ("application.recommended", "ApplicationRecommended", {A}),
    Step.APPROVE: ("application.decided", "ApplicationDecided", {N, I, A}),
    Step.REJECT: ("application.decided", "ApplicationDecided", {N, I, A}),
    Step.WITHDRAW: ("application.withdrawn", "ApplicationWithdrawn", {N, I, A}),
    Step.TAKE: ("application.taken", "ApplicationTaken", {I, A}),
    Step.PUT_BACK: ("application.put_back", "ApplicationPutBack", {I, A}),
    Step.REASSIGN: ("application.taken", "ApplicationTaken", {I, A}),
    Step.FILE_DEREGISTRATION: ("application.submitted", "ApplicationSubmitted", {N, I, A}),
    Step.FILE_AT_COUNTER: ("application.submitted", "ApplicationSubmitted", {N, I, A}),
    Step.FILE_COLLECTIVELY: ("application.submitted", "ApplicationSubmitted", {N, I, A}),
    Step.CLAIM_BY_ID_NUMBER: ("application.claimed", "ApplicationClaimed", {N, I, A}),
    Step.REJECT_CLAIM: ("application.claim_rejected", "ApplicationClaimRejected", {N, I, A}),
    Step.ESCALATE: ("application.escalated", "ApplicationEscalated", {N, I, A}),
    Step.TRANSFER: ("application.transferred", "ApplicationTransferred", {N, I, A}),
    Step.PASS_UP: ("application.transferred", "ApplicationTransferred", {N, I, A}),
    Step.HOLD: ("application.held", "ApplicationHeld", {N, I, A}),
    Step.RESUME: ("application.resumed", "ApplicationResumed", {N, I, A}),
    Step.EXTEND: ("application.extended", "ApplicationExtended", {N, I, A}),
    Step.OBJECT: ("application.objected", "ApplicationObjected", {N, I, A}),
    Step.ANSWER_OBJECTION: ("application.objection_answered", "ApplicationObjectionAnswered", {N, I, A}),
    Step.DEEM: ("application.deemed", "ApplicationDeemed", {N, I, A}),
    Step.LAPSE: ("application.lapsed", "ApplicationLapsed", {N, I, A}),
    Step.VOID: ("application.voided", "ApplicationVoided", {N, I, A}),
    Step.END_REGISTRATION: ("application.voided", "ApplicationVoided", {N, I, A}),
    Step.BLOCK: ("application.blocked", "ApplicationBlocked", {N, I, A}),
    Step.UNBLOCK: ("application.unblocked", "ApplicationUnblocked", {N, I, A}),
}
SILENT = {Step.CREATE_DRAFT, Step.SAVE_DRAFT}
"""A draft is nobody's business but the nurse's."""


def test_every_step_tells_its_event_to_its_audience() -> None:
    events = {step: (name, EVENTS[name].name, set(EVENTS[name].audience)) for step, name in EVENT_OF.items()}
    assert events == EXPECTED
    assert set(Step) - set(events) == SILENT


def test_every_event_is_told_by_a_step_and_described_with_its_chinese_term() -> None:
    of_no_move = {
        "deadline.warning",
        "deadline.breached",
        "deadline.recounted",
        "application.delivered",
        "application.delivery_withdrawn",
    }
    of_no_move |= {"application.pre_reviewed"}
    about_applications = {kind.type for kind in EVENTS.values() if kind.about is About.APPLICATION}
    assert about_applications - of_no_move == set(EVENT_OF.values())
    for kind in EVENTS.values():
        assert kind.description.endswith(").")
        assert any("一" <= character <= "鿿" for character in kind.description)


DESKS: list[tuple[Party, Step, State | None, State, QueueChange | None]] = [
    (I, Step.SUBMIT, State.DRAFT, REVIEW, ADDED),
    (I, Step.RESUBMIT, State.RETURNED, REVIEW, ADDED),
    (I, Step.TAKE, REVIEW, REVIEW, TAKEN),
    (I, Step.PUT_BACK, REVIEW, REVIEW, PUT_BACK),
    (I, Step.REASSIGN, REVIEW, REVIEW, TAKEN),
    (I, Step.CLAIM_BY_ID_NUMBER, None, REVIEW, ADDED),
    (I, Step.RETURN, REVIEW, State.RETURNED, REMOVED),
    (I, Step.FORWARD, REVIEW, INTAKE, REMOVED),
    (I, Step.DECLINE, REVIEW, State.INSTITUTION_REJECTED, REMOVED),
    (I, Step.ESCALATE, REVIEW, INTAKE, REMOVED),
    (I, Step.WITHDRAW, REVIEW, State.WITHDRAWN, REMOVED),
    (I, Step.WITHDRAW, State.RETURNED, State.WITHDRAWN, None),
    (I, Step.ACCEPT, INTAKE, State.ACCEPTED, None),
    (I, Step.APPROVE, State.ACCEPTED, State.APPROVED, None),
    (A, Step.SUBMIT, State.DRAFT, REVIEW, None),
    (A, Step.SUBMIT, State.DRAFT, INTAKE, ADDED),
    (A, Step.FORWARD, None, INTAKE, ADDED),
    (A, Step.TAKE, INTAKE, INTAKE, TAKEN),
    (A, Step.PUT_BACK, State.ACCEPTED, State.ACCEPTED, PUT_BACK),
    (A, Step.REQUIRE_CORRECTION, INTAKE, CORRECTION, REMOVED),
    (A, Step.SUPPLEMENT, CORRECTION, State.ACCEPTED, ADDED),
    (A, Step.ACCEPT, INTAKE, State.ACCEPTED, CHANGED),
    (A, Step.REFUSE_INTAKE, INTAKE, State.NOT_ACCEPTED, REMOVED),
    (A, Step.PASS_UP, None, State.ACCEPTED, ADDED),
    (A, Step.RECOMMEND, State.ACCEPTED, State.ACCEPTED, CHANGED),
    (A, Step.APPROVE, State.ACCEPTED, State.APPROVED, REMOVED),
    (A, Step.REJECT, State.ACCEPTED, State.REJECTED, REMOVED),
    (A, Step.WITHDRAW, State.ACCEPTED, State.WITHDRAWN, REMOVED),
    (A, Step.WITHDRAW, CORRECTION, State.WITHDRAWN, None),
    (A, Step.DEEM, INTAKE, State.APPROVED, REMOVED),
    (A, Step.VOID, State.APPROVED, State.VOIDED, None),
]


@pytest.mark.parametrize(("party", "step", "source", "target", "change"), DESKS)
def test_what_a_step_does_to_a_desk(
    party: Party, step: Step, source: State | None, target: State, change: QueueChange | None
) -> None:
    assert queue_change(party, step, source, target) is change


def test_only_institutions_and_authorities_have_desks() -> None:
    for _, step, source, target, _ in lines():
        assert {queue_change(party, step, source, target) for party in set(Party) - {I, A}} == {None}


def test_an_application_lies_on_one_desk_at_a_time() -> None:
    """No step adds it to both desks, or leaves it on one while it adds it to the other."""
    for _, step, source, target, _ in lines():
        changes = [queue_change(party, step, source, target) for party in (I, A)]
        assert changes.count(None) >= 1 or set(changes) == {ADDED, REMOVED}

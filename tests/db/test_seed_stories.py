"""The applications that a seeded register is told of: each one is what the rules would have let happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from db.seed.application_paths import PATHS
from db.seed.entry import certificate_rows, history_rows
from db.seed.register import Register
from db.seed.seeded_application import SeededApplication
from rules.application import MOVES, State, Step
from rules.events import EVENT_OF, EVENTS
from rules.kinds import Kind
from rules.lease import LEASE
from rules.moves import LEASES, OPEN
from rules.people import Role
from rules.registration import RegistrationStatus
from rules.working_days import due_on

UNTOLD = {Step.SAVE_DRAFT, Step.FILE_COLLECTIVELY, Step.PUT_BACK, Step.REASSIGN, Step.BLOCK, Step.UNBLOCK, Step.PASS_UP}
"""The steps that no seeded application takes; nobody has two of them open, so none is blocked."""


def test_the_application_paths_reach_every_state_and_kind_by_rows_of_the_table() -> None:
    taken = [move for path in PATHS for move in path.moves]
    assert {move.target for move in taken} == set(State)
    assert {path.kind for path in PATHS} == set(Kind)
    assert {*taken} <= {*MOVES}
    assert {move.step for move in taken} == set(Step) - UNTOLD


def test_every_application_path_has_a_nurse(applications: list[SeededApplication]) -> None:
    assert {application.story.path for application in applications} == set(PATHS)


def test_what_is_open_has_not_waited_so_long_that_the_clock_would_have_gone_on(
    register: Register, applications: list[SeededApplication]
) -> None:
    days, today = register.working_days, register.today
    for application in applications:
        state, moved_at = application.row["state"], application.story.times[-1].date()
        received: Any = application.row["forwarded_at"]
        unclaimed = state is State.INSTITUTION_REVIEW and application.row["institution_id"] is None
        if state is State.AUTHORITY_INTAKE:
            assert due_on(received.date(), 5, days) >= today
        if unclaimed or state in (State.RETURNED, State.CORRECTION_REQUIRED):
            assert today - moved_at < timedelta(days=30)
        if application.story.kind is Kind.RENEWAL and state in OPEN:
            assert application.story.expires > today


def test_every_renewal_was_filed_in_its_window_before_the_expiry(
    register: Register, applications: list[SeededApplication]
) -> None:
    for application in applications:
        story = application.story
        assert max(story.times).date() < register.today
        if story.kind is Kind.RENEWAL:
            assert timedelta(0) < story.expires - story.filed_on <= timedelta(days=90)


def test_a_correction_is_asked_for_and_a_silence_ends_as_the_law_has_it(applications: list[SeededApplication]) -> None:
    days = applications[0].nurse.register.working_days
    seen = set()
    for application in applications:
        steps = dict(zip(application.story.path.moves, application.story.times, strict=True))
        times = {move.step: at.date() for move, at in steps.items()}
        roles = {move.step: move.role for move in steps}
        if Step.REQUIRE_CORRECTION in times:
            assert times[Step.REQUIRE_CORRECTION] <= due_on(times[Step.FORWARD], 5, days)
        if roles.get(Step.ACCEPT) is Role.SYSTEM:
            assert times[Step.ACCEPT] > due_on(times[Step.FORWARD], 5, days)
        if Step.ESCALATE in times:
            assert times[Step.ESCALATE] > due_on(times[Step.SUBMIT], 10, days)
        if Step.LAPSE in times:
            assert times[Step.LAPSE] > times[Step.RETURN] + timedelta(days=30)
        if Step.DEEM in times:
            assert times[Step.DEEM] > application.story.expires >= times[Step.FORWARD] + timedelta(days=30)
        seen |= {*times}
    assert seen == set(Step) - UNTOLD


def test_every_told_event_is_one_the_register_knows(applications: list[SeededApplication]) -> None:
    types = {event["type"] for application in applications for event in application.events}
    moved = {"registration.moved_in", "registration.moved_out", "registration.deregistered"}
    steps = {EVENT_OF[step] for step in set(Step) - UNTOLD - {Step.CREATE_DRAFT}}
    # Two were over before the events that are kept; leases ran out.
    assert types == steps - {"application.lapsed", "application.deemed"} | moved | {"application.put_back"}
    assert types <= set(EVENTS)


def test_a_lease_is_told_to_one_side_and_leaves_the_version(applications: list[SeededApplication]) -> None:
    for application in applications:
        leases = sum(move.step in LEASES for move in application.story.path.moves)
        assert application.row["version"] == len(application.story.path.moves) - leases
        assert (application.row["holder_id"], application.row["held_until"]) == (None, None)
        taken = [event for event in application.events if event["type"] == "application.taken"]
        assert len(taken) == leases
        held = application.story.path.moves[-1].step is Step.TAKE
        back = [event for event in application.events if event["type"] == "application.put_back"]
        assert [(event["at"], event["queue"]) for event in back] == [
            (event["at"] + LEASE, "PUT_BACK") for event in taken if held
        ]


def test_whoever_is_on_the_register_has_one_certificate_in_force(applications: list[SeededApplication]) -> None:
    for application in applications:
        last = application.nurse.career.last
        rows = list(certificate_rows(application.nurse, application))
        valid = [row for row in rows if row["voided_at"] is None]
        on_register = last is not None and last.status is RegistrationStatus.VALID
        assert [row["number"] for row in valid] == [application.nurse.certificate_number] * on_register
        assert len({row["serial"] for row in rows}) == len(rows) == len({row["id"] for row in rows})
        again = application.approved and application.story.kind in (Kind.REISSUE, Kind.REREGISTRATION)
        assert len(rows) == (0 if last is None else 1 + again)


def test_an_approval_leaves_the_rows_of_history_of_its_kind(applications: list[SeededApplication]) -> None:
    left: dict[Kind, set[tuple[object, ...]]] = {}
    for application in (one for one in applications if one.approved):
        rows = [row for row in history_rows(application.nurse, application) if row["application_id"] == application.id]
        left.setdefault(application.story.kind, set()).add(tuple((row["kind"], row["status"]) for row in rows))
    valid, off = RegistrationStatus.VALID, RegistrationStatus.DEREGISTERED
    assert {kind: seen for kind, seen in left.items() if kind is not Kind.REISSUE} == {
        Kind.FIRST: {((Kind.FIRST, valid),)},
        Kind.RENEWAL: {((Kind.RENEWAL, valid),)},
        Kind.CHANGE: {((Kind.CHANGE, valid),)},
        Kind.MILITARY_TRANSFER: {((Kind.MILITARY_TRANSFER, valid),)},
        Kind.DEREGISTRATION: {((Kind.DEREGISTRATION, off),)},
        Kind.REREGISTRATION: {((Kind.DEREGISTRATION, off), (Kind.REREGISTRATION, valid))},
    }


def test_only_what_stands_still_has_a_pause_that_runs(applications: list[SeededApplication]) -> None:
    for application in applications:
        running = [pause for pause in application.period.pauses if pause["ended_at"] is None]
        still = application.row["on_hold"] or application.row["state"] is State.CORRECTION_REQUIRED
        assert len(running) == bool(still)
        assert application.row["state"] in OPEN or not running

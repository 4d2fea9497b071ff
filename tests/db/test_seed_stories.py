"""The applications that a seeded register is told of: each one is what the rules would have let happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from db.seed.entry import certificate_rows, history_rows
from db.seed.filing import Filing
from db.seed.plots import PLOTS
from db.seed.register import Register
from rules.application import MOVES, State, Step
from rules.events import EVENT_OF, EVENTS
from rules.kinds import Kind
from rules.moves import LEASES, OPEN
from rules.people import Role
from rules.registration import RegistrationStatus
from rules.working_days import due_on

UNTOLD = {Step.FILE_COLLECTIVELY, Step.PUT_BACK, Step.REASSIGN}
"""The steps that no seeded application takes."""


def test_the_plots_reach_every_state_and_kind_by_rows_of_the_table() -> None:
    taken = [move for plot in PLOTS for move in plot.moves]
    assert {move.target for move in taken} == set(State)
    assert {plot.kind for plot in PLOTS} == set(Kind)
    assert {*taken} <= {*MOVES}
    assert {move.step for move in taken} == set(Step) - UNTOLD


def test_every_plot_is_told_of_somebody(filings: list[Filing]) -> None:
    assert {filing.story.plot for filing in filings} == set(PLOTS)


def test_what_is_open_has_not_waited_so_long_that_the_clock_would_have_gone_on(
    register: Register, filings: list[Filing]
) -> None:
    days, today = register.working_days, register.today
    for filing in filings:
        state, moved_at = filing.row["state"], filing.story.times[-1].date()
        received: Any = filing.row["forwarded_at"]
        unclaimed = state is State.INSTITUTION_REVIEW and filing.row["institution_id"] is None
        if state is State.AUTHORITY_INTAKE:
            assert due_on(received.date(), 5, days) >= today
        if unclaimed or state in (State.RETURNED, State.CORRECTION_REQUIRED):
            assert today - moved_at < timedelta(days=30)
        if filing.story.kind is Kind.RENEWAL and state in OPEN:
            assert filing.story.expires > today


def test_every_renewal_was_filed_in_its_window_before_the_expiry(register: Register, filings: list[Filing]) -> None:
    for filing in filings:
        story = filing.story
        assert max(story.times).date() < register.today
        if story.kind is Kind.RENEWAL:
            assert timedelta(0) < story.expires - story.filed_on <= timedelta(days=90)


def test_a_correction_is_asked_for_and_a_silence_ends_as_the_law_has_it(filings: list[Filing]) -> None:
    days = filings[0].nurse.register.working_days
    seen = set()
    for filing in filings:
        steps = dict(zip(filing.story.plot.moves, filing.story.times, strict=True))
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
            assert times[Step.DEEM] > filing.story.expires >= times[Step.FORWARD] + timedelta(days=30)
        seen |= {*times}
    assert seen == set(Step) - UNTOLD


def test_every_told_event_is_one_the_register_knows(filings: list[Filing]) -> None:
    told = {event["type"] for filing in filings for event in filing.events}
    moved = {"registration.moved_in", "registration.moved_out", "registration.deregistered"}
    steps = {EVENT_OF[step] for step in set(Step) - UNTOLD - {Step.CREATE_DRAFT}}
    # They were over before the events that are kept.
    assert told == steps - {"application.lapsed", "application.deemed"} | moved
    assert told <= set(EVENTS)


def test_a_lease_is_told_to_one_side_and_leaves_the_version(filings: list[Filing]) -> None:
    for filing in filings:
        leases = sum(move.step in LEASES for move in filing.story.plot.moves)
        assert filing.row["version"] == len(filing.story.plot.moves) - leases
        held = filing.story.plot.moves[-1].step is Step.TAKE
        assert (filing.row["holder_id"] is not None) is held is (filing.row["held_until"] is not None)
        taken = [event for event in filing.events if event["type"] == "application.taken"]
        assert len(taken) == leases


def test_whoever_is_on_the_register_has_one_certificate_in_force(filings: list[Filing]) -> None:
    for filing in filings:
        last = filing.nurse.career.last
        rows = list(certificate_rows(filing.nurse, filing))
        valid = [row for row in rows if row["voided_at"] is None]
        on_register = last is not None and last.status is RegistrationStatus.VALID
        assert [row["number"] for row in valid] == [filing.nurse.certificate_number] * on_register
        assert len({row["serial"] for row in rows}) == len(rows) == len({row["id"] for row in rows})
        again = filing.approved and filing.story.kind in (Kind.REISSUE, Kind.REREGISTRATION)
        assert len(rows) == (0 if last is None else 1 + again)


def test_an_approval_leaves_the_rows_of_history_of_its_kind(filings: list[Filing]) -> None:
    left: dict[Kind, set[tuple[object, ...]]] = {}
    for filing in (one for one in filings if one.approved):
        rows = [row for row in history_rows(filing.nurse, filing) if row["application_id"] == filing.id]
        left.setdefault(filing.story.kind, set()).add(tuple((row["kind"], row["status"]) for row in rows))
    valid, off = RegistrationStatus.VALID, RegistrationStatus.DEREGISTERED
    assert {kind: seen for kind, seen in left.items() if kind is not Kind.REISSUE} == {
        Kind.FIRST: {((Kind.FIRST, valid),)},
        Kind.RENEWAL: {((Kind.RENEWAL, valid),)},
        Kind.CHANGE: {((Kind.CHANGE, valid),)},
        Kind.MILITARY_TRANSFER: {((Kind.MILITARY_TRANSFER, valid),)},
        Kind.DEREGISTRATION: {((Kind.DEREGISTRATION, off),)},
        Kind.REREGISTRATION: {((Kind.DEREGISTRATION, off), (Kind.REREGISTRATION, valid))},
    }


def test_only_what_stands_still_has_a_pause_that_runs(filings: list[Filing]) -> None:
    for filing in filings:
        running = [pause for pause in filing.period.pauses if pause["ended_at"] is None]
        still = filing.row["on_hold"] or filing.row["state"] is State.CORRECTION_REQUIRED
        assert len(running) == bool(still)
        assert filing.row["state"] in OPEN or not running

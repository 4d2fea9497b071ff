"""The applications that a seeded register is told of: each one is what the rules would have let happen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.keys import Keyring, new_keys
from db.seed.entry import certificate_rows, history_rows
from db.seed.filing import Filing
from db.seed.forms import MARKED
from db.seed.people import Nurse
from db.seed.plots import PLOTS
from db.seed.record import nurse_row
from db.seed.register import Register
from db.seed.stories import FILES
from rules.application import MOVES, Application, Move, State, Step, next_state
from rules.clock import due_on
from rules.eligibility import require_eligible
from rules.events import EVENT_OF, EVENTS
from rules.facts import Facts
from rules.form import check
from rules.institution import InstitutionState
from rules.kinds import Kind, form_from_json
from rules.moves import LEASES, OPEN
from rules.people import PARTY_OF, Actor, Party, Role
from rules.reasons import require_reasons
from rules.registration import Registration, RegistrationStatus

DAYS = (date(2026, 11, 20), date(2026, 10, 10))
"""An ordinary day, and one after the longest holiday."""
UNTOLD = {Step.FILE_COLLECTIVELY, Step.PUT_BACK, Step.REASSIGN}
"""The steps that no seeded application takes."""


@pytest.fixture(scope="module", params=DAYS, ids=str)
def register(request: pytest.FixtureRequest) -> Register:
    return Register.make(1, 20_000, request.param)


@pytest.fixture(scope="module")
def nurses(register: Register) -> list[Nurse]:
    return [nurse for index in range(20_000) if (nurse := Nurse.at(register, index)).story]


@pytest.fixture(scope="module")
def filings(nurses: list[Nurse]) -> list[Filing]:
    return [filing for nurse in nurses if (filing := Filing.of(nurse))]


def test_the_plots_reach_every_state_and_kind_by_rows_of_the_table() -> None:
    taken = [move for plot in PLOTS for move in plot.moves]
    assert {move.target for move in taken} == set(State)
    assert {plot.kind for plot in PLOTS} == set(Kind)
    assert {*taken} <= {*MOVES}
    assert {move.step for move in taken} == set(Step) - UNTOLD


def test_every_plot_is_told_of_somebody(filings: list[Filing]) -> None:
    assert {filing.story.plot for filing in filings} == set(PLOTS)


def uuid(value: object) -> UUID | None:
    return UUID(str(value)) if value else None


def application(filing: Filing, state: State) -> Application:
    """The row as the rules see it."""
    row: dict[str, Any] = filing.row
    return Application(
        *(UUID(filing.id), row["kind"], state, row["version"], row["revision"], UUID(filing.nurse.id)),
        *(uuid(row["institution_id"]), uuid(row["authority_id"]), json.loads(row["form"]), row["filed_by"]),
        marked_fields=tuple(row["marked_fields"]),
        corrections=row["corrections"],
        recommender_id=uuid(row["recommender_id"]),
        two_persons=True,
        on_hold=row["on_hold"],
        objected=row["objected"],
        extended=row["extended"],
        queued_at=row["queued_at"],
        forwarded_at=row["forwarded_at"],
        due_on=row["due_on"],
        holder_id=uuid(row["holder_id"]),
        held_until=row["held_until"],
    )


def actor(filing: Filing, move: Move) -> Actor:
    """Whoever takes the step."""
    party = PARTY_OF[move.role]
    party_id = application(filing, State.DRAFT).party(party)
    if move.step is Step.CLAIM_BY_ID_NUMBER:
        party_id = UUID(filing.story.target.id)
    nurse_id = UUID(filing.nurse.id) if party is Party.NURSE else None
    account = filing._account(move) or str(uuid4())
    return Actor(UUID(account), party, party_id, frozenset({move.role}), True, nurse_id)


def test_the_rules_let_each_step_happen_at_its_time(nurses: list[Nurse]) -> None:
    for nurse in nurses:
        assert nurse.story is not None
        filing = Filing.begin(nurse, nurse.story)
        for move, at in zip(nurse.story.plot.moves, nurse.story.times, strict=True):
            if move.source is not None:
                locked = application(filing, move.source)
                assert next_state(actor(filing, move), locked, move.step, at, locked.version) is move.target
            filing.take(move, at)


def before(filing: Filing) -> Registration:
    """The entry of the register as it was when the application was filed."""
    nurse, decided = filing.nurse, filing.taken_by
    stages = [stage for stage in nurse.career.stages if stage.at not in decided]
    if filing.story.plot.has(Step.END_REGISTRATION):
        stages = stages[:-1]
    if not stages:
        return Registration(UUID(nurse.id))
    last = stages[-1]
    off = last.status is RegistrationStatus.DEREGISTERED
    return Registration(
        UUID(nurse.id),
        last.status,
        certificate_number=nurse.earlier_number,
        first_registered_on=nurse.career.first_on,
        valid_until=last.valid_until,
        institution_id=last.institution and UUID(last.institution.id),
        authority_id=UUID(last.decided_by.id),
        bar_until=nurse.career.bar_until,
        deregistration_reason=nurse.career.deregistration if off else None,
    )


def filed(filing: Filing) -> Iterator[datetime]:
    """When it was filed, unless it is a draft."""
    for move, at in zip(filing.story.plot.moves, filing.story.times, strict=True):
        if move.step in FILES:
            yield at


def test_whoever_filed_was_eligible_on_that_day(filings: list[Filing]) -> None:
    keyring = Keyring.parse(new_keys())
    for filing in filings:
        story, nurse = filing.story, filing.nurse
        record: dict[str, Any] = nurse_row(nurse, keyring)
        for at in filed(filing):
            filled = form_from_json(story.kind, json.loads(str(filing.revisions[0]["form"])))
            known = {name: record[name] for name in ("birth_date", "exam_passed_on", "exam_year")}
            entry, target = before(filing), InstitutionState.ACTIVE
            party: Any = filing.row["filed_by"]
            health = getattr(filled, "health_status", None)
            facts = Facts(
                *(entry, True, frozenset(), health),
                form=filled,
                filed_by=party,
                practised_until=entry.valid_until,
                target_id=UUID(story.target.id) if story.kind is Kind.CHANGE else None,
                target_state=target,
                **known,
            )
            require_eligible(story.kind, facts, at.date())
            assert filing.row["certificate_number"] == entry.certificate_number


def test_every_filed_form_passes_the_rules_of_its_day_and_every_draft_is_readable(filings: list[Filing]) -> None:
    for filing in filings:
        form_from_json(filing.story.kind, json.loads(str(filing.row["form"])))
        for revision in filing.revisions:
            at: Any = revision["at"]
            check(form_from_json(filing.story.kind, json.loads(str(revision["form"]))), at.date())


def test_every_reason_is_one_that_the_step_may_name(filings: list[Filing]) -> None:
    named = {
        "RETURNED": Step.RETURN,
        "CORRECTION_REQUIRED": Step.REQUIRE_CORRECTION,
        "NOT_ACCEPTED": Step.REFUSE_INTAKE,
    }
    for decision in (one for filing in filings for one in filing.decisions):
        reasons: Any = decision["reasons"]
        refusal = Step.DECLINE if decision["stage"] == "INSTITUTION" else Step.REJECT
        step = named.get(str(decision["outcome"]), refusal)
        marked: Any = decision["marked_fields"]
        if reasons:
            assert require_reasons(step, reasons, marked, markable=[MARKED]) == tuple(reasons)


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
        running = [pause for pause in filing.clock.pauses if pause["ended_at"] is None]
        still = filing.row["on_hold"] or filing.row["state"] is State.CORRECTION_REQUIRED
        assert len(running) == bool(still)
        assert filing.row["state"] in OPEN or not running

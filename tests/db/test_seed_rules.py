"""Seeded applications judged by the rules that people are judged by: each step, each form, each reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from db.seed.forms import MARKED
from db.seed.people import Nurse
from db.seed.record import nurse_row
from db.seed.seeded_application import SeededApplication
from db.seed.stories import FILES
from db.store.keys import Keyring, new_keys
from rules.application import Application, Move, State, Step, next_state
from rules.eligibility import require_eligible
from rules.facts import Facts
from rules.form import check
from rules.institution import InstitutionState
from rules.kinds import Kind, form_from_json
from rules.people import PARTY_OF, Actor, Party
from rules.registration import Registration, RegistrationStatus
from rules.review import require_reasons


def uuid(value: object) -> UUID | None:
    return UUID(str(value)) if value else None


def locked_application(application: SeededApplication, state: State) -> Application:
    """The row as the rules see it."""
    row: dict[str, Any] = application.row
    return Application(
        *(UUID(application.id), row["kind"], state, row["version"], row["revision"], UUID(application.nurse.id)),
        *(uuid(row["institution_id"]), uuid(row["authority_id"]), json.loads(row["form"]), row["filed_by"]),
        marked_fields=tuple(row["marked_fields"]),
        corrections=row["corrections"],
        claimed=row["claimed"],
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


def actor(application: SeededApplication, move: Move) -> Actor:
    """Whoever takes the step."""
    party = PARTY_OF[move.role]
    party_id = locked_application(application, State.DRAFT).party(party)
    if move.step is Step.CLAIM_BY_ID_NUMBER:
        party_id = UUID(application.story.target.id)
    nurse_id = UUID(application.nurse.id) if party is Party.NURSE else None
    account = application._account(move) or str(uuid4())
    return Actor(UUID(account), party, party_id, frozenset({move.role}), True, nurse_id)


def test_the_rules_let_each_step_happen_at_its_time(nurses: list[Nurse]) -> None:
    for nurse in nurses:
        assert nurse.story is not None
        application = SeededApplication.begin(nurse, nurse.story)
        for move, at in zip(nurse.story.path.moves, nurse.story.times, strict=True):
            if move.source is not None:
                locked = locked_application(application, move.source)
                assert next_state(actor(application, move), locked, move.step, at, locked.version) is move.target
            application.take(move, at)


def before(application: SeededApplication) -> Registration:
    """The entry of the register as it was when the application was filed."""
    nurse, decided = application.nurse, application.taken_by
    stages = [stage for stage in nurse.career.stages if stage.at not in decided]
    if application.story.path.has(Step.END_REGISTRATION):
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


def filed(application: SeededApplication) -> Iterator[datetime]:
    """When it was filed, unless it is a draft."""
    for move, at in zip(application.story.path.moves, application.story.times, strict=True):
        if move.step in FILES:
            yield at


def test_whoever_filed_was_eligible_on_that_day(applications: list[SeededApplication]) -> None:
    keyring = Keyring.parse(new_keys())
    for application in applications:
        story, nurse = application.story, application.nurse
        record: dict[str, Any] = nurse_row(nurse, keyring)
        for at in filed(application):
            filled = form_from_json(story.kind, json.loads(str(application.revisions[0]["form"])))
            known = {name: record[name] for name in ("birth_date", "exam_passed_on", "exam_year")}
            entry, target = before(application), InstitutionState.ACTIVE
            party: Any = application.row["filed_by"]
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
            assert application.row["certificate_number"] == entry.certificate_number


def test_every_filed_form_passes_the_rules_of_its_day_and_every_draft_is_readable(
    applications: list[SeededApplication],
) -> None:
    for application in applications:
        form_from_json(application.story.kind, json.loads(str(application.row["form"])))
        for revision in application.revisions:
            at: Any = revision["at"]
            check(form_from_json(application.story.kind, json.loads(str(revision["form"]))), at.date())


def test_every_reason_is_one_that_the_step_may_name(applications: list[SeededApplication]) -> None:
    named = {
        "RETURNED": Step.RETURN,
        "CORRECTION_REQUIRED": Step.REQUIRE_CORRECTION,
        "NOT_ACCEPTED": Step.REFUSE_INTAKE,
    }
    for decision in (one for application in applications for one in application.decisions):
        reasons: Any = decision["reasons"]
        refusal = Step.DECLINE if decision["stage"] == "INSTITUTION" else Step.REJECT
        step = named.get(str(decision["outcome"]), refusal)
        marked: Any = decision["marked_fields"]
        if reasons:
            assert require_reasons(step, reasons, marked, markable=[MARKED]) == tuple(reasons)

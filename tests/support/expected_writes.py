"""What each step writes where all is well, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rules.application import State, Step
from rules.events import QueueChange
from rules.form import form_to_json
from rules.people import Party
from tests.support.story import BY, FILLED, LATER

N, I, A = Party.NURSE, Party.INSTITUTION, Party.AUTHORITY  # noqa: E741
ADDED, CHANGED, REMOVED = QueueChange.ADDED, QueueChange.CHANGED, QueueChange.REMOVED
SUPPLEMENTED = {**form_to_json(FILLED), "healthExaminedOn": "2025-09-20"}
DUE = {
    "due_on": date(2025, 10, 30),
    "told_due_on": date(2025, 10, 30),
    "due_counted_at": LATER,
    "accepted_at": LATER,
    "queued_at": LATER,
}


@dataclass(frozen=True)
class Written:
    """What one step writes: the columns that differ afterwards, and whose desk changes in which way."""

    step: Step
    source: State
    target: State
    changes: dict[Party, QueueChange | None]
    columns: dict[str, Any] = field(default_factory=dict)
    usual: str | None = None
    decision: dict[str, Any] | None = None
    changed_fields: list[str] | None = None

    @property
    def by(self) -> str:
        """Who takes it."""
        return self.usual or BY[self.step]


STEPS = [
    Written(
        Step.SUBMIT,
        *(State.DRAFT, State.INSTITUTION_REVIEW, {N: None, I: ADDED}),
        {"revision": 1, "submitted_at": LATER, "queued_at": LATER},
        changed_fields=[],
    ),
    Written(
        Step.RETURN,
        *(State.INSTITUTION_REVIEW, State.RETURNED, {N: None, I: REMOVED}, {"marked_fields": ["department"]}),
        decision={"stage": "INSTITUTION", "outcome": "RETURNED"},
    ),
    Written(
        Step.RESUBMIT,
        *(State.RETURNED, State.INSTITUTION_REVIEW, {N: None, I: ADDED}),
        {
            **{"revision": 2, "queued_at": LATER, "marked_fields": []},
            "form": {**form_to_json(FILLED), "department": "WARD"},
        },
        changed_fields=["department"],
    ),
    Written(
        Step.FORWARD,
        *(State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, {N: None, I: REMOVED, A: ADDED}),
        {"authority_id": "district", "forwarded_at": LATER, "queued_at": LATER},
        decision={"stage": "INSTITUTION", "outcome": "AGREED"},
    ),
    Written(
        Step.DECLINE,
        *(State.INSTITUTION_REVIEW, State.INSTITUTION_REJECTED, {N: None, I: REMOVED}, {"decided_at": LATER}),
        decision={"stage": "INSTITUTION", "outcome": "REFUSED"},
    ),
    Written(
        Step.REQUIRE_CORRECTION,
        *(State.AUTHORITY_INTAKE, State.CORRECTION_REQUIRED, {N: None, I: None, A: REMOVED}),
        {"marked_fields": ["healthExaminedOn", "department"], "corrections": 1},
        decision={"stage": "AUTHORITY_REVIEW", "outcome": "CORRECTION_REQUIRED"},
    ),
    *(
        Written(
            Step.SUPPLEMENT,
            *(State.CORRECTION_REQUIRED, State.ACCEPTED, {N: None, I: None, A: ADDED}),
            {**DUE, "revision": 2, "marked_fields": [], "receipt_number": 1, "form": SUPPLEMENTED},
            by,
            changed_fields=["healthExaminedOn"],
        )
        for by in ("nurse", "operator")
    ),
    Written(
        Step.ACCEPT,
        *(State.AUTHORITY_INTAKE, State.ACCEPTED, {N: None, I: None, A: CHANGED}, {**DUE, "receipt_number": 1}),
        decision={"stage": "AUTHORITY_REVIEW", "outcome": "ACCEPTED"},
    ),
    Written(
        Step.REFUSE_INTAKE,
        *(State.AUTHORITY_INTAKE, State.NOT_ACCEPTED, {N: None, I: None, A: REMOVED}, {"decided_at": LATER}),
        decision={"stage": "AUTHORITY_REVIEW", "outcome": "NOT_ACCEPTED"},
    ),
    Written(
        Step.RECOMMEND,
        *(State.ACCEPTED, State.ACCEPTED, {A: CHANGED}, {"recommender_id": "reviewer", "recommended_version": 5}),
        decision={"stage": "AUTHORITY_REVIEW", "outcome": "AGREED"},
    ),
    Written(
        Step.REJECT,
        *(State.ACCEPTED, State.REJECTED, {N: None, I: None, A: REMOVED}, {"decided_at": LATER}),
        decision={"stage": "AUTHORITY_DECISION", "outcome": "REFUSED"},
    ),
    *(
        Written(Step.WITHDRAW, source, State.WITHDRAWN, changes, {"decided_at": LATER})
        for source, changes in (
            (State.INSTITUTION_REVIEW, {N: None, I: REMOVED}),
            (State.RETURNED, {N: None, I: None}),
            (State.AUTHORITY_INTAKE, {N: None, I: None, A: REMOVED}),
            (State.CORRECTION_REQUIRED, {N: None, I: None, A: None}),
            (State.ACCEPTED, {N: None, I: None, A: REMOVED}),
        )
    ),
]

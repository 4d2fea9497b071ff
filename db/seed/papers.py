"""The papers of a renewal: the application as it is begun, its form, and what each step stamps on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

import orjson

from db.seed.chance import Row
from db.seed.people import Nurse
from rules.application import State, Step
from rules.form import form_to_json
from rules.kinds import Kind, RenewalForm
from rules.nurse import Department, HealthStatus, Title
from rules.people import Party
from rules.privacy import mask_id_number
from rules.reasons import Reason

DECISIONS: Final = {
    Step.RETURN: ("INSTITUTION", "RETURNED", Reason.HEALTH_PROOF_TOO_OLD),
    Step.FORWARD: ("INSTITUTION", "AGREED", None),
    Step.DECLINE: ("INSTITUTION", "REFUSED", Reason.LEAVING),
    Step.REQUIRE_CORRECTION: ("AUTHORITY_REVIEW", "CORRECTION_REQUIRED", Reason.HEALTH_PROOF_TOO_OLD),
    Step.ACCEPT: ("AUTHORITY_REVIEW", "ACCEPTED", None),
    Step.REFUSE_INTAKE: ("AUTHORITY_REVIEW", "NOT_ACCEPTED", Reason.OUTSIDE_WINDOW),
    Step.RECOMMEND: ("AUTHORITY_REVIEW", "AGREED", None),
    Step.APPROVE: ("AUTHORITY_DECISION", "AGREED", None),
    Step.REJECT: ("AUTHORITY_DECISION", "REFUSED", Reason.CONDITIONS_NOT_MET),
}
"""What each step keeps as a ReviewDecision: stage, outcome, and the reason where it needs one."""

STAMPS: Final = {
    Step.SUBMIT: ("submitted_at", "queued_at"),
    Step.RESUBMIT: ("queued_at",),
    Step.FORWARD: ("forwarded_at", "queued_at"),
    Step.ACCEPT: ("accepted_at", "queued_at"),
    Step.SUPPLEMENT: ("accepted_at", "queued_at"),
    Step.DECLINE: ("decided_at",),
    Step.REFUSE_INTAKE: ("decided_at",),
    Step.APPROVE: ("decided_at",),
    Step.REJECT: ("decided_at",),
    Step.WITHDRAW: ("decided_at",),
}
"""The times that each step writes."""
REVISES: Final = (Step.SUBMIT, Step.RESUBMIT, Step.SUPPLEMENT)
ASKS_BACK: Final = (Step.RETURN, Step.REQUIRE_CORRECTION)
ACCEPTS: Final = (Step.ACCEPT, Step.SUPPLEMENT)
MARKED: Final = "healthExaminedOn"
"""The one field that seeded reviewers mark."""


def draft(nurse: Nurse, application_id: str, at: datetime) -> Row:
    """An application as it is begun, with every column that a step may fill."""
    return {
        "id": application_id,
        "kind": Kind.RENEWAL,
        "state": State.DRAFT,
        "version": 0,
        "revision": 0,
        "nurse_id": nurse.id,
        "institution_id": nurse.home.id,
        "authority_id": None,
        "filed_by": Party.NURSE,
        "nurse_name": nurse.identity.name,
        "id_number_masked": mask_id_number(nurse.identity.number),
        "certificate_number": nurse.certificate_number,
        "form": form(nurse, at.date() - timedelta(days=30)),
        "marked_fields": [],
        "corrections": 0,
        **dict.fromkeys(("on_hold", "objected", "extended", "deemed"), False),
        **dict.fromkeys(("recommender_id", "due_on", "promised_due_on", "moved_by", "moved_at")),
        **dict.fromkeys(("submitted_at", "queued_at", "forwarded_at", "accepted_at", "decided_at")),
        "created_at": at,
    }


def form(nurse: Nurse, examined_on: date) -> str:
    """Her renewal's form after a health examination on that day."""
    return as_json({**_filled(nurse.department, nurse.title), MARKED: examined_on.isoformat()})


@cache
def _filled(department: Department, title: Title) -> Mapping[str, object]:
    return form_to_json(RenewalForm(HealthStatus.GOOD, date.min, department, title))


def as_json(value: Mapping[str, object]) -> str:
    """A value for a jsonb column."""
    return orjson.dumps(value).decode()

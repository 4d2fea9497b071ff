"""The papers of an application: its draft, the time stamps of each step, and the decisions it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from db.seed.application_paths import NamedInstitution
from db.seed.forms import form
from db.seed.people import Nurse
from db.seed.random_source import Row
from db.seed.stories import Story
from rules.application import State, Step
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS
from rules.people import PARTY_OF, Party
from rules.privacy import mask_id_number
from rules.reasons import Reason

DECISIONS: Final = {
    Step.RETURN: ("INSTITUTION", "RETURNED", Reason.HEALTH_PROOF_TOO_OLD),
    Step.FORWARD: ("INSTITUTION", "AGREED", None),
    Step.DECLINE: ("INSTITUTION", "REFUSED", Reason.NOT_VERIFIABLE),
    Step.REQUIRE_CORRECTION: ("AUTHORITY_REVIEW", "CORRECTION_REQUIRED", Reason.HEALTH_PROOF_TOO_OLD),
    Step.ACCEPT: ("AUTHORITY_REVIEW", "ACCEPTED", None),
    Step.REFUSE_INTAKE: ("AUTHORITY_REVIEW", "NOT_ACCEPTED", Reason.OUTSIDE_WINDOW),
    Step.TRANSFER: ("AUTHORITY_REVIEW", "TRANSFERRED", None),
    Step.RECOMMEND: ("AUTHORITY_REVIEW", "AGREED", None),
    Step.APPROVE: ("AUTHORITY_DECISION", "AGREED", None),
    Step.REJECT: ("AUTHORITY_DECISION", "REFUSED", Reason.CONDITIONS_NOT_MET),
    Step.DEEM: ("AUTHORITY_DECISION", "DEEMED", None),
    Step.VOID: ("AUTHORITY_DECISION", "VOIDED", None),
}
"""The ReviewDecision of each step: stage, outcome, and the reason if it needs one."""

_DIRECT: Final = ("submitted_at", "queued_at", "forwarded_at")
STAMPS: Final = {
    Step.SUBMIT: ("submitted_at", "queued_at"),
    Step.FILE_DEREGISTRATION: _DIRECT,
    Step.FILE_AT_COUNTER: _DIRECT,
    Step.RESUBMIT: ("queued_at",),
    Step.CLAIM_BY_ID_NUMBER: ("queued_at",),
    Step.FORWARD: ("forwarded_at", "queued_at"),
    Step.ESCALATE: ("forwarded_at", "queued_at", "escalated_at"),
    Step.TRANSFER: ("queued_at",),
    Step.ACCEPT: ("accepted_at", "queued_at"),
    Step.SUPPLEMENT: ("accepted_at", "queued_at"),
    **dict.fromkeys(
        (
            *(Step.DECLINE, Step.REFUSE_INTAKE, Step.APPROVE, Step.REJECT),
            *(Step.WITHDRAW, Step.LAPSE, Step.DEEM, Step.END_REGISTRATION),
        ),
        ("decided_at",),
    ),
}
"""The times that each step writes."""
WRITES: Final[Mapping[Step, Row]] = {
    Step.CLAIM_BY_ID_NUMBER: {"claimed": True},
    Step.REJECT_CLAIM: {"claimed": False},
    Step.REQUIRE_CORRECTION: {"corrections": 1},
    Step.DEEM: {"deemed": True},
    Step.OBJECT: {"objected": True, "objection": "本人未离职，不同意注销，请核实。"},
    Step.ANSWER_OBJECTION: {"objected": False, "objection_answer": "已向医疗机构核实，并告知本人核实结果。"},
}
"""The values that some steps write, in any role."""
REVISES: Final = (Step.SUBMIT, Step.RESUBMIT, Step.SUPPLEMENT, Step.FILE_DEREGISTRATION, Step.FILE_AT_COUNTER)
ASKS_BACK: Final = (Step.RETURN, Step.REQUIRE_CORRECTION)
ACCEPTS: Final = (Step.ACCEPT, Step.SUPPLEMENT)


def draft(nurse: Nurse, story: Story, application_id: str, at: datetime) -> Row:
    """An application before its first step, with every column that a step may fill."""
    return {
        "id": application_id,
        "kind": story.kind,
        "state": State.DRAFT,
        "version": 0,
        "row_version": 1,
        "revision": 0,
        "nurse_id": nurse.id,
        "institution_id": _institution(story),
        "authority_id": None,
        "filed_by": PARTY_OF[story.path.moves[0].role] or Party.NURSE,
        "nurse_name": nurse.identity.name,
        "nurse_sex": nurse.identity.sex,
        "nurse_birth_date": nurse.identity.birth_date,
        "document_type": nurse.identity.document_type,
        "id_number_masked": mask_id_number(nurse.identity.number),
        "certificate_number": nurse.earlier_number,
        "form": form(nurse, story, at.date() - timedelta(days=30)),
        "marked_fields": [],
        "corrections": 0,
        **dict.fromkeys(("on_hold", "objected", "extended", "deemed", "claimed", "recommended_against"), False),
        **dict.fromkeys(("objection", "objection_answer", "extension_reason", "holder_id", "held_until")),
        **dict.fromkeys(("recommender_id", "due_on", "promised_due_on", "moved_by", "moved_at", "escalated_at")),
        **dict.fromkeys(("unconfirmed", "passed_up_from_id", "answering_id", "recommended_version")),
        **dict.fromkeys(("submitted_at", "queued_at", "forwarded_at", "accepted_at", "decided_at")),
        "created_at": at,
    }


def _institution(story: Story) -> str | None:
    """The first institution of the application: the one it names, or none yet, or the nurse's present one."""
    if story.kind in CLAIMED_KINDS:
        return story.target.id if story.path.named is NamedInstitution.TARGET else None
    return None if story.kind is Kind.REISSUE else story.origin.id

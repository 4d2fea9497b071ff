"""An application (业务申请) with all that hangs on it: the shapes, and the lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, case, exists, func, or_, select

from db.read import deadline, scope
from db.read.facts import facts_sql
from db.read.listing import NEVER, WITHIN, Listing, Wide
from db.read.shape import (
    NEVER_CHANGED,
    OPEN_STEPS,
    WORDED,
    Computed,
    FeedPosition,
    JsonUnion,
    Many,
    One,
    Shape,
    plain,
    worded,
)
from db.read.viewer import NURSES, RECORDS, Visibility
from db.store.columns import searched
from db.store.tables import (
    account,
    nurse,
)
from db.store.tables_application import (
    application,
    application_pause,
    application_revision,
    material,
    material_mark,
    review_decision,
)
from rules.application import State
from rules.decision import DecisionOutcome, DecisionStage
from rules.kinds import FORMS

_FORM: Final = JsonUnion("form_json", "kind", {kind: form.__name__ for kind, form in FORMS.items()})

_ABSENT: Final = account.alias("absent")
_held: Final = application.c.held_until > func.now()

_said: Final = review_decision.alias("said")
# As rules.decision.counts has it of what the institution says; a test compares the two.
_INSTITUTION_OUTCOME: Final = (
    select(_said.c.outcome)
    .where(
        _said.c.application_id == application.c.id,
        _said.c.stage == DecisionStage.INSTITUTION,
        or_(
            _said.c.outcome == DecisionOutcome.AGREED,
            and_(_said.c.outcome == DecisionOutcome.RETURNED, _said.c.revision == application.c.revision),
            and_(_said.c.outcome == DecisionOutcome.REFUSED, application.c.state == State.INSTITUTION_REJECTED),
        ),
    )
    .order_by(_said.c.id.desc())
    .limit(1)
    .correlate(application)
    .scalar_subquery()
)

_APPLICATION: Final = Shape(
    application.outerjoin(account, account.c.id == application.c.holder_id),
    application.c.id,
    scope.applications,
    {
        "id": application.c.id,
        **plain(application, "kind", "state", "version", "rowVersion", "revision", "filedBy"),
        **plain(application, "nurseName", "idNumberMasked", "nurseSex", "nurseBirthDate", "documentType"),
        **plain(application, "certificateNumber", "markedFields", "receiptNumber", "dueOn", "promisedDueOn"),
        **plain(application, "deemed", "createdAt", "submittedAt", "queuedAt", "forwardedAt", "acceptedAt"),
        **plain(application, "decidedAt", "escalatedAt", "unconfirmed", "objected", "objection", "objectionAnswer"),
        "answerUntil": deadline.answer_until,
        "escalatesFrom": deadline.escalates_from,
        "institutionOutcome": _INSTITUTION_OUTCOME,
        "heldBy": case((_held, account.c.display_name)),
        "heldUntil": case((_held, application.c.held_until)),
    },
    {
        "form_json": application.c.form,
        "nurse_id": application.c.nurse_id,
        "institution_id": application.c.institution_id,
        "authority_id": application.c.authority_id,
        "passed_up_from_id": application.c.passed_up_from_id,
        "blocked_by_id": application.c.blocked_by_id,
    },
    links={
        "form": _FORM,
        "nurse": One("Nurse", "nurse_id"),
        "institution": One("Institution", "institution_id"),
        "authority": One("Authority", "authority_id"),
        "passedUpFrom": One("Authority", "passed_up_from_id"),
        "blockedBy": One("Application", "blocked_by_id"),
        "decisions": Many("ReviewDecision", "id", scope.decision_shown),
        "deadline": One("ApplicationDeadline", "id", scope.received),
        "preReviews": Many("PreReview", "id"),
        "availableSteps": Computed(OPEN_STEPS, "id", facts_sql, personal=True),
        "revisions": Many("ApplicationRevision", "id", scope.everything),
        "materials": Many("Material", "id", scope.handed_in),
        "markedMaterials": Many("WaitingMaterialMark", "id", scope.waiting),
        "feedCursor": FeedPosition(),
    },
    who={"heldBy": Visibility.COLLEAGUE, "heldUntil": Visibility.COLLEAGUE},
    party=func.coalesce(account.c.institution_id, account.c.authority_id),
)

_answer: Final = material.alias("answer")
_MARK: Final = Shape(
    material_mark.join(review_decision, review_decision.c.id == material_mark.c.decision_id).join(
        application, application.c.id == material_mark.c.application_id
    ),
    material_mark.c.decision_id,
    scope.marks,
    {
        **plain(material_mark, "code", "reason", "note"),
        "answered": exists().where(
            _answer.c.application_id == material_mark.c.application_id,
            _answer.c.code == material_mark.c.code,
            _answer.c.removed_at.is_(None),
            _answer.c.uploaded_at > review_decision.c.at,
        ),
    },
    {"titles": func.json_build_array(material_mark.c.title_zh, material_mark.c.title_en).cast(Text())},
    newest_first=material_mark.c.id,
    links={"title": Computed(WORDED, "titles", worded)},
)

SHAPES: Final[Mapping[str, Shape]] = {
    "Application": _APPLICATION,
    "NurseApplication": replace(_APPLICATION, key=application.c.nurse_id, newest_first=application.c.id),
    "ApplicationDeadline": Shape(
        application,
        application.c.id,
        scope.deadlines,
        {
            "basis": deadline.basis,
            **plain(application, "dueOn", "promisedDueOn", "extended", "extensionReason"),
            "workingDaysLeft": deadline.working_days_left,
            "provisional": deadline.provisional,
        },
        {"id": application.c.id},
        links={"pausedSpans": Many("ApplicationPause", "id", scope.everything)},
    ),
    "ApplicationPause": Shape(
        application_pause,
        application_pause.c.application_id,
        scope.pauses,
        plain(application_pause, "kind", "reason", "expectedDays", "startedAt", "endedAt", "workingDays"),
        newest_first=application_pause.c.id,
    ),
    "ReviewDecision": Shape(
        review_decision.outerjoin(account, account.c.id == review_decision.c.decider_id).outerjoin(
            _ABSENT, _ABSENT.c.id == review_decision.c.on_behalf_of_id
        ),
        review_decision.c.application_id,
        scope.decisions,
        {
            "id": review_decision.c.id,
            "rowVersion": NEVER_CHANGED,
            **plain(review_decision, "revision", "stage", "outcome", "reasons", "markedFields", "opinion", "at"),
            "decider": account.c.display_name,
            "onBehalfOf": _ABSENT.c.display_name,
        },
        who={"decider": Visibility.STAFF, "onBehalfOf": Visibility.STAFF},
        newest_first=review_decision.c.id,
        links={"delivery": One("Delivery", "id"), "markedMaterials": Many("MaterialMark", "id", scope.everything)},
    ),
    "MaterialMark": _MARK,
    "WaitingMaterialMark": replace(_MARK, key=material_mark.c.application_id, scope=scope.waiting_marks),
    "ApplicationRevision": Shape(
        application_revision.join(application, application.c.id == application_revision.c.application_id),
        application_revision.c.application_id,
        scope.applications,
        plain(application_revision, "revision", "changedFields", "at"),
        {"kind": application.c.kind, "form_json": application_revision.c.form},
        newest_first=application_revision.c.revision,
        links={"form": _FORM},
    ),
    "Material": Shape(
        material.join(application, application.c.id == material.c.application_id),
        material.c.application_id,
        scope.materials,
        {
            "id": material.c.id,
            "rowVersion": NEVER_CHANGED,
            **plain(material, "code", "fileName", "mediaType", "size", "uploadedAt"),
        },
        newest_first=material.c.id,
        alone=material,
    ),
}

_FILTERS: Final[Mapping[str, ColumnElement[Any]]] = {
    "kind": application.c.kind,
    "state": application.c.state,
    "filedBy": application.c.filed_by,
    "submittedAt": application.c.submitted_at,
    "queuedAt": application.c.queued_at,
    "decidedAt": application.c.decided_at,
    "dueOn": application.c.due_on,
    "receiptNumber": application.c.receipt_number,
    "nurseName": application.c.nurse_name,
    "nurseNamePart": searched(application.c.nurse_name),
    "idNumber": nurse.c.id,
}
# What is undecided stands where it last moved, since a place in a list is never null.
_DECIDED_OR_MOVED: Final = func.coalesce(application.c.decided_at, application.c.moved_at)
_WITH_HER: Final = application.join(nurse, nurse.c.id == application.c.nurse_id)
_WIDE: Final = Wide(SHAPES["Application"].source, application.c.id, application, nurse)

LISTINGS: Final[Mapping[str, Listing]] = {
    "pendingReviews": Listing(
        "Application",
        _WITH_HER,
        lambda viewer, *_: scope.desk(viewer),
        application.c.id,
        {"queuedAt": application.c.queued_at, "submittedAt": application.c.submitted_at},
        (("queuedAt", False),),
        _FILTERS,
        arguments={"kinds": (application.c.kind, "in")},
        readers=RECORDS,
        wide=_WIDE,
    ),
    "applications": Listing(
        "Application",
        _WITH_HER,
        scope.filed,
        application.c.id,
        {
            "submittedAt": application.c.submitted_at,
            "decidedAt": _DECIDED_OR_MOVED,
        },
        (("submittedAt", True),),
        _FILTERS,
        owner=WITHIN,
        readers=RECORDS,
        wide=_WIDE,
        narrow={"nurseNamePart": NEVER},
    ),
    "ownApplications": Listing(
        "Application",
        application,
        lambda viewer, *_: scope.own_applications(viewer),
        application.c.id,
        {"createdAt": application.c.created_at, "decidedAt": _DECIDED_OR_MOVED},
        (("createdAt", True),),
        {
            "kind": application.c.kind,
            "state": application.c.state,
            "createdAt": application.c.created_at,
            "decidedAt": application.c.decided_at,
        },
        readers=NURSES,
    ),
}

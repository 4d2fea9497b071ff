"""How to ask for what hangs on applications, registrations and institutions, and for every object of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from graph.schema.node import global_id
from rules.kinds import FORMS, Kind
from tests.support.authority_events import event_subject
from tests.support.authority_matrix import Section
from tests.support.authority_people import subject as people_subject
from tests.support.authority_stage import Stage
from tests.support.authority_subjects import Make, Pick, Subject, _application, _by_id, _first, _nurse
from tests.support.public_register import written
from tests.support.world import TODAY


def _written(stage: Stage, root: str) -> str:
    """A root field with the ids that its arguments name."""
    ids = {
        "$province": global_id("Authority", stage.cast.nation),
        "$early": global_id("Nurse", stage.ids["nurse early"]),
        "$suspended": global_id("Nurse", stage.ids["nurse suspended"]),
        "$ward": global_id("Unit", stage.ids["ward"]),
        "$nurse": global_id("Nurse", stage.cast.nurse_id),
        "$number": stage.number,
        "$batch": global_id("ApplicationBatch", stage.ids["batch"]),
        "$decided": global_id("Application", stage.ids["under decision"]),
        "$filing": global_id("CollectiveFiling", stage.ids["filing"]),
        "$token": written(stage.certificate_token),
        "$receipt": stage.receipt,
        "$guest": stage.token,
    }
    for name, value in ids.items():
        root = root.replace(name, value)
    return root


def _ask(root: str, *path: str, mark: str = "", wanted: Any = None, nurse: str | None = None) -> Make:
    """What a root field leads to: of a list the first one, with a mark the first one that has it (or has it so)."""

    def one_of(found: Any) -> Any:
        if not isinstance(found, list):
            return found
        marked = (one for one in found if not mark or (one["_mark"] is not None and wanted in (None, one["_mark"])))
        return next(marked, None)

    def pick(data: Any) -> Any:
        found = one_of(data[root.partition("(")[0]])
        for name in path:
            found = found and one_of(found[name])
        return found

    inside = f"_mark: {mark} %s" if mark else "%s"
    for name in reversed(path):
        inside = f"{name} {{ {inside} }}"

    def make(stage: Stage) -> Subject:
        person = stage.nurses[nurse] if nurse else stage.cast.nurse
        return Subject(f"{{ {_written(stage, root)} {{ {inside} }} }}", pick, person)

    return make


def _condition(stage: Stage) -> Subject:
    """When a field of a form is needed: the first that hangs on another."""
    asked = f"{{ {FORM} {{ fields {{ requiredWhen {{ %s }} }} }} }}"

    def first(data: Any) -> Any:
        return next(one["requiredWhen"] for one in data["formDefinition"]["fields"] if one["requiredWhen"])

    return Subject(asked, first, stage.cast.nurse)


def _candidate(stage: Stage) -> Subject:
    """The application that somebody would claim."""
    asked = f'{{ claimCandidate(idNumber: "{stage.unaddressed}") {{ %s }} }}'
    return Subject(asked, lambda data: data["claimCandidate"], stage.cast.nurse)


def _unread(stage: Stage) -> Subject:
    """The row that could not be compared."""
    asked = "{ rosterChecks { nodes { rows(finding: UNREADABLE) { nodes { %s } } } } }"

    def pick(data: Any) -> Any:
        found = data["rosterChecks"]["nodes"]
        return found[0]["rows"]["nodes"][0] if found else None

    return Subject(asked, pick, stage.cast.nurse)


def _delivery_of(outcome: str) -> Pick:
    """The delivery of an application's decision with this outcome."""
    return lambda it: next((one["delivery"] for one in it["decisions"] if one["_outcome"] == outcome), None)


def _connection(noun: str, subject: str, root: str, *path: str, nurse: str | None = None) -> dict[str, Make]:
    """A list and what lies in it: one page, and the first row with its cursor."""
    edges = _ask(root, *path, "edges", nurse=nurse)
    return {f"{noun}Connection: {subject}": _ask(root, *path, nurse=nurse), f"{noun}Edge: {subject}": edges}


def _filed(kind: Kind) -> Make:
    name, form = f"files {kind}", FORMS[kind].__name__
    return _application(name, name, f"form {{ ... on {form} {{ %s }} }}", lambda it: it["form"])


def _help(noun: str, inside: str, pick: Pick) -> Make:
    """The question or announcement of the stage: in lists others may come first."""
    return lambda stage: _by_id(noun, stage.ids[noun.lower()], stage.cast.nurse, inside, pick)


def _before_activation(stage: Stage) -> Subject:
    """The inactive nurse of this section is the one who filed it."""
    inactive = stage.nurses["not active"]
    return replace(_by_id("Application", stage.ids["before activation"], stage.cast.nurse), inactive=inactive)


SIGNED_IN: Final = "for everybody who is signed in"
DECISION: Final = "under decision"
CHECK: Final = "collectiveFilingCheck(input: {kind: RENEWAL, where: {}, form: {renewal: {healthStatus: GOOD, " + (
    f'healthExaminedOn: "{TODAY}", department: WARD, title: SENIOR_NURSE}}}}}})'
)
ELIGIBLE: Final = 'eligibility(kind: RENEWAL, nurseId: "$early")'
FILING: Final = 'collectiveFiling(id: "$filing")'
BATCH: Final = 'applicationBatch(id: "$batch")'
TRIED: Final = 'applicationsCheck(input: {step: TAKE, ids: ["$decided"]})'
REQUIRED: Final = 'materialRequirements(kind: REISSUE, authority: "$province")'
WARD: Final = 'wardNurses(where: {unit: {eq: "$ward"}})'
SCANNED: Final = 'publicCertificate(token: "$token")'
RECEIPT: Final = 'receiptCheck(receipt: "$receipt")'
BARRED: Final = 'practiceAlerts(where: {since: {gt: "1900-01-01"}})'
PERIOD: Final = f'since: "{TODAY - timedelta(days=1)}T00:00:00Z", until: "{TODAY + timedelta(days=3)}T00:00:00Z"'
AUDIT: Final = f"auditEntries({PERIOD}, where: {{purpose: {{eq: OTHER}}}})"
VERIFIED: Final = 'nurseVerification(documentType: RESIDENT_ID, idNumber: "$number", purpose: ROSTER)'
AS_OF: Final = f'nurseAsOf(id: "$nurse", asOf: "{TODAY}")'
FORM: Final = "formDefinition(kind: DEREGISTRATION)"
HOLIDAYS: Final = f'calendar(from: "{TODAY.year}-10-01", until: "{TODAY.year}-10-10")'
FILING_SUBJECTS: Final[Mapping[str, Make]] = {
    **{f"{FORMS[kind].__name__}: filed": _filed(kind) for kind in Kind if kind is not Kind.RENEWAL},
    "Application: filed by her institution, and objected to": _application(
        "files DEREGISTRATION", "files DEREGISTRATION"
    ),
    "Application: filed by her institution for many": _application("filed for", "filed for"),
    "Application: filed before her account was active": _before_activation,
    "ApplicationDeadline: of the application under decision": _application(
        DECISION, None, "deadline { %s }", lambda it: it["deadline"]
    ),
    "ApplicationPause: of the application under decision": _application(
        DECISION,
        None,
        "deadline { pausedSpans { %s } }",
        lambda it: it["deadline"] and _first("pausedSpans")(it["deadline"]),
    ),
    "Material: of the application under decision": _application(
        DECISION, None, "materials { %s }", _first("materials")
    ),
    "MaterialMark: of the application returned to the nurse": _application(
        "returned", "returned", "markedMaterials { %s }", _first("markedMaterials")
    ),
    "ChecklistItem: of the application under decision": _application(
        DECISION, None, "checklist { %s }", _first("checklist")
    ),
    **_connection("MaterialRequirement", SIGNED_IN, REQUIRED),
    **_connection("CalendarDay", SIGNED_IN, HOLIDAYS),
    "MaterialRequirement: of a province": _ask(REQUIRED, "nodes", mark="code", wanted="LOCAL_PROOF"),
    # One that another has followed.
    "LawSetting: of the nation": _ask("lawSettings(subject: HEALTH_ARTICLE)", mark="inForce", wanted=False),
    "PrivacyNotice: for everybody": _ask("privacyNotice"),
    "PrivacyAcceptance: of the nurse": _ask("privacyNotice", "accepted"),
    "CalendarDay: a holiday": _ask(HOLIDAYS, "nodes", mark="note"),
    "ApplicationKindRule: for everybody": _ask("applicationKinds"),
    "FormDefinition: for everybody": _ask(FORM),
    "FormField: for everybody": _ask(FORM, "fields"),
    "FormChoice: for everybody": _ask(FORM, "fields", "choices"),
    "FormCondition: for everybody": _condition,
    "ReviewReason: for everybody": _ask("reviewReasons", mark="code", wanted="OTHER_CORRECTION"),
    "Eligibility: of a nurse who may not renew yet": _ask(ELIGIBLE, nurse="early"),
    "EligibilityVerdict: that it is too early": _ask(ELIGIBLE, "verdicts", mark="earliest", nurse="early"),
    "RegistrationSpan: of the nurse": _nurse(
        None, "registration { spans { %s } }", lambda it: _first("spans")(it["registration"])
    ),
    "Certificate: of the nurse": _nurse(
        None, "registration { certificates { %s } }", lambda it: _first("certificates")(it["registration"])
    ),
    "PublicCertificate: that is printed": _ask(SCANNED),
    "PublicNurse: whose certificate is printed": _ask(SCANNED, "nurse"),
    "ReceiptCheck: of a certificate that is printed": _ask(RECEIPT),
    "ReceiptStatement: of a certificate that is printed": _ask(RECEIPT, "statement"),
    "RegistrationSpan: of a nurse who is a guest elsewhere": _nurse(
        "away",
        "registration { spans { _kind: kind %s } }",
        lambda it: next((one for one in it["registration"]["spans"] if one["_kind"] == "DISPATCH"), None),
    ),
    "RegistrationSpan: of a nurse who interrupted her practice": _nurse(
        "away",
        "registration { spans { _kind: kind %s } }",
        lambda it: next((one for one in it["registration"]["spans"] if one["_kind"] == "INTERRUPTION"), None),
    ),
    **_connection("Interruption", "one's own", "interruptions", nurse="away"),
    "Interruption: that she disputed": _ask("interruptions", "nodes", mark="answer", nurse="away"),
    **_connection("Dispatch", "one's own", "dispatches", nurse="away"),
    "Dispatch: of a guest elsewhere": lambda stage: _by_id("Dispatch", stage.ids["dispatch"], stage.nurses["away"]),
    **_connection("ConductRecord", "one's own", "conductRecords", nurse="away"),
    "ConductRecord: that stands": lambda stage: _by_id("ConductRecord", stage.ids["record"], stage.nurses["away"]),
    **_connection("Delivery", "one's own", "undeliveredDecisions"),
    "Delivery: of the correction asked for": _application(
        DECISION, None, "decisions { _outcome: outcome delivery { %s } }", _delivery_of("CORRECTION_REQUIRED")
    ),
    **_connection("CertificateBlank", "one's own", "certificateBlanks"),
    "CertificateBlank: with her certificate, which a proxy took": _ask("certificateBlanks", "nodes"),
    **_connection("CertificateStock", "one's own", "certificateStocks"),
    "CertificateStock: of the district": _ask("certificateStocks", "nodes"),
    **_connection("Departure", "one's own", "departures", nurse="left"),
    "Departure: of a nurse who disputes it": _ask("departures", "nodes", mark="dispute", nurse="left"),
    **_connection("InformationChange", "one's own", "informationChanges"),
    "InformationChange: of the nurse, reviewed": _ask("informationChanges", "nodes"),
    "InformationForm: of a change that was reviewed": _ask("informationChanges", "nodes", "asked"),
    **_connection("Unit", "one's own", "units"),
    "Unit: of the nurse": _ask("units", "nodes", mark="otherDepartment"),
    "UnitLimit: of somebody who is limited": lambda stage: _by_id(
        "Account", stage.ids["limited"], stage.cast.nurse, "units { %s }", _first("units")
    ),
    **_connection("RosterCheck", "one's own", "rosterChecks"),
    "RosterCheck: of the operator": _ask("rosterChecks", "nodes"),
    **_connection("RosterCheckRow", "of the operator", "rosterChecks", "nodes", "rows"),
    "RosterCheckRow: that differs": _ask("rosterChecks", "nodes", "rows", "nodes"),
    "RosterCheckRow: that cannot be read": _unread,
    **_connection("WardNurse", "of the hospital", WARD),
    "WardNurse: whose application waits": _ask(WARD, "nodes"),
    **_connection("PracticeAlert", "of the hospital", BARRED),
    "PracticeAlert: who is suspended": _ask(BARRED, "nodes"),
    "PracticeReason: of who is suspended": _ask('practiceReason(nurseId: "$suspended")'),
    "WardApplication: that waits": _ask(WARD, "nodes", "applications"),
    "PreReview: of the application under decision": _application(
        DECISION, None, "preReviews { %s }", _first("preReviews")
    ),
    **_connection("Question", "one's own", "questions"),
    "Question: of the nurse": _help("Question", "%s", lambda it: it),
    "QuestionMessage: of the nurse": _help("Question", "messages { %s }", _first("messages")),
    "QuestionFile: of the nurse": _help("Question", "files { %s }", _first("files")),
    "GuestQuestion: by its token": _ask('guestQuestion(token: "$guest")'),
    **_connection("Announcement", "one's own", "announcements"),
    "Announcement: of the district": _help("Announcement", "%s", lambda it: it),
    "AnnouncementMark: of the nurse": _help("Announcement", "read { %s }", lambda it: it["read"]),
    **_connection("Manual", "one's own", "manuals"),
    "Manual: for everybody": _ask("manuals", "nodes"),
    "Faq: for everybody": _ask("faqs"),
    "Entrance: for everybody": _ask("entrance"),
    "SupportLine: for everybody": _ask("entrance", "support"),
    **_connection("Look", "at the nurse", "looks"),
    "Look: at the nurse": _ask("looks", "nodes", mark="note"),
    **_connection("LookComplaint", "one's own", "lookComplaints"),
    "LookComplaint: of the nurse, answered": _ask("lookComplaints", "nodes", mark="answer"),
    **_connection("Investigation", "of the district", "investigations"),
    "Investigation: of the district, confirmed": _ask("investigations", "nodes", mark="confirmedAt"),
    **_connection("AuditEntry", "of the area", AUDIT),
    "AuditEntry: a look at the nurse": _ask(AUDIT, "nodes", mark="note"),
    "NurseVerification: of the nurse": _ask(VERIFIED),
    "NurseAsOf: today": _ask(AS_OF),
    "RegistrationAsOf: today": _ask(AS_OF, "registration"),
    "RecordAsOf: today": _ask(AS_OF, "record"),
    **_connection("Photo", "one's own", "photos"),
    "Photo: of the nurse, refused": _ask("photos", "nodes", mark="endedAt"),
    **_connection("Proposal", "one's own", "proposals", nurse="early"),
    "Proposal: to deregister her": _ask("proposals", "nodes", mark="reason", nurse="early"),
    "Proposal: to merge another record into hers": _ask("proposals", "nodes", mark="evidence", nurse="early"),
    "Proposal: to undo a decision": _ask("proposals", "nodes", mark="ground", nurse="moved"),
    "ApprovalSetting: of her institution": lambda stage: _by_id(
        "Institution", stage.cast.hospital, stage.cast.nurse, "approvalSettings { %s }", _first("approvalSettings")
    ),
    "ApprovalSettingChoice: of one's own institution": _ask("approvalSettingChoices"),
    "ClaimCandidate: of a nurse who names no institution": _candidate,
    "Institution: merged into hers": lambda stage: _by_id("Institution", stage.ids["merged"], stage.cast.nurse),
    **_connection("CollectiveFiling", "one's own", "collectiveFilings"),
    "CollectiveFiling: of her institution": _ask(FILING),
    **_connection("CollectiveFilingItem", "of her institution", FILING, "items"),
    "CollectiveFilingItem: filed": _ask(FILING, "items", "nodes", mark="outcome", wanted="FILED"),
    "CollectiveFilingItem: refused": _ask(FILING, "items", "nodes", mark="outcome", wanted="REFUSED"),
    **_connection("ApplicationBatch", "one's own", "applicationBatches"),
    "ApplicationBatch: of her institution": _ask(BATCH),
    **_connection("ApplicationBatchItem", "of her institution", BATCH, "items"),
    "ApplicationBatchItem: done": _ask(BATCH, "items", "nodes", mark="outcome", wanted="DONE"),
    "ApplicationBatchItem: left out": _ask(BATCH, "items", "nodes", mark="outcome", wanted="REFUSED"),
    "ApplicationsCheck: of the application under decision": _ask(TRIED),
    **_connection("ApplicationsCheckItem", "of the application under decision", TRIED, "items"),
    "ApplicationsCheckItem: of the application under decision": _ask(TRIED, "items", "nodes"),
    **_connection("CollectiveFilingCheckItem", "of one's own nurses", CHECK),
    "CollectiveFilingCheckItem: of one's own nurses": _ask(CHECK, "nodes", mark="eligible", wanted=False),
    "RecordChange: of one's own nurses": _ask(CHECK, "nodes", "changes"),
}
"""How to ask for each section's object, where it hangs on an application, a registration or an institution."""


def subject(stage: Stage, section: Section) -> Subject:
    """How to ask for a section's object, whatever it is about."""
    make = event_subject(section) or FILING_SUBJECTS.get(str(section))
    return make(stage) if make else people_subject(stage, section)

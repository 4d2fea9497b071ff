"""How to ask for each object of the authorization matrix: one document a section, the same for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from graph.root import schema
from graph.schema.node import global_id
from tests.support.authority_matrix import Section
from tests.support.authority_stage import Stage
from tests.support.public_register import written
from tests.support.world import TODAY, Person

Pick = Callable[[Any], Any]


@dataclass(frozen=True)
class Subject:
    """A document with a place for the fields, the object in its answer, and who "the nurse" is (and "inactive nurse")."""

    document: str
    pick: Pick
    nurse: Person | None = None
    variables: Callable[[Person | None], Mapping[str, Any]] = field(default=lambda person: {})
    arguments: Mapping[str, str] = field(default_factory=dict)
    inactive: Person | None = None

    def asking(self, kind: str, names: Iterable[str]) -> str:
        """The document with these fields of the object."""
        selected = fields_of(kind)
        fields = [name + self.arguments.get(name, "") + selected[name].removeprefix(name) for name in names]
        return self.document.replace("%s", " ".join(fields))


Make = Callable[[Stage], Subject]


def fields_of(kind: str) -> dict[str, str]:
    """Each field of a type, as it is selected."""
    found = schema._schema.type_map[kind]
    assert isinstance(found, GraphQLObjectType)
    leaf = {name: is_leaf_type(get_named_type(one.type)) for name, one in found.fields.items()}
    return {name: name if leaf[name] else f"{name} {{ __typename }}" for name in leaf}


def _by_id(
    noun: str, key: UUID, nurse: Person | None = None, inside: str = "%s", pick: Pick = lambda it: it
) -> Subject:
    document = f'{{ it: node(id: "{global_id(noun, key)}") {{ ... on {noun} {{ {inside} }} }} }}'
    return Subject(document, lambda data: data["it"] and pick(data["it"]), nurse)


def _first(name: str) -> Pick:
    return lambda it: next(iter(it[name]), None)


def _decision(at: str, outcome: str) -> Make:
    def pick(it: Any) -> Any:
        return next((one for one in it["decisions"] if (one["_stage"], one["_outcome"]) == (at, outcome)), None)

    return _application("under decision", None, "decisions { _stage: stage _outcome: outcome %s }", pick)


def _roots(stage: Stage) -> Subject:
    nurse = global_id("Nurse", stage.cast.nurse_id)
    arguments = {
        "node": f'(id: "{nurse}")',
        "nodes": f'(ids: ["{nurse}"])',
        "nurse": f'(id: "{nurse}")',
        "application": f'(id: "{global_id("Application", stage.ids["under decision"])}")',
        "institution": f'(id: "{global_id("Institution", stage.cast.hospital)}")',
        "nurseCounts": "(by: [EDUCATION])",
        "claimCandidate": f'(idNumber: "{stage.unaddressed}")',
        "calendar": '(from: "2025-10-01", until: "2025-10-10")',
        "collectiveFiling": f'(id: "{global_id("CollectiveFiling", stage.ids["filing"])}")',
        "applicationBatch": f'(id: "{global_id("ApplicationBatch", stage.ids["batch"])}")',
        "applicationsCheck": f'(input: {{step: TAKE, ids: ["{global_id("Application", stage.ids["under decision"])}"]}})',
        "collectiveFilingCheck": "(input: {kind: RENEWAL, where: {}})",
        "eligibility": f'(kind: RENEWAL, nurseId: "{nurse}")',
        "faqVersions": f'(id: "{global_id("Faq", stage.ids["faq"])}")',
        "guestQuestion": f'(token: "{stage.token}")',
        "materialRequirements": "(kind: RENEWAL)",
        "formDefinition": "(kind: RENEWAL)",
        "publicCertificate": f'(token: "{written(stage.certificate_token)}")',
        "receiptCheck": f'(receipt: "{stage.receipt}")',
        "practiceReason": f'(nurseId: "{nurse}")',
        "nurseVerification": f'(documentType: RESIDENT_ID, idNumber: "{stage.number}", purpose: ROSTER)',
        "nurseVerificationByCertificate": f'(certificateNumber: "{stage.certificate}", name: "王护士", purpose: ROSTER)',
        "nurseAsOf": f'(id: "{nurse}", asOf: "{TODAY}")',
        "auditEntries": f'(since: "{TODAY}T00:00:00Z", until: "{TODAY + timedelta(days=1)}T00:00:00Z")',
        "nurseByDocument": f'(documentType: RESIDENT_ID, idNumber: "{stage.number}", purpose: ROSTER)',
    }
    return Subject("{ %s }", lambda data: data, stage.cast.nurse, arguments=arguments)


def _page(root: str, inside: str = "%s", *path: str) -> Make:
    """A list of one's own, or what lies in it."""

    def pick(data: Any) -> Any:
        found = data[root]
        for name in path:
            found = found[name][0] if isinstance(found[name], list) else found[name]
        return found

    return lambda stage: Subject(f"{{ {root} {{ {inside} }} }}", pick)


def _feeds(stage: Stage) -> Subject:
    arguments = {
        "collectiveFilingFeed": f'(id: "{global_id("CollectiveFiling", stage.ids["filing"])}")',
        "applicationBatchFeed": f'(id: "{global_id("ApplicationBatch", stage.ids["batch"])}")',
    }
    return Subject("subscription { %s }", lambda data: data, arguments=arguments)


def _feed(stage: Stage, root: str, kind: str, birth: UUID | None = None, change: str | None = None) -> Subject:
    """The first message of this type (and change), after the very beginning of one's own feed."""

    def pick(data: Any) -> Any:
        found = data[root]
        return found if found["__typename"] == kind and change in (None, found.get("_change")) else None

    inside = f"__typename ... on {kind} {{ {'_change: change' if change else ''} %s }}"
    document = f"subscription($after: String) {{ {root}(after: $after) {{ {inside} }} }}"
    return Subject(document, pick, None, lambda person: {"after": stage.beginning(person, birth)})


def subject(stage: Stage, section: Section) -> Subject:
    """How to ask for a section's object."""
    return SUBJECTS[str(section)](stage)


def _application(name: str, nurse: str | None = None, inside: str = "%s", pick: Pick = lambda it: it) -> Make:
    def make(stage: Stage) -> Subject:
        person = stage.cast.nurse if nurse is None else stage.nurses[nurse]
        return _by_id("Application", stage.ids[name], person, inside, pick)

    return make


def _nurse(name: str | None = None, inside: str = "%s", pick: Pick = lambda it: it) -> Make:
    def make(stage: Stage) -> Subject:
        person = stage.cast.nurse if name is None else stage.nurses[name]
        assert person.actor.nurse_id is not None
        return _by_id("Nurse", person.actor.nurse_id, person, inside, pick)

    return make


def _account(of: str) -> Make:
    def make(stage: Stage) -> Subject:
        person = stage.people[of]
        assert person is not None
        return _by_id("Account", person.account_id, stage.cast.nurse)

    return make


def _count(by: str) -> Make:
    return lambda stage: Subject(f"{{ nurseCounts(by: [{by}]) {{ %s }} }}", lambda data: data["nurseCounts"][0])


DESK: Final = "pendingReviewFeed"
HISTORY: Final = "registration { history { %s } }"
SUBJECTS: Final[Mapping[str, Make]] = {
    "Query: about the application under decision": _roots,
    "Subscription: one's own feeds": _feeds,
    "Viewer: oneself": lambda stage: Subject("{ viewer { %s } }", lambda data: data["viewer"], stage.cast.nurse),
    "Account: of the nurse": _account("the nurse"),
    "Account: of an operator": _account("operator"),
    "Account: of a reviewer": _account("reviewer"),
    "Nurse: with an application under decision": _nurse(),
    "Nurse: who has moved to another province": _nurse("moved"),
    "Nurse: who applies here from another province": _nurse("coming"),
    "Registration: of the nurse": _nurse(None, "registration { %s }", lambda it: it["registration"]),
    "Registration: ended": _nurse("ended", "registration { %s }", lambda it: it["registration"]),
    "RegistrationHistory: of the nurse": _nurse(None, HISTORY, lambda it: it["registration"]["history"][0]),
    "Application: draft": _application("draft"),
    "Application: at the institution": _application("at institution", "at institution"),
    "Application: returned to the nurse": _application("returned", "returned"),
    "Application: at the authority": _application("at authority", "at authority"),
    "Application: under decision": _application("under decision"),
    "Application: approved, of the nurse who has moved": _application("approved", "moved"),
    "ReviewDecision: returned by the institution": _decision("INSTITUTION", "RETURNED"),
    "ReviewDecision: correction asked for by the authority": _decision("AUTHORITY_REVIEW", "CORRECTION_REQUIRED"),
    "ReviewDecision: a reviewer's recommendation": _decision("AUTHORITY_REVIEW", "AGREED"),
    "ApplicationRevision: of the application under decision": _application(
        "under decision", None, "revisions { %s }", _first("revisions")
    ),
    "RenewalForm: of the application under decision": _application(
        "under decision", None, "form { ... on RenewalForm { %s } }", lambda it: it["form"]
    ),
    "Institution: hers": lambda stage: _by_id("Institution", stage.cast.hospital, stage.cast.nurse),
    "Authority: its": lambda stage: _by_id("Authority", stage.cast.district, stage.cast.nurse),
    "ApplicationConnection: one's own": _page("pendingReviews"),
    "ApplicationEdge: one's own": _page("pendingReviews", "edges { %s }", "edges"),
    "NurseConnection: one's own": _page("nurses"),
    "NurseEdge: one's own": _page("nurses", "edges { %s }", "edges"),
    "NurseCount: one's own, by schooling and work": _count("EDUCATION, TITLE, DEPARTMENT"),
    "NurseCount: one's own, by office": _count("POST, WORK_CATEGORY"),
    "NurseCount: one's own, by who they are": _count("SEX, STATUS, AGE_GROUP"),
    "NurseCount: one's own, by where they stand": _count("STANDING, EXPIRY, ACCOUNT_STATUS"),
    "PageInfo: one's own": _page("pendingReviews", "pageInfo { %s }", "pageInfo"),
    "EventPage: one's own": lambda stage: Subject("{ events { %s } }", lambda data: data["events"]),
    "PendingReviewCounts: one's own": _page("pendingReviewCounts"),
    "PendingReviewCount: one's own": _page("pendingReviewCounts", "counts { %s }", "counts"),
    "PendingReviewChange: of a row that comes": lambda stage: _feed(stage, DESK, "PendingReviewChange"),
    "PendingReviewChange: of a row that goes": lambda stage: _feed(stage, DESK, "PendingReviewChange", None, "REMOVED"),
    "FeedHeartbeat: of one's own pending reviews": lambda stage: _feed(stage, DESK, "FeedHeartbeat"),
    "FeedReset: of one's own pending reviews": lambda stage: _feed(stage, DESK, "FeedReset", UUID(int=1)),
    "FeedHeartbeat: of one's own events": lambda stage: _feed(stage, "eventFeed", "FeedHeartbeat"),
    "FeedReset: of one's own events": lambda stage: _feed(stage, "eventFeed", "FeedReset", UUID(int=1)),
}
"""How to ask for each section's object; more of them are in authority_people and authority_lookups."""

"""Every list is one kind of list: a connection, declared once, and read by a plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLField, GraphQLList, GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type

import graph
from db.read.listing import PAGE, Listing
from db.read.shapes import LISTINGS
from graph.planned import ROOTS
from graph.root import schema
from graph.schema.page import PAGE_ARGUMENTS

TYPES = {name: kind for name, kind in schema._schema.type_map.items() if isinstance(kind, GraphQLObjectType)}
FEED = "a feed's history, whose cursors are those of the feed"
ONE_OWNER = "the newest of one row's own, which are few; `first` says how many"
BOUNDED = "as many as the law, the form or the request has"
NO_CONNECTIONS = {
    "EventPage.nodes": FEED,
    **dict.fromkeys(
        (
            *(
                "Nurse.applications",
                "Registration.history",
                "Registration.spans",
                "Registration.certificates",
                "Application.decisions",
            ),
            *("Application.revisions", "Application.materials", "ApplicationDeadline.pausedSpans"),
            *("Institution.approvalSettings", "Viewer.applications", "Account.units", "Application.preReviews"),
            *("WardApplication.preReviews", "WardNurse.applications"),
        ),
        ONE_OWNER,
    ),
    **dict.fromkeys(
        (
            *(
                "Application.checklist",
                "Application.formProblems",
                "ApprovalSettingChoice.choices",
                "Query.approvalSettingChoices",
                "Eligibility.openApplications",
                "FormDefinition.fields",
                "Query.informationDefinition",
                "FormField.choices",
                "CollectiveFilingCheckItem.problems",
                "CollectiveFilingCheckItem.notes",
                "CollectiveFilingCheckItem.changes",
                "CollectiveFilingItem.problems",
                "ApplicationBatchItem.problems",
                "ApplicationsCheckItem.problems",
                "RosterCheck.notes",
                "RosterCheckRow.changes",
                "RosterCheckRow.problems",
                "PhotoArchiveItem.problems",
            ),
            *("Eligibility.verdicts", "PendingReviewCounts.counts", "Query.applicationKinds", "Query.nodes"),
            *("Query.faqs", "Query.faqVersions", "Entrance.manuals", "HelpSeen.applications"),
            *("Question.messages", "Question.files", "GuestQuestion.messages"),
            *("Query.nurseCounts", "Query.reviewReasons", "ValidationProblem.fields", "Query.lawSettings"),
            *(
                "Application.markedMaterials",
                "ReviewDecision.markedMaterials",
                "WorkHandoverPayload.items",
                "PhotoArchiveFilePayload.items",
                "CertificateBlanksUsePayload.certificateBlanks",
                "CertificatesHandOutPayload.certificateBlanks",
                "CertificatesHandOutWithdrawPayload.certificateBlanks",
            ),
        ),
        BOUNDED,
    ),
}
"""The lists of objects that are no connections, and why."""
UNPLANNED = {
    *("activationIssuer", "passwordPolicy", "applicationKinds", "reviewReasons", "eligibility"),
    *("claimCandidate", "approvalSettingChoices", "privacyNotice", "publicCertificate", "receiptCheck"),
    *("applicationsCheck",),
    *("collectiveFilingCheck", "nurseByDocument", "nurseVerification", "nurseVerificationByCertificate", "nurseAsOf"),
    *("practiceReason", "lawSettings", "formDefinition", "informationDefinition"),
    *("faqs", "faqVersions", "entrance", "guestQuestion"),
}
"""The questions that the rules answer, or a step that is only tried, what is counted first, or a past day; everything else is read by one statement."""


def lists() -> Iterator[str]:
    """Every field that answers a list of objects, but for what a connection is made of."""
    for name, kind in TYPES.items():
        if name.startswith("__") or name.endswith("Connection"):
            continue
        yield from (f"{name}.{field}" for field, found in kind.fields.items() if _is_list(found))


def _is_list(field: GraphQLField) -> bool:
    kind = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    return isinstance(kind, GraphQLList) and not is_leaf_type(get_named_type(kind))


def field_of(name: str) -> GraphQLField:
    """The field of a list: of the query where no type is named."""
    owner, _, field = name.rpartition(".")
    return TYPES[owner or "Query"].fields[field]


def test_no_list_that_can_grow_is_anything_but_a_connection() -> None:
    assert {*lists()} == {*NO_CONNECTIONS}


def test_every_connection_of_a_field_is_a_declared_list() -> None:
    paged = {
        f"{kind}.{name}".removeprefix("Query.")
        for kind, found in TYPES.items()
        for name, field in found.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }
    # What a dry run would file stands in no table.
    assert paged - {"collectiveFilingCheck", "ApplicationsCheck.items"} == {*LISTINGS}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_list_takes_what_is_declared_of_it(name: str) -> None:
    listing: Listing = LISTINGS[name]
    declared = {*PAGE_ARGUMENTS, *listing.arguments, *([listing.owner.argument] if listing.owner else [])}
    declared |= {"where"} if listing.filters else set()
    declared |= {"orderBy"} if len(listing.orders) > 1 else set()
    assert {*field_of(name).args} == declared
    assert get_named_type(field_of(name).type).name == f"{listing.noun}Connection"


def test_all_questions_about_rows_are_planned() -> None:
    query = TYPES["Query"].fields
    assert {*query} - {*ROOTS} == UNPLANNED
    assert {*ROOTS} <= {*query}
    assert len(ROOTS) >= 24


def test_the_size_of_a_page_stands_in_one_place() -> None:
    root = Path(graph.__file__).parents[1]
    sources = (path for floor in ("graph", "db", "web", "workflow") for path in (root / floor).rglob("*.py"))
    found = {str(path.relative_to(root)) for path in sources if f"PAGE: Final = {PAGE}\n" in path.read_text("utf-8")}
    assert found == {"db/read/listing.py"}

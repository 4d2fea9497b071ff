"""The questions of the bench. Mercurius gets the same documents; those of PostGraphile stand beside its server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

ROSTER: Final = """
query Roster($first: Int, $after: String) {
  nurses(first: $first, after: $after) {
    nodes {
      id name sex birthDate idNumberMasked phoneMasked education title department
      registration { certificateNumber validUntil standing institution { name } }
      applications(first: 1) { kind state submittedAt decisions(first: 5) { stage outcome at } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

WALK: Final = """
query Walk($first: Int, $after: String) {
  nurses(first: $first, after: $after) { pageInfo { hasNextPage endCursor } }
}"""

NURSE: Final = """
query Nurse($id: ID!) {
  nurse(id: $id) {
    id name documentType idNumberMasked phoneMasked emailMasked sex birthDate age ethnicity nationality healthStatus
    examScore examPassedOn examYear examCertificateNumber examPoolLinked school major studyLength education degree
    graduatedOn studyHistory workCategory department post title startedWorkOn workHistory auxiliary goodRecord badRecord
    registration {
      id status standing mayPractise certificateNumber firstRegisteredOn validUntil lastKind deregistrationReason
      barUntil version institution { id code name state division } authority { id code name level }
      history(first: 10) { id at kind reason status certificateNumber validUntil institution { name } }
    }
    applications(first: 10) {
      id kind state version revision filedBy nurseName idNumberMasked certificateNumber markedFields receiptNumber
      dueOn promisedDueOn deemed createdAt submittedAt queuedAt forwardedAt acceptedAt decidedAt
      decisions(first: 20) { id revision stage outcome reasons markedFields opinion at }
      revisions(first: 10) { revision changedFields at }
    }
  }
}"""

QUEUE: Final = """
query Queue($first: Int, $after: String) {
  pendingReviews(first: $first, after: $after) {
    totalCount feedCursor
    nodes {
      id kind state version submittedAt nurseName idNumberMasked certificateNumber nurse { id name title }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

COUNTS: Final = """
query Counts($within: ID!) {
  nurseCounts(within: $within, by: [EDUCATION, TITLE, STATUS]) { education title status count }
}"""

_MOVED: Final = """
mutation %s($input: %s!) {
  done: %s(input: $input) { __typename ... on ApplicationPayload { application { id state version submittedAt } } }
}"""
SUBMIT: Final = _MOVED % ("Submit", "ApplicationSubmitInput", "applicationSubmit")
APPROVE: Final = _MOVED % ("Approve", "ApplicationOpinionInput", "applicationApprove")


@dataclass(frozen=True)
class Question:
    """One question; `share` is the least part of the whole CPU that must be PostgreSQL's."""

    name: str
    title: str
    document: str
    share: float | None = None


ONE_NURSE: Final = Question("nurse", "one nurse, everything", NURSE, share=0.4)
PENDING: Final = Question("queue", "pending queue (50, totalCount, feedCursor)", QUEUE, share=0.6)
PAGE: Final = Question("roster", "roster page (50 nurses)", ROSTER, share=0.6)
DEEP: Final = Question("deep", "roster page, deep", ROSTER, share=0.6)
PROVINCE: Final = Question("counts", "counts of a province by education, title, status", COUNTS)
SUBMISSION: Final = Question("submit", "submit", SUBMIT)
APPROVAL: Final = Question("approve", "approve", APPROVE)

READS: Final = (PAGE, ONE_NURSE, PENDING)
"""The questions that the peers are asked, too."""
STEPS: Final = (SUBMISSION, APPROVAL)
QUESTIONS: Final = (*READS, DEEP, PROVINCE, *STEPS)


@dataclass(frozen=True)
class Request:
    """One request: whose token, and the variables."""

    document: str
    token: str
    variables: dict[str, Any] = field(default_factory=dict)


PEOPLE: Final = frozenset({"name", "idNumberMasked", "certificateNumber", "validUntil"})
COMPARED: Final = PEOPLE | {
    *("sex", "birthDate", "phoneMasked", "education", "title", "department", "kind", "state", "stage", "outcome"),
    *(
        "school",
        "major",
        "ethnicity",
        "workHistory",
        "code",
        "receiptNumber",
        "dueOn",
        "version",
        "revision",
        "totalCount",
    ),
}


def facts(answer: Any, keys: frozenset[str] = COMPARED) -> list[tuple[str, str]]:
    """The facts of an answer without its form, ids, cursors and moments: the same from every system."""
    match answer:
        case dict():
            plain = [(key, str(value)) for key, value in answer.items() if key in keys]
            return sorted(plain + [fact for value in answer.values() for fact in facts(value, keys)])
        case list():
            return sorted(fact for value in answer for fact in facts(value, keys))
    return []

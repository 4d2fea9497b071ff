"""What can happen, in one table: the name on the wire, and who is told.

Adding an event is one line here; the GraphQL type, its description and the feeds read this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.application import PENDING, State, Step
from rules.people import Party


class QueueChange(StrEnum):
    """What an event does to the pending reviews of the scope that hears it."""

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    TAKEN = "TAKEN"
    PUT_BACK = "PUT_BACK"
    REMOVED = "REMOVED"


class Lost(StrEnum):
    """Why one cannot go on from a feed's cursor: EPOCH, another database; RETENTION, the events are gone."""

    EPOCH = "EPOCH"
    RETENTION = "RETENTION"


_ALL = frozenset({Party.NURSE, Party.INSTITUTION, Party.AUTHORITY})


@dataclass(frozen=True, slots=True)
class EventKind:
    """One thing that can happen: `type` on the wire, `name` in GraphQL, told to `audience`."""

    type: str
    description: str
    audience: frozenset[Party] = _ALL

    @property
    def name(self) -> str:
        """`application.correction_required` is the GraphQL type ApplicationCorrectionRequired."""
        return "".join(part.capitalize() for part in self.type.replace(".", "_").split("_"))


_STAFF = frozenset({Party.INSTITUTION, Party.AUTHORITY})
_AUTHORITY = frozenset({Party.AUTHORITY})

EVENTS: Final[Mapping[str, EventKind]] = {
    kind.type: kind
    for kind in (
        EventKind("application.submitted", "An application was filed (提交申请)."),
        EventKind("application.resubmitted", "A returned application was filed again (重新提交)."),
        EventKind("application.returned", "The institution sent an application back for correction (机构退回)."),
        EventKind("application.forwarded", "The institution confirmed an application (机构同意)."),
        EventKind("application.declined", "The institution declined an application (机构不同意)."),
        EventKind("application.correction_required", "The authority asked for corrections (补正告知)."),
        EventKind("application.supplemented", "The corrections asked for were supplied (已补正)."),
        EventKind("application.accepted", "The authority accepted an application for decision (受理)."),
        EventKind("application.not_accepted", "The authority refused to take an application in (不予受理)."),
        EventKind("application.recommended", "A reviewer gave an opinion (审查意见).", _AUTHORITY),
        EventKind("application.decided", "The authority decided (审批决定)."),
        EventKind("application.withdrawn", "An application was withdrawn (撤回)."),
        EventKind("application.taken", "A colleague took an application to work on (领取).", _STAFF),
        EventKind("application.put_back", "A colleague put an application back (放回).", _STAFF),
    )
}

EVENT_OF: Final[Mapping[Step, str]] = {
    Step.SUBMIT: "application.submitted",
    Step.RESUBMIT: "application.resubmitted",
    Step.RETURN: "application.returned",
    Step.FORWARD: "application.forwarded",
    Step.DECLINE: "application.declined",
    Step.REQUIRE_CORRECTION: "application.correction_required",
    Step.SUPPLEMENT: "application.supplemented",
    Step.ACCEPT: "application.accepted",
    Step.REFUSE_INTAKE: "application.not_accepted",
    Step.RECOMMEND: "application.recommended",
    Step.APPROVE: "application.decided",
    Step.REJECT: "application.decided",
    Step.WITHDRAW: "application.withdrawn",
    Step.TAKE: "application.taken",
    Step.PUT_BACK: "application.put_back",
}
"""Which event a step tells; a draft is nobody's business but the nurse's."""


EventType = StrEnum("EventType", {one.replace(".", "_").upper(): one for one in EVENTS})  # type: ignore[misc]
EventType.__doc__ = "What can happen; the name on the wire has a dot and small letters."


def queue_change(party: Party, step: Step, source: State | None, target: State) -> QueueChange | None:
    """What a step does to the pending reviews of one end of the system; None where it does not touch them."""
    pending = PENDING.get(party, frozenset())
    match source in pending, target in pending:
        case False, True:
            return QueueChange.ADDED
        case True, False:
            return QueueChange.REMOVED
        case True, True:
            leases = {Step.TAKE: QueueChange.TAKEN, Step.PUT_BACK: QueueChange.PUT_BACK}
            return leases.get(step, QueueChange.CHANGED)
        case _:
            return None


def queue_count(change: QueueChange | None, source: State | None, target: State) -> dict[str, State | None]:
    """Which count of pending reviews, by state, a change takes one from (`left`) and adds one to (`entered`)."""
    if source is target:
        return {}
    match change:
        case QueueChange.ADDED:
            return {"entered": target}
        case QueueChange.REMOVED:
            return {"left": source}
        case QueueChange.CHANGED:
            return {"left": source, "entered": target}
    return {}

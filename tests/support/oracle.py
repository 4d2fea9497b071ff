"""What the machine should do, written once more from the handbook's prose and never from `rules/moves.py`.

Plain memory: no database, no locks. `tests/support/oracle_walk.py` takes the same acts here and there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from rules.kinds import Kind

# What is done, where it stands, who does it, and where it goes (blank: it stays). The handbook's table, row by row.
HANDBOOK: Final = """
SAVE_DRAFT         | DRAFT                             | N     |
SUBMIT             | DRAFT                             | N     | INSTITUTION_REVIEW
OBJECT             | AUTHORITY_INTAKE ACCEPTED         | N AR  |
OBJECT             | CORRECTION_REQUIRED               | N AR  |
ANSWER_OBJECTION   | AUTHORITY_INTAKE ACCEPTED         | AR    |
CLAIM_BY_ID_NUMBER | INSTITUTION_REVIEW                | IO    |
REJECT_CLAIM       | INSTITUTION_REVIEW                | N     | RETURNED
TAKE               | INSTITUTION_REVIEW                | IO    |
TAKE               | AUTHORITY_INTAKE                  | AR    |
TAKE               | ACCEPTED                          | AR AD |
PUT_BACK           | INSTITUTION_REVIEW                | IO    |
PUT_BACK           | AUTHORITY_INTAKE ACCEPTED         | AR AD |
REASSIGN           | INSTITUTION_REVIEW                | IM    |
REASSIGN           | AUTHORITY_INTAKE ACCEPTED         | AS    |
RETURN             | INSTITUTION_REVIEW                | IO    | RETURNED
RESUBMIT           | RETURNED                          | N     | INSTITUTION_REVIEW
FORWARD            | INSTITUTION_REVIEW                | IO    | AUTHORITY_INTAKE
DECLINE            | INSTITUTION_REVIEW                | IO    | INSTITUTION_REJECTED
ESCALATE           | INSTITUTION_REVIEW                | N     | AUTHORITY_INTAKE
REQUIRE_CORRECTION | AUTHORITY_INTAKE                  | AR    | CORRECTION_REQUIRED
SUPPLEMENT         | CORRECTION_REQUIRED               | N IO AR | ACCEPTED
ACCEPT             | AUTHORITY_INTAKE                  | AR    | ACCEPTED
REFUSE_INTAKE      | AUTHORITY_INTAKE                  | AR    | NOT_ACCEPTED
TRANSFER           | AUTHORITY_INTAKE                  | AR    |
HOLD               | ACCEPTED                          | AR    |
RESUME             | ACCEPTED                          | AR    |
EXTEND             | ACCEPTED                          | AS    |
RECOMMEND          | ACCEPTED                          | AR    |
APPROVE            | ACCEPTED                          | AD    | APPROVED
REJECT             | ACCEPTED                          | AD    | REJECTED
WITHDRAW           | DRAFT INSTITUTION_REVIEW RETURNED | N     | WITHDRAWN
WITHDRAW           | AUTHORITY_INTAKE ACCEPTED         | N IO  | WITHDRAWN
WITHDRAW           | CORRECTION_REQUIRED               | N IO  | WITHDRAWN
"""
ROWS: Final = [[cell.split() for cell in line.split("|")] for line in HANDBOOK.strip().splitlines()]
HELD_BACK: Final = {
    "TAKE",
    "PUT_BACK",
    "RETURN",
    "FORWARD",
    "DECLINE",
    "REQUIRE_CORRECTION",
    "ACCEPT",
    "REFUSE_INTAKE",
    "TRANSFER",
    "HOLD",
    "RESUME",
    "RECOMMEND",
    "APPROVE",
    "REJECT",
    "ANSWER_OBJECTION",
}
"""A reviewer's own steps, which a colleague's lease keeps from the others."""
DECIDES: Final = {
    "RETURN",
    "FORWARD",
    "DECLINE",
    "REQUIRE_CORRECTION",
    "ACCEPT",
    "REFUSE_INTAKE",
    "TRANSFER",
    "RECOMMEND",
    "APPROVE",
    "REJECT",
    "DEEM",
    "VOID",
    "PASS_UP",
}
"""What is kept as a ReviewDecision."""
OPEN: Final = {"INSTITUTION_REVIEW", "RETURNED", "AUTHORITY_INTAKE", "CORRECTION_REQUIRED", "ACCEPTED"}
DESKS: Final = {"INSTITUTION_REVIEW": "inst", "AUTHORITY_INTAKE": "auth", "ACCEPTED": "auth"}
TARGETED: Final = {Kind.FIRST, Kind.CHANGE, Kind.REREGISTRATION, Kind.MILITARY_TRANSFER}
FROM_RECEIPT: Final = {Kind.FIRST: 20, Kind.CHANGE: 7}
EVENTS: Final = {
    **{"SUBMIT": "submitted", "RESUBMIT": "resubmitted", "RETURN": "returned", "FORWARD": "forwarded"},
    **{"DECLINE": "declined", "REQUIRE_CORRECTION": "correction_required", "SUPPLEMENT": "supplemented"},
    **{"ACCEPT": "accepted", "REFUSE_INTAKE": "not_accepted", "RECOMMEND": "recommended", "APPROVE": "decided"},
    **{"REJECT": "decided", "WITHDRAW": "withdrawn", "TAKE": "taken", "PUT_BACK": "put_back", "REASSIGN": "taken"},
    **{"CLAIM_BY_ID_NUMBER": "claimed", "REJECT_CLAIM": "claim_rejected", "ESCALATE": "escalated"},
    **{"TRANSFER": "transferred", "HOLD": "held", "RESUME": "resumed", "EXTEND": "extended", "OBJECT": "objected"},
    **{"ANSWER_OBJECTION": "objection_answered"},
}


@dataclass(frozen=True)
class Who:
    """Somebody: N, I or A, of which place, in which roles, and which nurse she is herself."""

    name: str
    party: str
    place: str
    roles: frozenset[str]
    nurse: str | None = None


@dataclass
class Past:
    """A row of 历史沿革."""

    app: str | None
    kind: str | None
    status: str
    until: date | None
    inst: str | None
    auth: str | None


@dataclass
class Nurse:
    """An entry in the register."""

    key: str
    status: str
    until: date | None = None
    inst: str | None = None
    auth: str | None = None
    kind: str | None = None
    exam: bool = False
    bar: date | None = None
    reason: str | None = None
    suspended: bool = False
    suspended_since: date | None = None
    suspended_until: date | None = None
    certificates: int = 0
    ever: int = 0
    past: list[Past] = field(default_factory=list)
    departed: tuple[str, int] | None = None
    """Which institution last reported that she has left, and how long her history was then."""
    is_back: bool = False

    def note(self, app: str | None, kind: str | None) -> None:
        """Close a row of history."""
        self.past.append(Past(app, kind, self.status, self.until, self.inst, self.auth))


@dataclass
class App:
    """An application."""

    key: str
    kind: Kind
    nurse: str
    form: Any
    filer: str = "N"
    state: str = "DRAFT"
    version: int = 1
    revision: int = 0
    inst: str | None = None
    auth: str | None = None
    holder: str | None = None
    held_until: datetime | None = None
    refused: set[str] = field(default_factory=set)
    corrected: bool = False
    objected: bool = False
    on_hold: bool = False
    paused_on: date | None = None
    extended: bool = False
    claimed: bool = False
    """Whether the institution that has it claimed it; else she named that herself."""
    blocked: str | None = None
    """The undecided deregistration before whose end nothing is granted here."""
    proven: bool = False
    """Whether the proof of a death, an incapacity or a revocation was handed in."""
    seen: bool = False
    """Whether its original was seen."""
    recommender: str | None = None
    said_at: int | None = None
    """The version that the recommendation made."""
    passed: str | None = None
    """The authority that lacked the officers for it, where the province decides in its place."""
    filed_on: date | None = None
    queued_on: date | None = None
    reached_on: date | None = None
    moved_on: date | None = None
    due_on: date | None = None
    decisions: int = 0
    barred: date | None = None

    @property
    def done(self) -> bool:
        """Whether nobody can do anything to it any more, but undo it."""
        return self.state != "DRAFT" and self.state not in OPEN


@dataclass
class Act:
    """What somebody wants to do to an application, or to a nurse's entry."""

    step: str
    who: Who
    app: App | None = None
    nurse: Nurse | None = None
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """A line of the story."""
        words = ", ".join(f"{name}={value}" for name, value in self.given.items() if name != "form")
        about = self.app.key if self.app else self.nurse.key if self.nurse else ""
        state = f" [{self.app.kind} {self.app.state}]" if self.app else ""
        return f"{self.who.name}: {self.step} {about}{state} {words}"


@dataclass
class Places:
    """Where institutions send what, and what stands above what."""

    licensed_by: dict[str, str]
    active: set[str]
    route: dict[tuple[str, Kind], str | None]
    two_persons: set[str]
    working: list[date]

    def chain(self, authority: str | None) -> set[str]:
        """An authority, and the province above both districts."""
        return {authority, "P"} if authority else set()

    def later(self, day: date, days: int) -> date:
        """The n-th working day after a day."""
        return self.working[bisect_right(self.working, day) + days - 1] if days else day

    def between(self, first: date, last: date) -> int:
        """The working days after the first until the last."""
        return bisect_right(self.working, last) - bisect_right(self.working, first)


def years_on(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass
class Register:
    """All that there is, and the events of the last act."""

    places: Places
    people: dict[str, Who] = field(default_factory=dict)
    nurses: dict[str, Nurse] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    now: datetime = datetime.min

    @property
    def today(self) -> date:
        """The day it is."""
        return self.now.date()

    def open_of(self, nurse: str, besides: str = "") -> set[Kind]:
        """The kinds of what a nurse has open; what a filing blocks does not stand in its way."""
        hers = [a for a in self.apps.values() if a.nurse == nurse and a.state in OPEN]
        return {a.kind for a in hers if a.key != besides and (not besides or a.blocked != besides)}

    def tell(self, what: str, *scopes: str | None) -> None:
        """Each of these hears it once."""
        self.events.update((scope, what) for scope in {*scopes} if scope)

    def alone(self, kind: Kind, nurse: str, besides: str = "", beside: list[App] | None = None) -> bool:
        """One open application a nurse; one CHANGE and one RENEWAL may stand together."""
        pair = {Kind.CHANGE, Kind.RENEWAL}
        others = self.open_of(nurse, besides) if beside is None else {app.kind for app in beside}
        return all(kind in pair and other in pair and other is not kind for other in others)

    def eligible(  # noqa: PLR0911
        self,
        kind: Kind,
        n: Nurse,
        day: date,
        inst: str | None,
        filer: str,
        besides: str = "",
        *,
        filed: bool = False,
        beside: list[App] | None = None,
    ) -> bool:
        """The guards of each kind, for a healthy nurse whose form is in order; `day` is the day of filing."""
        if not self.alone(kind, n.key, besides, beside):
            return False
        valid = n.status == "VALID" and n.until is not None and day <= n.until
        expired = n.status == "VALID" and not valid
        barred = n.bar is not None and day <= n.bar
        active = inst is None or inst in self.places.active
        match kind:
            case Kind.FIRST:
                return n.status == "NEVER" and n.exam and not barred and active
            case Kind.RENEWAL:
                assert n.until is not None or not valid
                opens = (n.until or day) - timedelta(days=90)
                return valid and day >= opens and not n.suspended and (filed or n.inst is not None)
            case Kind.CHANGE:
                return valid and active and (inst is None or inst != n.inst)
            case Kind.DEREGISTRATION:
                return n.status == "VALID" and (filed or filer != "N" or n.inst is not None)
            case Kind.REREGISTRATION:
                ended = n.status == "DEREGISTERED" and n.reason != "DEATH"
                return (ended or expired) and not barred and active
            case Kind.MILITARY_TRANSFER:
                return n.status == "NEVER" and not barred and active
            case _:
                return valid

"""Events straight into the feeds of those whom the regulation tells them to, and how to ask for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from db.feed import event
from db.feed.event import Addressed
from graph.schema.node import global_id
from rules.application import State, Step
from rules.certificate_blank import stock_body
from rules.deadline import PeriodWarning
from rules.events import EVENT_OF, EVENTS, About, QueueChange
from rules.kinds import Kind
from rules.nurse_event import nurse_body
from rules.people import HELP_DESK_FEED, Party, Role
from rules.practice_alert import EXPIRED, EXPIRING, Crossing, expiry_body
from rules.record_merge import MERGED, UNMERGED
from rules.registration import Registration
from rules.staff import Workplace
from rules.staff_event import staff_body
from tests.support.authority_matrix import EVERYBODY, PEOPLE, SECTIONS, Section
from tests.support.authority_stage import Stage
from tests.support.authority_subjects import Make, Subject
from tests.support.world import TODAY
from workflow.ending import notified

HOSPITAL_NAME: Final = "人员事项示范医院"
DISTRICT_NAME: Final = "人员事项示范机关"
"""By which the events about staff are found that no step of the stage has told."""
BLANK: Final = "试20260001"
"""By which the events about blanks are found that no step of the stage has told."""
_REVIEW, _INTAKE, _ACCEPTED = State.INSTITUTION_REVIEW, State.AUTHORITY_INTAKE, State.ACCEPTED
_I, _A, _N = Party.INSTITUTION, Party.AUTHORITY, Party.NURSE
_STEPS: Final[tuple[tuple[Step, State, State, Party | None, str, str | None], ...]] = (
    (Step.TAKE, _REVIEW, _REVIEW, _I, "H", None),
    (Step.TAKE, _ACCEPTED, _ACCEPTED, _A, "D", None),
    (Step.PUT_BACK, _REVIEW, _REVIEW, _I, "H", None),
    (Step.PUT_BACK, _ACCEPTED, _ACCEPTED, _A, "D", None),
    (Step.CLAIM_BY_ID_NUMBER, _REVIEW, _REVIEW, _I, "NH", None),
    (Step.REJECT_CLAIM, _REVIEW, _REVIEW, _N, "NH", None),
    (Step.ESCALATE, _REVIEW, _INTAKE, _N, "NHD", None),
    (Step.TRANSFER, _INTAKE, _INTAKE, _A, "NHD", "TRANSFERRED"),
    (Step.HOLD, _ACCEPTED, _ACCEPTED, _A, "NHD", None),
    (Step.RESUME, _ACCEPTED, _ACCEPTED, _A, "NHD", None),
    (Step.EXTEND, _ACCEPTED, _ACCEPTED, _A, "NHD", None),
    (Step.OBJECT, _INTAKE, _INTAKE, _N, "NHD", None),
    (Step.ANSWER_OBJECTION, _INTAKE, _INTAKE, _A, "NHD", None),
    (Step.DEEM, _ACCEPTED, State.APPROVED, None, "NHD", "DEEMED"),
    (Step.LAPSE, State.CORRECTION_REQUIRED, State.LAPSED, None, "NHD", None),
    (Step.BLOCK, _ACCEPTED, _ACCEPTED, None, "NHD", None),
    (Step.UNBLOCK, _ACCEPTED, _ACCEPTED, None, "NHD", None),
    (Step.VOID, State.APPROVED, State.VOIDED, _A, "NHD", "VOIDED"),
)
"""A step, from where to where, whose it is, who hears (the nurse, her hospital, the district), what was decided."""
_CHANGES: Final = {Step.TAKE: QueueChange.TAKEN, Step.PUT_BACK: QueueChange.PUT_BACK}
_PERIODS: Final = (
    ("deadline.warning", "under decision", PeriodWarning.DUE_IN_5, "D"),
    ("deadline.warning", "at institution", PeriodWarning.SILENT_10, "HD"),
    ("deadline.breached", "under decision", None, "NHD"),
    ("deadline.recounted", "under decision", None, "NHD"),
    ("application.delivered", "under decision", None, "ND"),
    ("application.delivery_withdrawn", "under decision", None, "ND"),
    ("application.pre_reviewed", "under decision", None, "H"),
)
"""What time alone tells, of which application, and to whom."""
_NURSES: Final = (
    ("account.awaiting_code", None, "H"),
    ("account.awaiting_code", "left", "D"),
    ("account.activated", None, "NHD"),
    ("account.revoked", None, "NH"),
    ("certificate.handed_out", None, "ND"),
    ("certificate.hand_out_withdrawn", None, "ND"),
    ("certificate.token_voided", None, "N"),
    ("registration.moved_in", None, "NHD"),
    ("registration.moved_out", None, "N"),
    ("registration.moved_in", "moved", "hd"),
    ("registration.moved_out", "moved", "HD"),
    ("registration.departed", "left", "NHD"),
    ("registration.departure_disputed", "left", "NHD"),
    ("registration.suspended", None, "NHD"),
    ("registration.lifted", None, "NHD"),
    ("registration.deregistered", "ended", "NHD"),
    *((f"registration.{what}", None, "NHD") for what in ("expiring", "expired", "restored")),
    ("registration.corrected", None, "NHD"),
    *((f"information.{what}", None, "NHD") for what in ("requested", "returned", "decided", "withdrawn")),
    *((f"information.{what}", None, "NHD") for what in ("superseded", "lapsed", "edited")),
    *((f"information.{what}", None, "NHD") for what in ("announced", "disputed")),
    ("registration.unit_changed", None, "H"),
    *((f"photo.{what}", None, "NHD") for what in ("submitted", "decided", "withdrawn", "entered")),
    *((f"look.{what}", None, "ND") for what in ("complained", "answered")),
    ("registration.interrupted", None, "NHD"),
    ("registration.interruption_ended", None, "NHD"),
    *((f"registration.interruption_{what}", None, "NHD") for what in ("withdrawn", "disputed", "answered")),
    *((f"registration.dispatch{what}", None, "NHD") for what in ("ed", "_changed")),
    *((f"conduct.{what}", None, "NHD") for what in ("proposed", "changed", "answered")),
    ("registration.merge_proposed", None, "N"),
    ("registration.unmerge_proposed", None, "N"),
    ("registration.merge_objected", None, "D"),
    ("registration.merged", None, "NHD"),
    ("registration.unmerged", None, "NHD"),
)
"""What happens to a nurse, which one (the cast's without a name), who hears: `hd` is the hospital she goes to."""


def _scopes(stage: Stage, letters: str, nurse_id: UUID) -> list[UUID]:
    cast, far = stage.cast, stage.far
    places = {"N": nurse_id, "H": cast.hospital, "D": cast.district, "h": far.hospital, "d": far.district}
    return [places[letter] for letter in letters]


def _all(stage: Stage) -> Iterator[list[Addressed]]:
    key, hers = stage.ids["under decision"], stage.cast.nurse_id
    for step, source, target, by, letters, outcome in _STEPS:
        body: dict[str, Any] = {"kind": Kind.RENEWAL, "step": step, "from": source, "to": target, "version": 1}
        body |= {"by": by, "outcome": outcome}
        scopes = _scopes(stage, letters, hers)
        yield [Addressed(scope, EVENT_OF[step], key, None, _CHANGES.get(step), body) for scope in scopes]
    for kind, name, warning, letters in _PERIODS:
        body = {"kind": Kind.RENEWAL, "step": None, "from": _ACCEPTED, "to": _ACCEPTED, "version": 1}
        body |= {"by": None, "warning": warning}
        yield [Addressed(scope, kind, stage.ids[name], None, None, body) for scope in _scopes(stage, letters, hers)]
    for kind, who, letters in _NURSES:
        nurse_id = stage.ids[f"nurse {who}"] if who else hers
        body = nurse_body(nurse_id, "王护士", "2011", "110***********56", Party.AUTHORITY)
        body |= {"merged": str(stage.ids["nurse ended"])} if kind in (MERGED, UNMERGED) else {}
        body |= expiry_body(TODAY, Crossing(0, TODAY), 90) if kind in (EXPIRING, EXPIRED) else {}
        events = [Addressed(scope, kind, None, None, None, body) for scope in _scopes(stage, letters, nurse_id)]
        after = Registration(nurse_id, institution_id=stage.far.hospital, authority_id=stage.far.district)
        yield notified(events, stage.cast.district, after)
    body = {"by": Party.INSTITUTION, "filing": str(stage.ids["filing"]), "state": "FINISHED"}
    body |= {"total": 2, "filed": 1, "refused": 1}
    yield [Addressed(stage.cast.hospital, "collective.progressed", None, None, None, body)]
    yield from _of_staff(stage)
    yield from _of_help(stage)
    for kind in (one for one, row in EVENTS.items() if row.about is About.STOCK):
        body = stock_body(stage.cast.district, [BLANK], Party.AUTHORITY)
        yield [Addressed(stage.cast.district, kind, None, None, None, body)]


def _of_staff(stage: Stage) -> Iterator[list[Addressed]]:
    cast = stage.cast
    manager: dict[str, Any] = {"account_id": cast.manager.account_id}
    officers = {"account_id": cast.reviewer.account_id, "absent_id": cast.decider.account_id}
    for kind, letters, named in (
        ("staff.manager_replaced", "HD", manager),
        ("staff.unattended", "HD", {"missing": [Role.MANAGER]}),
        ("staff.deputy_named", "H", {**manager, "absent_id": cast.operator.account_id}),
        ("staff.deputy_ended", "H", {**manager, "absent_id": cast.operator.account_id}),
        ("staff.handed_over", "H", {**manager, "absent_id": cast.operator.account_id}),
        ("staff.handed_over", "D", officers),
        ("staff.deputy_named", "D", officers),
        ("staff.deputy_ended", "D", officers),
    ):
        hospital = letters.startswith("H")
        place = Workplace(Party.INSTITUTION, cast.hospital) if hospital else Workplace(Party.AUTHORITY, cast.district)
        body = staff_body(place, HOSPITAL_NAME if hospital else DISTRICT_NAME, Party.AUTHORITY, **named)
        yield [Addressed(scope, kind, None, None, None, body) for scope in _scopes(stage, letters, stage.cast.nurse_id)]


def _of_help(stage: Stage) -> Iterator[list[Addressed]]:
    cast, key = stage.cast, stage.ids["question"]
    body: dict[str, Any] = {"question": str(key), "topic": "APPLICATION", "state": "CLOSED", "version": 1}
    body |= {"by": Party.HELP_DESK, "authority": str(cast.district)}
    for kind in (one for one, row in EVENTS.items() if row.about is About.QUESTION):
        asker = [cast.nurse_id] if Party.NURSE in EVENTS[kind].audience else []
        yield [Addressed(one, kind, None, None, None, body) for one in (*asker, HELP_DESK_FEED, cast.district)]


async def tell_everything(stage: Stage) -> None:
    """Every event that the nurse's story does not tell by itself."""
    for events in _all(stage):
        async with stage.services.db.begin() as tx:
            await tx.ask_time()
            await event.record(tx, events)


_KINDS: Final = {kind.name: kind for kind in EVENTS.values()}
_KEY: Final = {
    About.APPLICATION: "applicationId",
    About.NURSE: "nurseId",
    About.COLLECTIVE_FILING: "collectiveFilingId",
    About.STAFF: "placeName",
    About.STOCK: "firstNumber",
    About.QUESTION: "questionId",
}
_APPLICATIONS: Final = {"of an institution's silence": "at institution"}
_NAMED: Final = {
    "of a nurse who has moved to another province": "moved",
    "of a nurse who came from another province": "moved",
    "of a nurse who has left": "left",
    "of a nurse without an institution": "left",
    "of a nurse whose registration has ended": "ended",
}
_SIDES: Final = {"by the operator": "INSTITUTION", "by the reviewer": "AUTHORITY"}


def _about(stage: Stage, section: Section) -> frozenset[str]:  # noqa: PLR0911 - one a noun
    """The ids of what the section's events happened to."""
    match _KINDS[section.types[0]].about:
        case About.APPLICATION if section.subject in _APPLICATIONS:
            return frozenset({global_id("Application", stage.ids[_APPLICATIONS[section.subject]])})
        case About.APPLICATION:
            return stage.story
        case About.NURSE:
            name = _NAMED.get(section.subject)
            return frozenset({global_id("Nurse", stage.ids[f"nurse {name}"] if name else stage.cast.nurse_id)})
        case About.COLLECTIVE_FILING:
            return frozenset({global_id("CollectiveFiling", stage.ids["filing"])})
        case About.STOCK:
            return frozenset({BLANK})
        case About.QUESTION:
            return frozenset({global_id("Question", stage.ids["question"])})
        case About.STAFF:
            return frozenset({DISTRICT_NAME if section.subject == "of the district" else HOSPITAL_NAME})


def _event(section: Section) -> Make:
    """The first event of this type about the section's subject, in the feed of whoever asks."""
    (kind,), side = section.types, _SIDES.get(section.subject)

    def make(stage: Stage) -> Subject:
        about = _about(stage, section)

        def pick(data: Any) -> Any:
            found = (one for one in data["events"]["nodes"] if one["__typename"] == kind and one["_about"] in about)
            return next((one for one in found if side in (None, one["_side"])), None)

        inside = f"__typename ... on {kind} {{ _about: {_KEY[_KINDS[kind].about]} _side: actor %s }}"
        name = _NAMED.get(section.subject)
        nurse = stage.nurses[name] if name else stage.cast.nurse
        only = _KINDS[kind].type.replace(".", "_").upper()
        return Subject(f"{{ events(first: 100, types: [{only}]) {{ nodes {{ {inside} }} }} }}", pick, nurse)

    return make


def parties_told(stage: Stage) -> dict[str, set[Party | None]]:
    """Whose people are told of each event at all, by what the matrix expects."""
    parties: dict[str, set[Party | None]] = {name: set() for name in _KINDS}
    people = {name: person.actor.party if person else None for name, person in stage.people.items()}
    for section in SECTIONS:
        letters = zip(PEOPLE, section.cells.get("id", "").replace(" ", ""), strict=False)
        seen = {people[name] for name, letter in letters if letter == "D"}
        elsewhere = EVERYBODY in section.cells.values()
        for kind in parties.keys() & set(section.types):
            parties[kind] |= {*_KINDS[kind].audience} if elsewhere else seen
    return parties


def event_subject(section: Section) -> Make | None:
    """How to ask for a section's event; None where the section is about something else."""
    return _event(section) if section.types[0] in _KINDS else None

"""The event rows of a seeded step: for the parties of the application, and the places that a nurse joins and leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from db.seed.forms import as_json
from db.seed.papers import DECISIONS
from db.seed.people import Nurse
from db.seed.random_source import Row
from db.seed.stories import Story
from rules.application import Move, State, Step
from rules.events import EVENT_OF, EVENTS, QueueChange, queue_change, queue_count
from rules.kinds import Kind
from rules.moves import LEASES, desk
from rules.nurse_event import DEREGISTERED, MOVED_IN, MOVED_OUT, notice, nurse_body
from rules.people import PARTY_OF, Party
from rules.privacy import mask_id_number
from rules.registration import RegistrationStatus

_ENDS: Final = (Step.APPROVE, Step.END_REGISTRATION)


@dataclass(frozen=True, slots=True)
class ScopeEvent:
    """One event in one scope."""

    scope: object
    type: str
    application_id: object
    queue: QueueChange | None
    body: Row


def event_row(one: ScopeEvent, event_id: str, at: datetime, account: str | None) -> Row:
    """The row of `event`, still without its number."""
    named = {"scope": one.scope, "at": at, "id": event_id, "type": one.type, "application_id": one.application_id}
    return {**named, "account_id": account, "queue": one.queue, "body": as_json(one.body)}


def step_events(move: Move, before: Row, after: Row) -> Iterator[ScopeEvent]:
    """The events of the step itself, for each party that had the application or has it now."""
    if move.step not in EVENT_OF:
        return
    kind, by = EVENTS[EVENT_OF[move.step]], PARTY_OF[move.role]
    body = {"kind": after["kind"], "step": move.step, "from": move.source, "to": move.target}
    body |= {"version": after["version"], "by": by}
    if move.step in DECISIONS:
        body["outcome"] = DECISIONS[move.step][1]
    for party in (Party.NURSE, Party.INSTITUTION, Party.AUTHORITY):
        if party not in (desk(move.source) if move.step in LEASES else kind.audience):
            continue
        for scope, source, target in _scopes(party, move, before, after):
            queue = queue_change(party, move.step, source, target)
            yield ScopeEvent(scope, kind.type, after["id"], queue, body | queue_count(queue, source, target))


def _scopes(party: Party, move: Move, before: Row, after: Row) -> Iterator[tuple[object, State | None, State | None]]:
    """The scopes of one party before and after a step, with the states each sees.

    A state is None in a scope that the application was not addressed to before, or is not any more.
    """
    name = f"{party.lower()}_id"
    was = before[name] if before["revision"] or party is Party.NURSE else None
    now = after[name]
    if was is not None and was == now:
        yield was, move.source, move.target
        return
    if was is not None:
        yield was, move.source, None
    if now is not None:
        yield now, None, move.target


def move_events(nurse: Nurse, story: Story, row: Row, move: Move) -> Iterator[ScopeEvent]:
    """The events of an approval for the nurse's places: the nurse joins or leaves, or the registration has ended."""
    last = nurse.career.last
    if move.step not in _ENDS or last is None:
        return
    by = PARTY_OF[move.role]
    if last.status is RegistrationStatus.DEREGISTERED:
        places = (nurse.id, story.origin.id, story.origin.authority.id, row["authority_id"])
        yield from nurse_events(nurse, DEREGISTERED, by, places)
        return
    was, here = _was(story), last.institution
    now = [here and here.id, last.decided_by.id] if story.path.approved else was
    yield from nurse_events(nurse, MOVED_IN, by, [place for place in now if place not in was])
    left, where = story.origin.authority.id, notice(here.id if here else None, last.decided_by.id)
    for one in nurse_events(nurse, MOVED_OUT, by, [place for place in was if place not in now]):
        yield replace(one, body={**one.body, **where}) if one.scope == left else one


def nurse_events(nurse: Nurse, type: str, by: Party | None, places: Iterable[object]) -> Iterator[ScopeEvent]:
    """An event about a nurse's registration, once for each place."""
    numbers = (nurse.certificate_number, mask_id_number(nurse.identity.number))
    body: Row = nurse_body(UUID(nurse.id), nurse.identity.name, *numbers, by)
    for scope in dict.fromkeys(place for place in places if place is not None):
        yield ScopeEvent(scope, type, None, None, body)


def _was(story: Story) -> list[object]:
    """The institution and the authority before an approval."""
    if story.kind in (Kind.FIRST, Kind.MILITARY_TRANSFER):
        return []
    return [story.origin.id, story.origin.authority.id]

"""A record is written, and she goes elsewhere: what is open of her changes ends in part or whole, or goes along."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from db import information_change as changes
from db import photo as photos
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.information_change import ChangeState, InformationChange
from rules.information_form import PLACE, newer_values
from rules.people import Actor
from rules.registration import Registration, RegistrationStatus
from workflow.ending import news
from workflow.information_step import PENDING, RETURNED, heard, place


async def carry(
    tx: Tx, her: Entry, values: Mapping[str, object], by: Actor, after: Registration | None = None
) -> list[Addressed]:
    """Write values into a locked nurse's record; of her open changes, what they say otherwise is superseded.

    `after` is how she is registered from then on. Where she goes elsewhere, so is what was of her work at the old
    place, and the rest waits at the new one.
    """
    goes = after is not None and after.institution_id != her.registration.institution_id
    nurse_id = her.registration.nurse_id
    found = await (changes.write_record(tx, nurse_id, values) if values or not goes else changes.waiting(tx, nurse_id))
    newer = newer_values(values)
    events = [
        event
        for one in found
        for event in await _follow(tx, her, one, _superseded(one, newer, goes=goes), by, after if goes else None)
    ]
    return [*events, *(await _photo_follows(tx, her, after, by) if after is not None and goes else ())]


async def _photo_follows(tx: Tx, her: Entry, after: Registration, by: Actor) -> list[Addressed]:
    """A photo that waits is reviewed where she goes; one that travels with a first application is decided with it."""
    if her.registration.status is RegistrationStatus.NEVER:
        return []
    waiting = await photos.pending(tx, her.registration.nurse_id)
    if waiting is None:
        return []
    return _comes(her, after, "photo.submitted", by, escalated=waiting.escalated_at is not None)


async def follow(tx: Tx, her: Entry, after: Registration, by: Actor) -> list[Addressed]:
    """The same where nothing is written: of a departure, and of what is undone."""
    return await carry(tx, her, {}, by, after)


def _superseded(change: InformationChange, newer: Mapping[str, str | None], *, goes: bool) -> set[str]:
    said = {name for name, value in newer.items() if value != change.recorded.get(name)}
    return {name for name in change.asked if name in said or (goes and name in PLACE)}


async def _follow(
    tx: Tx, her: Entry, change: InformationChange, gone: Collection[str], by: Actor, after: Registration | None
) -> list[Addressed]:
    events = await _supersede(tx, her, change, gone, by) if gone else []
    waits = after is not None and change.state is not ChangeState.ANNOUNCED and {*change.asked} - {*gone}
    if after is None or not waits:
        return events
    escalated = change.escalated_at is not None
    return [*events, *_comes(her, after, "information.requested", by, escalated=escalated)]


def _comes(her: Entry, after: Registration, type: str, by: Actor, *, escalated: bool) -> list[Addressed]:
    """The event for whoever has it on the desk from now on, and had not."""
    was, now = (place(one, escalated=escalated) for one in (her.registration, after))
    return _at(now, news(type, her, by, now)) if now != was else []


def _at(scope: UUID | None, events: Iterable[Addressed]) -> list[Addressed]:
    return [one for one in events if one.scope == scope]


async def _supersede(
    tx: Tx, her: Entry, waiting: InformationChange, gone: Collection[str], by: Actor
) -> list[Addressed]:
    left = {name: value for name, value in waiting.asked.items() if name not in gone}
    marked = [name for name in waiting.marked_fields if name in left]
    state = waiting.state if left else ChangeState.SUPERSEDED
    if waiting.state is RETURNED and left and not marked:
        state = PENDING
    values = {
        "asked": left or dict(waiting.asked),
        "marked_fields": marked,
        "superseded_fields": sorted({*waiting.superseded_fields, *gone}),
    }
    account_id = None if by.party is None else by.account_id
    await changes.move(tx, waiting, state, account_id, **values)
    escalated, filed_by = waiting.escalated_at is not None, waiting.filed_by
    return heard("information.superseded", her, by, escalated=escalated, filed_by=filed_by)

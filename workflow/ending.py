"""The end of a registration (注销): what else was under way for her ends with it, and everybody hears."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from db import activation_code as codes
from db import application as applications
from db import audit
from db import ending as endings
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.application import OPEN, Application, Step
from rules.conflict import Situation
from rules.errors import Conflict
from rules.moves import outlives
from rules.nurse import DeregistrationReason
from rules.nurse_event import MOVED_OUT, notice, nurse_body
from rules.people import SYSTEM, Actor
from rules.registration import Registration
from workflow.block import unblock
from workflow.case import Case, heard, write
from workflow.pause import cease


async def end_registration(
    tx: Tx, nurse_id: UUID, reason: DeregistrationReason, by: Actor, *, besides: UUID | None = None
) -> list[Addressed]:
    """Void what else is open for a locked nurse (因注销), and her activation code; the events of it.

    What takes the place of the ended entry goes on. Whoever ends a registration holds its applications
    (`endings.lock_open`) before the nurse, and tells last.
    """
    held = await _open(tx, nurse_id, besides)
    going_on = [one for one in held if outlives(one.kind, reason)]
    events = [one for locked in held if locked not in going_on for one in await _void(tx, locked, by)]
    events += await unblock(tx, [one for one in going_on if one.blocked_by_id is not None], by)
    # What somebody filed just before she was locked is in other hands: whoever asks again finds it.
    left = await applications.other_open_kinds(tx, nurse_id, besides or nurse_id, anew=bool(events))
    if left != {one.kind for one in going_on}:
        raise Conflict(Situation.APPLICATION_OPEN)
    for account_id in await endings.accounts_of(tx, nurse_id):
        await codes.void(tx, account_id)
    return events


async def _open(tx: Tx, nurse_id: UUID, besides: UUID | None) -> list[Application]:
    held = [
        await applications.lock(tx, one) for one in await endings.lock_open(tx, nurse_id, waits=False) if one != besides
    ]
    return [locked for locked in held if locked.state in OPEN]


async def _void(tx: Tx, locked: Application, by: Actor) -> list[Addressed]:
    case = Case.judged(tx, SYSTEM, Step.END_REGISTRATION, locked)
    case.values = {"decided_at": tx.now}
    await cease(case)
    await write(case)
    await audit.record(
        tx, "application.end_registration", by.account_id, {"application": locked.id}, nurse_id=locked.nurse_id
    )
    return heard(case)


def news(type: str, entry: Entry, by: Actor, *scopes: UUID | None) -> list[Addressed]:
    """Events about her registration, for her and for the places that have to do with her; each place once."""
    nurse_id, body = entry.registration.nurse_id, event_body(entry, entry.registration, by)
    account_id = None if by.party is None else by.account_id
    places = dict.fromkeys((nurse_id, *(scope for scope in scopes if scope is not None)))
    return [Addressed(scope, type, None, account_id, None, body) for scope in places]


def event_body(entry: Entry, stands: Registration, by: Actor) -> dict[str, Any]:
    """The body of an event about her, with the certificate that she has as her registration stands."""
    return nurse_body(stands.nurse_id, entry.name, stands.certificate_number, entry.id_number_masked, by.party)


def notified(events: list[Addressed], authority_id: UUID | None, after: Registration) -> list[Addressed]:
    """The same news, in which the 注册机关 that she leaves reads where to; nobody else whom she leaves does."""
    where = notice(after.institution_id, after.authority_id)
    return [
        replace(one, body={**one.body, **where}) if (one.scope, one.type) == (authority_id, MOVED_OUT) else one
        for one in events
    ]

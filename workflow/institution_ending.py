"""Effects on an institution's nurses and on its work when it is suspended, closed, or merged (合并)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

from db import activation as activations
from db import contact as contacts
from db import departure as departures
from db import information_change as changes
from db import institution_ending, message
from db import span as spans
from db import unit as units
from db.feed.event import Addressed
from db.institution import Institution
from db.institution_ending import Listed, Passed
from db.store.engine import Tx
from rules.application import State, Step
from rules.events import queue_change, queue_count
from rules.institution import InstitutionState
from rules.message import Template
from rules.nurse_event import MOVED_IN, MOVED_OUT, nurse_body
from rules.people import Actor, Party
from rules.suspension import SpanKind
from workflow import account_news
from workflow.escalation import leave_reviews
from workflow.recusal import go_on

CLOSED: Final = "执业机构已关闭"
MERGED: Final = "执业机构已合并"


async def close(tx: Tx, actor: Actor, closed: Institution) -> tuple[int, list[Addressed]]:
    """Its reviews go on without it, its nurses are without an institution, and told.

    Those who await a code get it from their 注册机关.
    """
    left = await leave_reviews(tx, closed.id, actor)
    waiting = await issued_by(tx, closed.id, None, InstitutionState.CLOSED)
    nurses = await institution_ending.move(tx, closed.id, None, reason=CLOSED, by=actor.account_id)
    await spans.end_running(tx, [one.nurse_id for one in nurses], {SpanKind.DISPATCH})
    await spans.end_guests(tx, closed.id)
    await institution_ending.void_codes(tx, closed.id)
    await units.close_all(tx, closed.id)
    await _write(tx, nurses, Template.INSTITUTION_CLOSED, {"institution": closed.name})
    moved = [_moved(actor, one, one.nurse_id, MOVED_OUT) for one in nurses]
    return len(nurses), [*left, *moved, *waiting, *await _changes(tx, actor, nurses)]


async def _changes(tx: Tx, actor: Actor, nurses: Sequence[Listed], to: UUID | None = None) -> list[Addressed]:
    """Events for whoever reviews the nurses' changes of information from now on: another one, or their 注册机关."""
    found = await changes.left_behind(tx, [one.nurse_id for one in nurses])
    places = [(one, to or found[one.nurse_id]) for one in nurses if one.nurse_id in found]
    return [_moved(actor, one, place, "information.requested") for one, place in places if place is not None]


async def merge(tx: Tx, actor: Actor, merged: Institution, into: Institution) -> tuple[int, list[Addressed]]:
    """Its nurses and its unfinished work are the other's from now on; its codes are void, the other issues new ones."""
    waiting = await issued_by(tx, merged.id, into.id, into.state)
    passed = await institution_ending.pass_applications(tx, merged.id, into.id, by=actor.account_id)
    nurses = await institution_ending.move(tx, merged.id, into.id, reason=MERGED, by=actor.account_id)
    # After the nurses: whoever was just being reported is waited for with her.
    await departures.pass_on(tx, merged.id, into.id)
    await spans.pass_on(tx, merged.id, into.id)
    await institution_ending.void_codes(tx, merged.id)
    await units.close_all(tx, merged.id)
    await _write(tx, nurses, Template.INSTITUTION_MERGED, {"institution": merged.name, "into": into.name})
    moved = [_moved(actor, one, to, MOVED_IN) for one in nurses for to in (one.nurse_id, into.id)]
    work = [heard for one in passed for heard in _passed_on(actor, one, merged.id, into.id)]
    work += await go_on(tx, [one.id for one in passed])
    return len(nurses), [*work, *moved, *waiting, *await _changes(tx, actor, nurses, into.id)]


async def issued_by(tx: Tx, institution_id: UUID, to: UUID | None, state: InstitutionState) -> list[Addressed]:
    """Events for the party that vouches from now on: which of the institution's nurses await a code (待发激活码)."""
    found = await activations.inactive_at(tx, institution_id)
    return account_news.awaiting_code(replace(one, institution_id=to, institution_state=state) for one in found)


def _moved(actor: Actor, one: Listed, scope: UUID, type: str) -> Addressed:
    body = nurse_body(one.nurse_id, one.name, one.certificate_number, one.id_number_masked, actor.party)
    return Addressed(scope, type, None, actor.account_id, None, body)


def _passed_on(actor: Actor, one: Passed, merged: UUID, into: UUID) -> Iterable[Addressed]:
    """A review leaves one queue and enters the other; she hears it, and each authority that had it or has it now."""
    body = {"kind": one.kind, "step": Step.TRANSFER, "from": one.state, "to": one.state, "version": one.version}
    was, now = one.left_authority_id, one.authority_id
    institutions = ((Party.INSTITUTION, merged, one.state, None), (Party.INSTITUTION, into, None, one.state))
    authorities: tuple[_Stands, ...] = ((Party.AUTHORITY, now, one.state, one.state),)
    if was != now:
        authorities = ((Party.AUTHORITY, was, one.state, None), (Party.AUTHORITY, now, None, one.state))
    for party, scope, source, target in ((Party.NURSE, one.nurse_id, None, None), *institutions, *authorities):
        if scope is not None:
            queue = queue_change(party, Step.TRANSFER, source, target)
            content = {**body, "by": actor.party, **queue_count(queue, source, target)}
            yield Addressed(scope, "application.transferred", one.id, actor.account_id, queue, content)


_Stands: TypeAlias = tuple[Party, UUID | None, State | None, State | None]
"""One end of an application: its scope, and where the application stands in its eyes, before and after."""


async def _write(tx: Tx, nurses: Sequence[Listed], template: Template, values: Mapping[str, str]) -> None:
    """A message to each who has proved a phone or a mail box."""
    reached = await contacts.reached(tx, [one.nurse_id for one in nurses])
    await message.send_all(tx, reached, template, values)

"""An application that somebody else files for a nurse: it goes straight to the authority, as its first revision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from uuid_utils.compat import uuid7

from db import application as applications
from db import audit, idempotency, registration
from db import ending as endings
from db import session as sessions
from db.registration import Entry
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Application, State, Step, start_state
from rules.errors import Conflict
from rules.form import Form, check, form_to_json
from rules.kinds import kind_of
from rules.moves import collides, ends_the_rest
from rules.own_nurse import require_not_herself
from rules.people import Actor
from workflow.case import Case, Order, tell
from workflow.eligibility import require_eligible
from workflow.ending import end_the_rest


@dataclass(frozen=True, slots=True, repr=False)
class Filing:
    """A wish to file for a nurse; `institution_id` where she wants to practise, where she will move.

    What was wished for many at once is filed without a session.
    """

    session: Session | None
    nurse_id: UUID
    form: Form
    institution_id: UUID | None = None
    idempotency_key: str | None = None


Route: TypeAlias = Callable[[Tx, Actor, Entry, Filing], Awaitable[tuple[UUID | None, UUID]]]
"""Judges who files for whom; gives the institution that has to do with it, and the authority that decides."""


async def file(db: Database, filing: Filing, step: Step, route: Route) -> UUID:
    """File it; the id of the application."""
    assert filing.session is not None
    key = uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, filing.session)
        retry = idempotency.Key(actor.account_id, step, filing.idempotency_key)
        form = form_to_json(filing.form)
        if not await idempotency.first_time(tx, retry, [filing.nurse_id, filing.institution_id, form], key):
            return await idempotency.result(tx, retry)
        if ends_the_rest(kind_of(filing.form), form):
            await endings.hold(tx, filing.nurse_id)
        entry = await registration.lock(tx, filing.nurse_id)
        case = await judged(tx, actor, entry, filing, step=step, route=route, key=key)
        await enter(case, entry)
        await tell(case)
    return key


async def judged(
    tx: Tx, actor: Actor, entry: Entry, filing: Filing, *, step: Step, route: Route, key: UUID | None = None
) -> Case:
    """The filing as a step under way, where every rule lets it pass; writes nothing but the end of what it replaces."""
    places, form = await route(tx, actor, entry, filing), filing.form
    require_not_herself(actor, filing.nurse_id)
    case = Case(tx, actor, *_new(key or uuid7(), filing, step, actor, places))
    new = case.application
    if ends_the_rest(new.kind, new.form):
        case.also += await end_the_rest(tx, new.nurse_id, actor)
    if collides(new.kind, await applications.other_open_kinds(tx, new.nurse_id, new.id)):
        raise Conflict(applications.ALREADY_OPEN)
    check(form, tx.today)
    await require_eligible(case, entry, form, tx.today, new.institution_id)
    case.told = {"from": None}
    return case


def _new(
    key: UUID, filing: Filing, step: Step, actor: Actor, places: tuple[UUID | None, UUID]
) -> tuple[Order, Application, State]:
    """The order, the application before it is there, and where it begins."""
    kind, form = kind_of(filing.form), form_to_json(filing.form)
    target = start_state(actor, step, kind)
    assert actor.party is not None
    before = Application(key, kind, State.DRAFT, 0, 0, filing.nurse_id, *places, form, filed_by=actor.party)
    return Order(filing.session, step, key, 0, form=filing.form), before, target


async def enter(case: Case, entry: Entry, **more: Any) -> None:
    """Write it down, with `more` columns; whoever calls tells of it at the end."""
    tx, new, by = case.tx, case.application, case.actor.account_id
    await applications.insert_draft(tx, {**_row(case, entry), **more, "moved_by": by})
    await applications.insert_revision(tx, application_id=new.id, revision=1, form=new.form, changed=(), by=by)
    told = {"application": new.id, "kind": new.kind}
    await audit.record(tx, f"application.{case.order.step.lower()}", by, told, nurse_id=new.nurse_id)


def _row(case: Case, entry: Entry) -> dict[str, Any]:
    new, now = case.application, case.tx.now
    of = {"id": new.id, "kind": new.kind, "state": case.target, "version": 1, "revision": 1, "form": new.form}
    who = {"nurse_id": new.nurse_id, "institution_id": new.institution_id, "authority_id": new.authority_id}
    copied = {"nurse_name": entry.name, "id_number_masked": entry.id_number_masked}
    number = {"certificate_number": entry.registration.certificate_number, "filed_by": new.filed_by}
    return {**of, **who, **copied, **number, "submitted_at": now, "queued_at": now, "forwarded_at": now}

"""An institution files for many of its nurses at once (集体申请): tried first, then begun, and cancelled if need be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import application as applications
from db import audit, collective_progress, idempotency, registration
from db import collective as collectives
from db import session as sessions
from db.collective_progress import Filing as Shown
from db.feed import event
from db.registration import Entry
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Step, start_state
from rules.collective import FilingState, problems_of, require_collective
from rules.errors import NotAllowed, NotFound, RateLimited, RegistryError, Words
from rules.kinds import Kind, form_from_json, kind_of
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role, require
from rules.registration import RegistrationStatus
from workflow.case import Case
from workflow.collective_choice import Chosen, Wish, choose
from workflow.direct_filing import Filing, enter, judged
from workflow.review import require_route

__all__ = ["Checked", "Wish", "cancel", "check", "file_for", "start", "tell_progress"]

ENDED: Final = Words("该集体申请已结束", "This filing has ended already.")
WINDOW: Final = timedelta(hours=1)
LISTS, STARTS = 300, 30
"""So often one institution may hand in a list within the window (it tells whether a document is known), or begin."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A page of a dry run: each nurse's place and what would be refused; `total` is how many are chosen."""

    total: int
    found: list[tuple[int, Chosen]]

    async def count(self) -> int:
        """How many are chosen, as a page asks for it."""
        return self.total


async def check(db: Database, wish: Wish, first: int, after: int = 0) -> Checked:
    """Judge as filing would judge now (预检), and write nothing; the nurses after one place."""
    if wish.csv is not None:
        await _count(db, wish.session, "list", LISTS)
    async with db.begin() as tx:
        actor = await _require_filer(tx, wish)
        chosen = await choose(tx, actor, wish)
        page = list(enumerate(chosen, 1))[max(after, 0) :][:first]
        return Checked(len(chosen), [(place, await _tried(tx, actor, wish.kind, one)) for place, one in page])


async def _require_filer(tx: Tx, wish: Wish) -> Actor:
    """Who files; her institution must know where to."""
    actor = await sessions.require(tx, wish.session)
    require_collective(wish.kind, wish.form)
    start_state(actor, Step.FILE_COLLECTIVELY, wish.kind)
    await _authority(tx, actor, wish.kind)
    return actor


async def _authority(tx: Tx, actor: Actor, kind: Kind) -> UUID:
    assert actor.party_id is not None
    state, authority_id = await applications.approval_route(tx, actor.party_id, kind)
    return require_route(kind, state, authority_id)


async def _tried(tx: Tx, actor: Actor, kind: Kind, chosen: Chosen) -> Chosen:
    if chosen.nurse_id is None:
        return chosen
    try:
        filing = _filing(actor, chosen.nurse_id, kind, chosen.form)
        entry = await registration.get(tx, chosen.nurse_id)
        await judged(tx, actor, entry, filing, step=Step.FILE_COLLECTIVELY, route=_route)
    except RegistryError as refusal:
        return replace(chosen, problems=problems_of(refusal))
    return chosen


def _filing(actor: Actor, nurse_id: UUID, kind: Kind, form: Any) -> Filing:
    return Filing(None, nurse_id, form_from_json(kind, form), actor.party_id)


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: Filing) -> tuple[UUID, UUID]:
    """A nurse of the institution, or one whom it takes on who was never registered anywhere."""
    her, kind = entry.registration, kind_of(filing.form)
    if not (kind is Kind.FIRST and her.status is RegistrationStatus.NEVER and her.institution_id is None):
        require_own_nurse(actor, her, Role.OPERATOR)
    assert actor.party_id is not None
    return actor.party_id, await _authority(tx, actor, kind)


async def start(db: Database, wish: Wish) -> UUID:
    """Write down for whom to file and what (集体申请); the job files them one by one."""
    await _count(db, wish.session, "start", STARTS)
    key = uuid7()
    async with db.begin() as tx:
        actor = await sessions.require(tx, wish.session)
        retry = idempotency.Key(actor.account_id, "collectiveFilingStart", wish.idempotency_key)
        if not await idempotency.first_time(tx, retry, _content(wish), key):
            return await idempotency.result(tx, retry)
        await _require_filer(tx, wish)
        chosen = await choose(tx, actor, wish)
        row = {"id": key, "institution_id": actor.party_id, "kind": wish.kind, "filed_by": actor.account_id}
        await collectives.insert(tx, {**row, "created_at": tx.now}, [one.row() for one in chosen])
        await audit.record(tx, "collective.start", actor.account_id, {"filing": key, "nurses": len(chosen)})
        await tell_progress(tx, key, actor)
    return key


def _content(wish: Wish) -> list[Any]:
    return [wish.kind, repr(wish.form), repr(wish.where), wish.csv and wish.csv.hex()]


async def _count(db: Database, session: Session, what: str, allowed: int) -> None:
    """Count what an institution asks for, whatever comes of it."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require(actor, Role.OPERATOR)
        subject = tx.keyring.blind_index(f"{actor.party_id}{what}", "collective")
        wait = await sessions.count_attempt(tx, subject, WINDOW, allowed)
    if wait:
        raise RateLimited(wait)


async def file_for(tx: Tx, actor: Actor, nurse_id: UUID, kind: Kind, form: Any, filing_id: UUID) -> Case:
    """File for one nurse; the institution's word is in it, so it goes straight to the authority. Tells nobody yet."""
    filing = _filing(actor, nurse_id, kind, form)
    entry = await registration.lock(tx, nurse_id)
    case = await judged(tx, actor, entry, filing, step=Step.FILE_COLLECTIVELY, route=_route)
    await enter(case, entry, collective_filing_id=filing_id)
    agreed: dict[str, Any] = {
        "stage": "INSTITUTION",
        "outcome": "AGREED",
        "opinion": None,
        "reasons": [],
        "marked_fields": [],
    }
    await applications.insert_decision(tx, replace(case.application, revision=1), actor.account_id, agreed)
    return case


async def cancel(db: Database, session: Session, key: UUID, retry_key: str | None = None) -> UUID:
    """File for nobody more (取消集体申请); what is filed stays filed."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        retry = idempotency.Key(actor.account_id, "collectiveFilingCancel", retry_key)
        if not await idempotency.first_time(tx, retry, [key], key):
            return key
        state = await collectives.lock(tx, actor, key)
        if state is None:
            raise NotFound
        start_state(actor, Step.FILE_COLLECTIVELY, (await collective_progress.get(tx, key)).kind)
        if state is not FilingState.RUNNING:
            raise NotAllowed("FILING_ENDED", ENDED)
        await collectives.cancel(tx, key)
        await audit.record(tx, "collective.cancel", actor.account_id, {"filing": key})
        await tell_progress(tx, key, actor)
    return key


async def tell_progress(tx: Tx, key: UUID, actor: Actor | None = None) -> Shown:
    """Tell the institution how far a filing is; the last statement of a transaction."""
    shown = await collective_progress.get(tx, key)
    counts = {"total": shown.total, "filed": shown.filed, "refused": shown.refused}
    party, by = (actor.party, actor.account_id) if actor else (None, None)
    body = {"by": party, "filing": str(key), "state": shown.state, **counts}
    await event.record(tx, [event.Addressed(shown.institution_id, "collective.progressed", None, by, None, body)])
    return shown

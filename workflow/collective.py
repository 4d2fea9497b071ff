"""An institution files for many of its nurses at once (集体申请): tried first, then begun, and cancelled if need be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from db import audit, collective_progress, news
from db import collective as collectives
from db import session as sessions
from db.collective_progress import FilingProgress
from db.feed.event import Addressed
from db.session import Session
from db.store.engine import Database, Tx
from rules.application import Step, start_state
from rules.collective import FilingState, require_collective
from rules.errors import NotAllowed, NotFound, RateLimited, Words
from rules.look_up import LookUpPurpose
from rules.people import Actor, Role, require
from workflow import look_up
from workflow.collective_choice import Chosen, Wish, choose
from workflow.collective_file import read_rows
from workflow.collective_item import authority_of, tried
from workflow.step import USUAL, Command, Lock, Underway, read, take

ENDED: Final = Words("该集体申请已结束", "This filing has ended already.")
CHECK: Final = "collectiveFilingCheck"
WINDOW: Final = timedelta(hours=1)
LISTS, STARTS = 300, 30
"""So often one institution may hand in a list within the window (it tells whether a document is known), or begin."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A page of a dry run: each nurse's place and what would be refused; `total` is how many are chosen."""

    total: int
    found: list[tuple[int, Chosen]]

    async def count(self) -> int:
        """The number of nurses chosen, where a page asks for it."""
        return self.total


async def check(db: Database, session: Session, wish: Wish, first: int, after: int = 0) -> Checked:
    """Judge as filing would judge now (预检), and file nothing; the nurses after one place.

    A list is a look-up of all its members: one entry with their number is kept before anybody is looked for.
    """
    rows = None
    if wish.csv is not None and wish.where is None:
        await count_list(db, session, "list", LISTS)
        rows = await read_rows(wish.kind, wish.form, wish.csv)
        await _note(db, session, wish, len(rows))
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        await _require_filer(tx, actor, wish)
        chosen = await choose(tx, actor, wish, rows)
        if rows is not None:
            await _found(tx, actor, chosen, {"list": CHECK})
        page = list(enumerate(chosen, 1))[max(after, 0) :][:first]
        return Checked(len(chosen), [(place, await tried(tx, actor, wish.kind, one)) for place, one in page])


async def _note(db: Database, session: Session, wish: Wish, members: int) -> None:
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        await _require_filer(tx, actor, wish)
        detail = {"list": CHECK, "members": members}
        await audit.record(tx, "identity.looked_up", actor.account_id, detail, purpose=LookUpPurpose.FILING)


async def _found(tx: Tx, actor: Actor, chosen: Sequence[Chosen], detail: Mapping[str, str]) -> None:
    """Whom a list has named is kept once she was found, as one entry that each finds."""
    nurses = [one.nurse_id for one in chosen if one.nurse_id is not None]
    await look_up.found(tx, actor, detail, nurses, LookUpPurpose.FILING)


async def _require_filer(tx: Tx, actor: Actor, wish: Wish) -> UUID:
    """The authority that it goes to, where this person may file for many."""
    require_collective(wish.kind, wish.form)
    start_state(actor, Step.FILE_COLLECTIVELY, wish.kind)
    return await authority_of(tx, actor, wish.kind)


@read()
async def authority(step: Underway[CollectiveFilingStart]) -> UUID:
    """The authority that it goes to, where this person may file for many."""
    return await _require_filer(step.tx, step.actor, step.command.wish)


@read()
async def chosen(step: Underway[CollectiveFilingStart]) -> list[Chosen]:
    """Everybody who is chosen."""
    return await choose(step.tx, step.actor, step.command.wish)


@dataclass(frozen=True, slots=True, repr=False)
class CollectiveFilingStart(Command):
    """An operator's wish to file for many (集体申请); gives the filing."""

    wish: Wish
    refuses = USUAL - {NotFound} | {RateLimited}
    reads = (authority, chosen)
    writes = frozenset({"collective_filing", "collective_item", "attempt"})

    async def take(self, step: Underway[CollectiveFilingStart]) -> None:
        """Write down for whom to file and what; the job files them one by one."""
        actor, key = step.actor, step.key
        row = {"id": key, "institution_id": actor.party_id, "kind": self.wish.kind, "filed_by": actor.account_id}
        await collectives.insert(step.tx, {**row, "created_at": step.tx.now}, [one.row() for one in step[chosen]])
        step.detail = {"filing": key, "nurses": len(step[chosen])}
        if self.wish.csv is not None:
            await _found(step.tx, actor, step[chosen], {"step": self.mutation()})
        step.news = [_progressed(key, await collective_progress.get(step.tx, key), actor)]


async def start(db: Database, session: Session, command: CollectiveFilingStart) -> UUID:
    """Begin to file; how often an institution does is counted, whatever comes of it."""
    await count_list(db, session, "start", STARTS)
    return await take(db, session, command)


async def count_list(db: Database, session: Session, what: str, allowed: int) -> None:
    """Count what an institution asks for, whatever comes of it."""
    async with db.begin() as tx:
        actor = await sessions.require(tx, session)
        require(actor, Role.OPERATOR)
        subject = tx.keyring.blind_index(f"{actor.party_id}{what}", "collective")
        wait = await sessions.count_attempt(tx, subject, WINDOW, allowed)
    if wait:
        raise RateLimited(wait)


@read(Lock.REQUEST)
async def state(step: Underway[CollectiveFilingCancel]) -> FilingState:
    """The state of the filing, locked."""
    found = await collectives.lock(step.tx, step.actor, step.command.filing_id)
    if found is None:
        raise NotFound
    return found


@read()
async def progress(step: Underway[CollectiveFilingCancel]) -> FilingProgress:
    """The filing's progress."""
    return await collective_progress.get(step.tx, step.command.filing_id)


@dataclass(frozen=True, slots=True, repr=False)
class CollectiveFilingCancel(Command):
    """An operator's wish to file for nobody more (取消集体申请); gives the filing."""

    filing_id: UUID
    reads = (state, progress)
    writes = frozenset({"collective_filing", "collective_item"})

    @property
    def subject(self) -> UUID:
        """The filing."""
        return self.filing_id

    async def take(self, step: Underway[CollectiveFilingCancel]) -> None:
        """Applications that are filed stay filed."""
        start_state(step.actor, Step.FILE_COLLECTIVELY, step[progress].kind)
        if step[state] is not FilingState.RUNNING:
            raise NotAllowed("FILING_ENDED", ENDED)
        await collectives.cancel(step.tx, self.filing_id)
        step.detail = {"filing": self.filing_id}
        now = await collective_progress.get(step.tx, self.filing_id)
        step.news = [_progressed(self.filing_id, now, step.actor)]


async def tell_progress(tx: Tx, key: UUID) -> None:
    """Tell the institution how far a filing is; the last statement of a transaction."""
    await news.tell(tx, [_progressed(key, await collective_progress.get(tx, key))])


def _progressed(key: UUID, shown: FilingProgress, actor: Actor | None = None) -> Addressed:
    """The institution's event about the progress of a filing."""
    counts = {"total": shown.total, "filed": shown.filed, "refused": shown.refused}
    party, by = (actor.party, actor.account_id) if actor else (None, None)
    body = {"by": party, "filing": str(key), "state": shown.state, **counts}
    return Addressed(shown.institution_id, "collective.progressed", None, by, None, body, shown.units)

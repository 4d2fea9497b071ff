"""Downloads: a ticket first, then the file, so that no token ever stands in an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from uuid import UUID

from db import audit, printable
from db import session as sessions
from db import ticket as tickets
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import NotFound, RateLimited, RegistryError
from rules.look_up import Look
from rules.people import SYSTEM, Actor
from rules.printable import Unprinted, require_printable
from rules.ticket import (
    LIST_LIFETIME,
    PAPERS_AN_HOUR,
    RESUMED,
    TICKETS_A_MINUTE,
    Downloaded,
    FileKind,
    TicketSpent,
    downloaded,
    lifetime,
    require_all,
    require_list,
)
from workflow.step import UNKEPT, USUAL, Command, Underway, read, taken

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """A right to download one file once; the token is shown this once."""

    token: str
    expires_at: datetime


@read()
async def nurses(step: Underway[DownloadTicketCreate]) -> Mapping[UUID, UUID | None]:
    """The nurse whom each subject is about, if one, where the asker may read it."""
    require_list(step.command.file, step.command.about)
    return await tickets.nurses_of(step.tx, step.actor, step.command.file, step.command.about)


@read()
async def unprinted(step: Underway[DownloadTicketCreate]) -> Mapping[UUID, Unprinted]:
    """The subjects that have no such paper."""
    return await printable.unprinted(step.tx, step.actor, step.command.file, step.command.about)


@dataclass(frozen=True, slots=True, repr=False)
class DownloadTicketCreate(Command):
    """A wish to download a file of one or of a list, in its order.

    It is not sent again, since the token is kept nowhere. The download is audited, not this.
    """

    file: FileKind
    about: tuple[UUID, ...]
    session_hash: bytes
    token: str = field(default_factory=partial(token_urlsafe, 32), metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (nurses, unprinted)
    writes = frozenset({"ticket", "attempt"})
    audited = False

    async def take(self, step: Underway[DownloadTicketCreate]) -> None:
        """Give a ticket to whoever may read all that the file is about (下载), where there is one of each."""
        require_all(self.about, step[nurses])
        require_printable(self.file, self.about, step[unprinted])
        by = step.actor.account_id
        for mark, window, allowed, times in (
            (b"ticket:", _MINUTE, TICKETS_A_MINUTE, 1),
            (b"papers:", _HOUR, PAPERS_AN_HOUR, len(self.about)),
        ):
            asker = sha256(mark + by.bytes).digest()
            if wait := await sessions.count_attempt(step.tx, asker, window, allowed, times):
                raise RateLimited(wait)
        session, file = self.session_hash, self.file
        await tickets.insert(step.tx, self.token, session=session, by=by, file=file, subjects=self.about)


async def create(db: Database, session: Session, file: FileKind, *about: UUID) -> Ticket:
    """A ticket for a file."""
    step = await taken(db, session, DownloadTicketCreate(file, about, session.token_hash))
    return Ticket(step.command.token, step.tx.now + lifetime(file, len(about)))


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The viewer of a ticket, the file that the viewer may have now, and when it was asked for the first time."""

    viewer: Actor
    file: Downloaded
    subjects: tuple[UUID, ...]
    at: datetime


async def redeem(db: Database, token: str, *, again: bool = False) -> Redeemed:
    """Use a ticket: it is used up whatever comes of it, and who downloads what is written down.

    `again` is for a ticket that was used, while it is good: for whoever can show that she has begun to read its file.
    Raises TicketSpent, Invalid naming what may be read no longer, or what has no such paper any more, or RateLimited.
    """
    async with db.begin() as tx:
        await tx.ask_time()
        found = await _redeem(tx, token, again)
    if isinstance(found, RegistryError):
        raise found  # after the commit: what is refused is used up
    return found


async def _redeem(tx: Tx, token: str, again: bool) -> Redeemed | RegistryError:
    if again and (wait := await _count_again(tx, token)):
        return RateLimited(wait)
    kept = await (tickets.burned if again else tickets.burn)(tx, token)
    viewer = None if kept is None else await _viewer(tx, kept)
    if kept is None or viewer is None:
        return TicketSpent()
    found = Redeemed(viewer, downloaded(kept.file), tuple(kept.subjects), kept.used_at)
    about = await tickets.nurses_of(tx, found.viewer, found.file, found.subjects)
    try:
        require_all(found.subjects, about)
        lacking = await printable.unprinted(tx, found.viewer, found.file, found.subjects)
        require_printable(found.file, found.subjects, lacking)
    except NotFound:
        return TicketSpent()
    except RegistryError as refusal:
        return refusal
    await _audit(tx, found, about, again)
    return found


async def _viewer(tx: Tx, kept: tickets.Kept) -> Actor | None:
    """The holder of a ticket; nobody in particular where it was given without a sign-in."""
    if kept.session_hash is None:
        return SYSTEM
    session = await sessions.find(tx, kept.session_hash)
    return None if session is None else session.actor


async def _count_again(tx: Tx, token: str) -> int:
    about = sha256(b"again:" + token.encode("utf-8", "replace")).digest()
    return await sessions.count_attempt(tx, about, LIST_LIFETIME, RESUMED)


async def _audit(tx: Tx, found: Redeemed, about: Mapping[UUID, UUID | None], again: bool) -> None:
    """One entry a file; of a list it says which papers, in whose order, and each nurse finds it."""
    alone = len(found.subjects) == 1
    papers = {"id": found.subjects[0]} if alone else {"ids": found.subjects}
    detail = {"file": found.file, **papers, **({"again": True} if again else {})}
    nurses = [about[subject] for subject in found.subjects]
    people = audit.of_people([one for one in nurses if one is not None])
    by = None if found.viewer is SYSTEM else found.viewer.account_id
    await audit.record(tx, Look.DOWNLOADED, by, detail, **people)

"""Downloads: a ticket first, then the file, so that no token ever stands in an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from uuid import UUID

from db import audit
from db import session as sessions
from db import ticket as tickets
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import NotFound, RateLimited
from rules.people import Actor
from rules.ticket import TICKET_LIFETIME, TICKETS_A_MINUTE, FileKind, TicketSpent
from workflow.step import UNKEPT, USUAL, Command, Underway, read, taken

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """A right to download one file once; the token is shown this once."""

    token: str
    expires_at: datetime


@read()
async def nurse_id(step: Underway[DownloadTicketCreate]) -> UUID | None:
    """The nurse whom the file is about, where the asker may read it."""
    return await tickets.nurse_of(step.tx, step.actor, step.command.file, step.command.about)


@dataclass(frozen=True, slots=True, repr=False)
class DownloadTicketCreate(Command):
    """A wish to download a file; not sent again, since the token is kept nowhere. The download is audited, not this."""

    file: FileKind
    about: UUID
    session_hash: bytes
    token: str = field(default_factory=partial(token_urlsafe, 32), metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (nurse_id,)
    writes = frozenset({"ticket", "attempt"})
    audited = False

    async def take(self, step: Underway[DownloadTicketCreate]) -> None:
        """Give a ticket to whoever may read what the file is about (下载)."""
        if step[nurse_id] is None:
            raise NotFound
        by = step.actor.account_id
        asker = sha256(b"ticket:" + by.bytes).digest()
        if wait := await sessions.count_attempt(step.tx, asker, _MINUTE, TICKETS_A_MINUTE):
            raise RateLimited(wait)
        await tickets.insert(step.tx, self.token, session=self.session_hash, by=by, file=self.file, subject=self.about)


async def create(db: Database, session: Session, file: FileKind, about: UUID) -> Ticket:
    """A ticket for a file."""
    step = await taken(db, session, DownloadTicketCreate(file, about, session.token_hash))
    return Ticket(step.command.token, step.tx.now + TICKET_LIFETIME)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The viewer of a ticket, and the file that the viewer may have now."""

    viewer: Actor
    file: FileKind
    subject: UUID


async def redeem(db: Database, token: str) -> Redeemed:
    """Use a ticket: it is used up whatever comes of it, and who downloads what is written down."""
    async with db.begin() as tx:
        await tx.ask_time()
        found = await _redeem(tx, token)
    if found is None:
        raise TicketSpent
    return found


async def _redeem(tx: Tx, token: str) -> Redeemed | None:
    burned = await tickets.burn(tx, token)
    session = None if burned is None else await sessions.find(tx, burned.session_hash)
    if burned is None or session is None:
        return None
    viewer, file = session.actor, FileKind(burned.file)
    nurse_id = await tickets.nurse_of(tx, viewer, file, burned.subject)
    if nurse_id is None:
        return None
    detail = {"file": file, "id": burned.subject}
    await audit.record(tx, "file.download", viewer.account_id, detail, nurse_id=nurse_id)
    return Redeemed(viewer, file, burned.subject)

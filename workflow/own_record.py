"""All that the register holds about her, for herself (PIPL 45) or for a near relative once she has died (PIPL 49)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from uuid import UUID

from db import own_record as records
from db import relative as relatives
from db import session as sessions
from db import ticket as tickets
from db.own_record import OwnRecord
from db.session import Session
from db.store.engine import Database
from rules.errors import RateLimited
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Party, Role, require_active, require_party
from rules.relative import RelativeClaim, checked, require_deceased
from rules.ticket import RecordFile, lifetime
from workflow import fresh_password
from workflow.nurse_case import NurseCommand, entry
from workflow.password import Passwords
from workflow.password_change import own
from workflow.step import UNKEPT, USUAL, Command, Underway, taken
from workflow.ticket import Ticket

DAY: Final = timedelta(days=1)
A_DAY: Final = 1
"""So often in 24 hours she gets each file; what is all about her is made for few at once."""


@dataclass(frozen=True, slots=True, repr=False)
class RecordTicketCreate(Command):
    """A nurse's wish to have all about her, with her password given again; the download is audited, not this."""

    file: RecordFile
    password: str
    session_hash: bytes
    stored: str = field(default="", metadata=UNKEPT)
    token: str = field(default_factory=partial(token_urlsafe, 32), metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (own,)
    writes = frozenset({"ticket", "attempt"})
    audited = False

    async def take(self, step: Underway[RecordTicketCreate]) -> None:
        """Give a ticket, once a day for each file."""
        nurse_id = _herself(step.actor)
        await fresh_password.settle(step.tx, step[own], self.stored)
        asker = sha256(b"record:" + self.file.encode() + nurse_id.bytes).digest()
        if wait := await sessions.count_attempt(step.tx, asker, DAY, A_DAY):
            raise RateLimited(wait)
        session, by = self.session_hash, step.actor.account_id
        await tickets.insert(step.tx, self.token, session=session, by=by, file=self.file, subjects=(nurse_id,))


def _herself(actor: Actor) -> UUID:
    """The nurse who asks; before her account is active nobody knows that she is she."""
    require_party(actor, Party.NURSE)
    require_active(actor)
    assert actor.party_id is not None
    return actor.party_id


async def create_own(db: Database, passwords: Passwords, session: Session, file: RecordFile, password: str) -> Ticket:
    """A ticket for all about her."""
    _herself(session.actor)
    async with passwords.place() as work:
        stored = await fresh_password.proved(db, work, session, password)
    step = await taken(db, session, RecordTicketCreate(file, password, session.token_hash, stored=stored))
    return Ticket(step.command.token, step.tx.now + lifetime(file, 1))


@dataclass(frozen=True, slots=True, repr=False)
class RecordTicketCreateForRelative(NurseCommand):
    """A desk's wish to print the record of a deceased nurse for a near relative of hers (PIPL 49)."""

    claim: RelativeClaim
    session_hash: bytes
    token: str = field(default_factory=partial(token_urlsafe, 32), metadata=UNKEPT)
    reads = (entry,)
    writes = frozenset({"ticket", "relative_request"})

    async def take(self, step: Underway[RecordTicketCreateForRelative]) -> None:
        """Write down who asked, on which proof and for what, and give a ticket."""
        her, by = step[entry].registration, step.actor
        require_own_nurse(by, her, Role.REVIEWER)
        require_deceased(her)
        kept = checked(self.claim)
        assert by.party_id is not None
        row = {"nurse_id": her.nurse_id, "authority_id": by.party_id, "issued_by": by.account_id}
        await relatives.insert(step.tx, step.key, {**row, "relation": self.claim.relation, **kept})
        session, file = self.session_hash, RecordFile.RELATIVE_PDF
        about = (her.nurse_id,)
        await tickets.insert(step.tx, self.token, session=session, by=by.account_id, file=file, subjects=about)
        step.nurse_id = her.nurse_id
        step.detail = {"request": step.key, "relation": self.claim.relation}


async def create_for_relative(db: Database, session: Session, nurse_id: UUID, claim: RelativeClaim) -> Ticket:
    """A ticket for all about a deceased nurse."""
    step = await taken(db, session, RecordTicketCreateForRelative(nurse_id, claim, session.token_hash))
    return Ticket(step.command.token, step.tx.now + lifetime(RecordFile.RELATIVE_PDF, 1))


async def read_record(db: Database, viewer: Actor, nurse_id: UUID, *, relative: bool) -> OwnRecord:
    """All about her; what is printed was written down as its ticket was used."""
    async with db.begin() as tx:
        await tx.ask_time()
        return await records.of(tx, viewer, nurse_id, relative=relative)

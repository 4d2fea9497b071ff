"""Manuals (手册, I26): published by the provinces' admins, and downloaded, also by who is not signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from secrets import token_urlsafe
from uuid import UUID

from db import manual as manuals
from db import ticket as tickets
from db.session import Session
from db.store.engine import Database
from rules.errors import NotFound, RateLimited
from rules.faq import require_keeper
from rules.manual import ManualText, checked, require_pdf, require_room
from rules.material import MediaType, UploadedFile, clean_name
from rules.people import SYSTEM
from rules.ticket import FileKind, lifetime
from workflow.decoding import require_opens
from workflow.material import count_file
from workflow.step import UNKEPT, USUAL, Command, Underway, read, take, take_unsigned
from workflow.ticket import Ticket


@read()
async def count(step: Underway[ManualPublish]) -> int:
    """The number of manuals in force."""
    require_keeper(step.actor)
    return await manuals.count(step.tx)


@dataclass(frozen=True, slots=True, repr=False)
class ManualPublish(Command):
    """A keeper's wish that a manual is read, in place of the last of its audience, language and title."""

    text: ManualText
    file: UploadedFile
    refuses = USUAL | {RateLimited}
    reads = (count,)
    writes = frozenset({"manual", "blob"})

    async def take(self, step: Underway[ManualPublish]) -> None:
        """Keep it; the one before stays readable to who keeps them."""
        text = checked(self.text, step.tx.today)
        if not await manuals.replace(step.tx, text):
            require_room(step[count])
        name = clean_name(self.file.name, MediaType.PDF, text.title)
        await manuals.insert(step.tx, step.key, step.actor.account_id, text, name, self.file.content)
        step.detail = {"manual": step.key}


async def publish(db: Database, session: Session, text: ManualText, file: UploadedFile, retry: str | None) -> UUID:
    """Publish a manual: its file is counted and opened before anything is locked."""
    require_keeper(session.actor)
    await count_file(db, session)
    require_pdf(file.content)
    await require_opens(MediaType.PDF, file.content)
    return await take(db, session, ManualPublish(text, file, idempotency_key=retry))


@dataclass(frozen=True, slots=True, repr=False)
class ManualWithdraw(Command):
    """A keeper's wish that a manual is read no more."""

    manual_id: UUID
    writes = frozenset({"manual"})

    @property
    def subject(self) -> UUID:
        """The manual."""
        return self.manual_id

    async def take(self, step: Underway[ManualWithdraw]) -> None:
        """Its end; it stays readable to who keeps them."""
        require_keeper(step.actor)
        await manuals.withdraw(step.tx, self.manual_id)
        step.detail = {"manual": self.manual_id}


@dataclass(frozen=True, slots=True, repr=False)
class ManualTicketCreate(Command):
    """Anybody's wish to download a manual that is for everybody; the download is audited, not this."""

    manual_id: UUID
    token: str = field(default_factory=partial(token_urlsafe, 32), metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    writes = frozenset({"ticket"})
    audited = False

    async def take(self, step: Underway[ManualTicketCreate]) -> None:
        """Give a ticket; how many an address gets is counted with all that needs no sign-in."""
        if not await tickets.nurses_of(step.tx, SYSTEM, FileKind.MANUAL, (self.manual_id,)):
            raise NotFound
        await tickets.insert(
            step.tx, self.token, session=None, by=None, file=FileKind.MANUAL, subjects=(self.manual_id,)
        )


async def create_ticket(db: Database, manual_id: UUID) -> Ticket:
    """A ticket for a manual that is for everybody."""
    step = await take_unsigned(db, ManualTicketCreate(manual_id))
    return Ticket(step.command.token, step.tx.now + lifetime(FileKind.MANUAL, 1))

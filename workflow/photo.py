"""A nurse's photo (个人相片, N15): handed in and looked at, filed, taken back, sent on to her 注册机关."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from db import calendar, registration
from db import information_change as changes
from db import photo as photos
from db import session as sessions
from db.feed.event import Addressed
from db.registration import Entry
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import RateLimited
from rules.information_step import require_hers, require_silence
from rules.material import UploadedFile
from rules.people import Actor, Role, require
from rules.photo import Measured, Photo, PhotoState, at_once, require_state
from rules.registration import RegistrationStatus
from rules.working_days import SILENCE_DAYS, due_on
from workflow.decoding import photo_of
from workflow.information_change import own_entry
from workflow.information_step import heard
from workflow.material import count_file
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read, take

UPLOADED, PENDING, CURRENT = PhotoState.UPLOADED, PhotoState.PENDING, PhotoState.CURRENT


@dataclass(frozen=True, slots=True, repr=False)
class PhotoUpload(Command):
    """A nurse's wish to have a picture looked at (上传相片): kept until she files it; gives the photo."""

    file: UploadedFile
    cut: bool
    measured: Measured = field(metadata=UNKEPT)
    made: bytes = field(metadata=UNKEPT)
    refuses = USUAL | {RateLimited}
    reads = (own_entry,)
    writes = frozenset({"photo", "blob"})

    async def take(self, step: Underway[PhotoUpload]) -> None:
        """Keep what was made of it, in place of what she handed in before and did not file."""
        nurse_id = step[own_entry].registration.nurse_id
        await photos.replace(step.tx, nurse_id, UPLOADED)
        await keep(step, step.key, nurse_id, self.measured, self.made, state=UPLOADED, cut=self.cut)
        step.nurse_id, step.detail = nurse_id, {"photo": step.key}


async def keep(step: Underway[Any], key: UUID, nurse_id: UUID, measured: Measured, made: bytes, **values: Any) -> None:
    """Keep a photo of a locked nurse, with what was measured."""
    said = {"white_border": measured.white, "warnings": [*measured.warnings()], "filed_by": step.actor.party}
    await photos.insert(step.tx, key, nurse_id, made, account_id=step.actor.account_id, **said, **values)


async def upload(db: Database, session: Session, file: UploadedFile, retry: str | None, *, cut: bool) -> UUID:
    """Hand in a picture: counted and looked into before anything is locked; gives the photo."""
    async with db.begin() as tx:
        require(await sessions.require(tx, session), Role.NURSE)
    await count_file(db, session)
    measured, made = await photo_of(file.content, cut=cut)
    return await take(db, session, PhotoUpload(file, cut, measured, made, idempotency_key=retry))


@dataclass(frozen=True, slots=True, repr=False)
class PhotoStep(Command):
    """Somebody's wish to take a step on a photo, as last seen; gives it."""

    photo_id: UUID
    expected_version: int

    @property
    def subject(self) -> UUID:
        """The photo."""
        return self.photo_id


@read(Lock.NURSE)
async def her_entry(step: Underway[PhotoStep]) -> Entry:
    """The entry of the nurse whose photo it is, locked."""
    return await registration.lock(step.tx, await photos.nurse_of(step.tx, step.command.photo_id))


@read(Lock.NURSE)
async def photo(step: Underway[PhotoStep]) -> Photo:
    """The photo: locked with the nurse."""
    return await photos.get(step.tx, step.command.photo_id)


@read()
async def nobody_reviews(step: Underway[PhotoFile | PhotoEscalate]) -> bool:
    """True where nobody but she may review it at her institution, or that is not active."""
    return await changes.nobody_reviews(step.tx, step[photo].nurse_id)


@read()
async def under_way(step: Underway[PhotoFile]) -> Sequence[set[UUID]]:
    """The places of each application of hers that is under way."""
    return await photos.under_way(step.tx, step[photo].nurse_id)


def report(step: Underway[Any], type: str, *also: UUID | None, escalated: bool) -> None:
    """The step is about her photo; she and whoever reviews it hear."""
    step.nurse_id, step.detail = step[photo].nurse_id, {"photo": step[photo].id}
    step.news = heard(type, step[her_entry], step.actor, *also, escalated=escalated)


@dataclass(frozen=True, slots=True, repr=False)
class PhotoFile(PhotoStep):
    """The nurse's wish to have the picture that she has looked at as her photo (提交相片)."""

    reads = (her_entry, photo, nobody_reviews, under_way)
    writes = frozenset({"photo", "nurse"})

    async def take(self, step: Underway[PhotoFile]) -> None:
        """The photo waits for the review, in place of the last; before her first registration it counts at once."""
        tx, hers, her = step.tx, step[photo], step[her_entry].registration
        require_hers(step.actor, hers.nurse_id)
        require_state(hers, self.expected_version, UPLOADED)
        await photos.replace(tx, hers.nurse_id, PENDING)
        escalated = step[nobody_reviews]
        if at_once(her, open_application=bool(step[under_way])):
            await photos.put_on_record(tx, hers, queued_at=tx.now, decided_at=tx.now, decided_by=step.actor.account_id)
        else:
            when = {"escalated_at": tx.now} if escalated else {}
            await photos.move(tx, hers, PENDING, queued_at=tx.now, **when)
        travels = her.status is RegistrationStatus.NEVER
        also = {place for places in step[under_way] for place in places} if travels else set[UUID]()
        report(step, "photo.submitted", *sorted(also), escalated=escalated)


@dataclass(frozen=True, slots=True, repr=False)
class PhotoWithdraw(PhotoStep):
    """The nurse's wish to take a photo back that nobody has decided on (撤回相片)."""

    reads = (her_entry, photo)
    writes = frozenset({"photo"})

    async def take(self, step: Underway[PhotoWithdraw]) -> None:
        """Its end; the one on record stays."""
        hers = step[photo]
        require_hers(step.actor, hers.nurse_id)
        require_state(hers, self.expected_version, UPLOADED, PENDING)
        await photos.move(step.tx, hers, PhotoState.WITHDRAWN)
        report(step, "photo.withdrawn", escalated=hers.escalated_at is not None)
        if hers.state is UPLOADED:
            step.news = []


@dataclass(frozen=True, slots=True, repr=False)
class PhotoEscalate(PhotoStep):
    """The nurse's wish that her 注册机关 reviews it, because her institution does not (转注册机关审核)."""

    reads = (her_entry, photo, nobody_reviews)
    writes = frozenset({"photo"})

    async def take(self, step: Underway[PhotoEscalate]) -> None:
        """After ten working days, or at once where nobody there may review it."""
        tx, hers, her = step.tx, step[photo], step[her_entry].registration
        require_hers(step.actor, hers.nurse_id)
        require_state(hers, self.expected_version, PENDING)
        with_authority = hers.escalated_at is not None or her.institution_id is None
        assert hers.queued_at is not None
        since = tx.date_of(hers.queued_at)
        last = due_on(since, SILENCE_DAYS, await calendar.working_days(tx, since, SILENCE_DAYS))
        require_silence(last, tx.today, with_authority=with_authority, unattended=step[nobody_reviews])
        await photos.move(tx, hers, PENDING, escalated_at=tx.now, queued_at=tx.now)
        report(step, "photo.submitted", escalated=True)


async def take_effect(tx: Tx, before: Entry, by: Actor) -> list[Addressed]:
    """Put the photo on record that has travelled with a first application, now that it is approved."""
    if before.registration.status is not RegistrationStatus.NEVER:
        return []
    waiting = await photos.pending(tx, before.registration.nurse_id)
    if waiting is None:
        return []
    await photos.put_on_record(tx, waiting, decided_at=tx.now, decided_by=by.account_id)
    return heard("photo.decided", before, by)

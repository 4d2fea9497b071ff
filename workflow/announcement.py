"""Announcements (公告): made by an authority's admin for an area or by a manager for her institution, and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final
from uuid import UUID

from db import announcement as announcements
from db import news
from db import session as sessions
from db.feed.event import Addressed
from db.store.engine import Database
from rules.announcement import (
    A_DAY,
    FEED,
    Announcement,
    AnnouncementState,
    AnnouncementText,
    checked,
    require_announces,
    require_open,
)
from rules.errors import NotFound, RateLimited, WrongState
from rules.people import Party
from workflow.step import USUAL, Command, Lock, Underway, read

BATCH: Final = 50


def heard(one: Announcement, what: str, by: Party | None) -> Addressed:
    """The one event of an announcement: nobody's feed has it but that of all announcements."""
    body = {"announcement": str(one.id), "reach": one.reach, "audience": [*one.audience], "by": by}
    return Addressed(FEED, f"announcement.{what}", None, None, None, body)


@read()
async def area(step: Underway[AnnouncementPublish]) -> str | None:
    """The place in the tree of the area that it is for; None where it is for the people of an institution."""
    actor, named = step.actor, step.command.authority_id
    if actor.party is not Party.AUTHORITY or actor.party_id is None:
        require_announces(actor, None)
        return None
    path = await announcements.path_of(step.tx, named or actor.party_id)
    require_announces(actor, path)
    return path


@dataclass(frozen=True, slots=True, repr=False)
class AnnouncementPublish(Command):
    """A wish to announce something to an area (发布公告), or to the people of one's own institution."""

    text: AnnouncementText
    authority_id: UUID | None = None
    """Of an authority: the area, where it is another than its own."""
    refuses = USUAL | {RateLimited}
    reads = (area,)
    writes = frozenset({"announcement", "announcement_version", "attempt"})

    async def take(self, step: Underway[AnnouncementPublish]) -> None:
        """Keep it; whoever it is for hears of it, once it has begun."""
        tx, actor, path = step.tx, step.actor, step[area]
        if path is None and self.authority_id is not None:
            raise NotFound
        assert actor.party_id is not None
        text = checked(self.text, tx.now, within=path is None)
        if wait := await sessions.count_attempt(tx, sha256(b"announce:" + actor.party_id.bytes).digest(), *A_DAY):
            raise RateLimited(wait)
        if path is None:
            place = {"institution_id": actor.party_id, "reach": await announcements.reach_of(tx, actor.party_id)}
        else:
            place = {"authority_id": self.authority_id or actor.party_id, "reach": path}
        one = await announcements.insert(tx, step.key, actor.account_id, text, **place)
        step.detail = {"announcement": one.id}
        if one.starts_at <= tx.now:
            await announcements.mark_begun(tx, one.id)
            step.news.append(heard(one, "published", actor.party))


@read(Lock.REQUEST)
async def announced(step: Underway[AnnouncementCommand]) -> Announcement:
    """The announcement, locked: one of the actor's own place, or of an authority below hers."""
    one, actor = await announcements.lock(step.tx, step.command.announcement_id), step.actor
    if one.institution_id is not None:
        if one.institution_id != actor.party_id:
            raise NotFound
        require_announces(actor, None)
    elif actor.party is not Party.AUTHORITY or not one.reach.startswith(actor.path or "-"):
        raise NotFound
    else:
        require_announces(actor, one.reach)
    return one


@dataclass(frozen=True, slots=True, repr=False)
class AnnouncementCommand(Command):
    """A wish to take a step on an announcement, as last seen; gives it."""

    announcement_id: UUID
    expected_version: int
    refuses = USUAL | {WrongState}
    reads = (announced,)
    writes = frozenset({"announcement", "announcement_version"})

    @property
    def subject(self) -> UUID:
        """The announcement."""
        return self.announcement_id


@dataclass(frozen=True, slots=True, repr=False)
class AnnouncementCorrect(AnnouncementCommand):
    """Other words, another time or other people (更正): everybody is to read it again; what it was is kept."""

    text: AnnouncementText

    async def take(self, step: Underway[AnnouncementCorrect]) -> None:
        """Write it; who it is for, and who it was for before, hears."""
        one, tx = step[announced], step.tx
        require_open(one, self.expected_version)
        given = replace(self.text, starts_at=self.text.starts_at or one.starts_at)
        text = checked(given, tx.now, within=one.institution_id is not None)
        await announcements.write(tx, one, step.actor.account_id, text)
        step.detail = {"announcement": one.id}
        if one.begun:
            audience = tuple(sorted({*one.audience, *text.audience}))
            step.news.append(heard(replace(one, audience=audience), "corrected", step.actor.party))


@dataclass(frozen=True, slots=True, repr=False)
class AnnouncementWithdraw(AnnouncementCommand):
    """The wish that nobody reads it any more (撤回)."""

    async def take(self, step: Underway[AnnouncementWithdraw]) -> None:
        """Its end; what it was is kept."""
        one = step[announced]
        require_open(one, self.expected_version)
        await announcements.write(step.tx, one, step.actor.account_id, state=AnnouncementState.WITHDRAWN)
        step.detail = {"announcement": one.id}
        if one.begun:
            step.news.append(heard(one, "withdrawn", step.actor.party))


@dataclass(frozen=True, slots=True, repr=False)
class AnnouncementRead(Command):
    """Somebody's word that she has read an announcement (已读)."""

    announcement_id: UUID
    writes = frozenset({"announcement_read"})
    audited = False

    @property
    def subject(self) -> UUID:
        """The announcement."""
        return self.announcement_id

    async def take(self, step: Underway[AnnouncementRead]) -> None:
        """Keep it, for the version that stands now."""
        await announcements.mark(step.tx, step.actor, self.announcement_id)


async def begin(db: Database, batch: int = BATCH) -> int:
    """Tell of the announcements whose time has come, each once; gives how many."""
    done = 0
    while True:
        async with db.begin() as tx:
            await tx.ask_time()
            found: Sequence[Announcement] = await announcements.begun(tx, batch)
            for one in found:
                await announcements.mark_begun(tx, one.id)
            await news.tell(tx, [heard(one, "published", None) for one in found])
        done += len(found)
        if len(found) < batch:
            return done

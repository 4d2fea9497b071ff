"""Announcements (公告): who may say something to whom, from when until when, and who reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from rules.conflict import Situation
from rules.errors import Conflict, FieldProblem, Invalid, NotFound, Together, Words, WrongState
from rules.label import Labelled
from rules.people import Actor, Party, Role, require
from rules.wording import wording

LONGEST_TITLE, LONGEST_TEXT = 100, 5000
LONGEST_SPAN: Final = timedelta(days=366)
A_DAY: Final = (timedelta(days=1), 20)
"""So many announcements one place makes within the span."""
AUDIENCES: Final = frozenset({Party.NURSE, Party.INSTITUTION, Party.AUTHORITY})
"""The ends of the system that are announced to."""
FEED: Final = UUID("00000000-0000-0000-0000-00000000000a")
"""The one feed of all announcements; each subscriber gets those that concern her."""


class AnnouncementState(Labelled):
    """The state of an announcement."""

    PUBLISHED = "PUBLISHED", "已发布"
    WITHDRAWN = "WITHDRAWN", "已撤回"


@dataclass(frozen=True, slots=True)
class AnnouncementText:
    """The words of an announcement, the people whom it is for, and its time."""

    title: str
    text: str
    audience: tuple[Party, ...]
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """A locked announcement."""

    id: UUID
    state: AnnouncementState
    version: int
    authority_id: UUID | None
    institution_id: UUID | None
    reach: str
    audience: tuple[Party, ...]
    starts_at: datetime
    begun: bool


def require_announces(actor: Actor, path: str | None) -> None:
    """Refuse whoever may not announce to an area, which has this place in the tree; without one to her institution.

    A provincial or national admin announces to the area of her authority or to one within it, a manager to the people
    of her institution.
    """
    if path is None:
        require(actor, Role.MANAGER)
        return
    require(actor, Role.PROVINCIAL_ADMIN)
    if not path.startswith(actor.path or "-"):
        raise NotFound


def checked(given: AnnouncementText, now: datetime, *, within: bool) -> AnnouncementText:
    """An announcement as it is kept; Invalid with all that is wrong about it. `within` an institution."""
    with Together() as each:
        title = each(lambda: wording("title", given.title, LONGEST_TITLE, allowed=""))
        text = each(lambda: wording("text", given.text, LONGEST_TEXT))
        each(lambda: _require_audience(given.audience, within=within))
        each(lambda: _require_span(given.starts_at or now, given.ends_at, now))
    audience = tuple(sorted(set(given.audience)))
    return AnnouncementText(title, text, audience, given.starts_at or now, given.ends_at)


def _require_audience(audience: Collection[Party], *, within: bool) -> None:
    open_to = AUDIENCES - {Party.AUTHORITY} if within else AUDIENCES
    if not audience:
        raise Invalid(FieldProblem("audience", "FIELD_REQUIRED", _AUDIENCE))
    if not open_to.issuperset(audience):
        raise Invalid(FieldProblem("audience", "AUDIENCE", _NOT_THEM))


def _require_span(starts_at: datetime, ends_at: datetime | None, now: datetime) -> None:
    late, ended = starts_at > now + LONGEST_SPAN, ends_at is not None and ends_at <= max(starts_at, now)
    problems = [FieldProblem("startsAt", "TOO_LATE", _TOO_LATE)] if late else []
    problems += [FieldProblem("endsAt", "BEFORE_START", _BEFORE)] if ended else []
    if problems:
        raise Invalid(*problems)


def require_open(one: Announcement, version: int) -> None:
    """Refuse a step on an announcement that was withdrawn, or changed since it was read."""
    if one.version != version:
        raise Conflict(Situation.VERSION_STALE, current_version=one.version)
    if one.state is not AnnouncementState.PUBLISHED:
        raise WrongState(one.state)


def reaches(actor: Actor, reach: str, audience: Collection[str]) -> bool:
    """True if what is announced with this reach concerns somebody, as `scope.announced` says it."""
    return reach in actor.areas and actor.party in audience


def concerns(actor: Actor, body: Mapping[str, Any]) -> bool:
    """True if an event of the feed of announcements is for her."""
    return reaches(actor, body["reach"], body["audience"])


_AUDIENCE: Final = Words("请选择公告对象", "Say whom it is for.")
_NOT_THEM: Final = Words("机构公告只能面向本机构用户和护士", "An institution announces to its users and its nurses.")
_TOO_LATE: Final = Words("开始时间不得晚于一年后", "It must begin within a year.")
_BEFORE: Final = Words("结束时间须晚于开始时间和当前时间", "It must end after it begins, and after now.")

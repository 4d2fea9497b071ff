"""Announcements (公告) and their events: the shapes, and the lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from db.read import scope
from db.read.listing import Listing
from db.read.shape import One, Shape, plain
from db.read.shapes import event
from db.store.tables_help import announcement, announcement_read

_c: Final = announcement.c
SHAPES: Final[Mapping[str, Shape]] = {
    "Announcement": Shape(
        announcement,
        _c.id,
        scope.announcements,
        {
            "id": _c.id,
            **plain(announcement, "title", "text", "audience", "state", "version", "startsAt", "endsAt"),
            **plain(announcement, "createdAt", "changedAt", "rowVersion"),
            "corrected": _c.version > 1,
        },
        {"authority_id": _c.authority_id, "institution_id": _c.institution_id},
        links={
            "authority": One("Authority", "authority_id"),
            "institution": One("Institution", "institution_id"),
            "read": One("AnnouncementMark", "id"),
        },
    ),
    "AnnouncementMark": Shape(
        announcement_read,
        announcement_read.c.announcement_id,
        scope.read_marks,
        plain(announcement_read, "version", "at"),
    ),
    "AnnouncementNews": replace(event.SHAPES["Event"], scope=scope.announcement_events),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "announcements": Listing(
        "Announcement",
        announcement,
        lambda viewer, *_: scope.announcements(viewer),
        _c.id,
        {"startsAt": _c.starts_at},
        (("startsAt", True),),
    ),
    "unreadAnnouncements": Listing(
        "Announcement",
        announcement,
        lambda viewer, *_: scope.unread(viewer),
        _c.id,
        {"startsAt": _c.starts_at},
        (("startsAt", True),),
    ),
}

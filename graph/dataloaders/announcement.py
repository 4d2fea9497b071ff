"""Rows of announcements (公告), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.announcement import Announcement, AnnouncementMark

SHOWN: Final[Shown] = {"Announcement": owner(Announcement), "AnnouncementMark": plain(AnnouncementMark)}

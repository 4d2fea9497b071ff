"""Announcements (公告), as clients read and make them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.link import link
from graph.schema.node import Node, key_of
from graph.schema.place import Authority, Institution
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.announcement import AnnouncementState, AnnouncementText
from rules.people import Party

strawberry.enum(AnnouncementState)


@strawberry.type
class AnnouncementMark:
    """Your mark that you have read an announcement (已读)."""

    version: int = strawberry.field(description="Which version of it; a corrected one is to be read again.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type
class Announcement(Node):
    """An announcement (公告)."""

    title: str = strawberry.field(description="标题.")
    text: str = strawberry.field(description="正文.")
    audience: list[Party] = strawberry.field(description="公告对象.")
    state: AnnouncementState = strawberry.field(description="Where it stands.")
    version: int = strawberry.field(description="Rises with every step; give it back as `expectedVersion`.")
    corrected: bool = strawberry.field(description="更正: whether it was corrected after it was made.")
    starts_at: datetime = strawberry.field(description="From when on it is read.")
    ends_at: datetime | None = strawberry.field(description="Until when; null for always.")
    created_at: datetime = strawberry.field(description="When it was made.")
    changed_at: datetime = strawberry.field(description="When it was changed last.")
    key: strawberry.Private[UUID]
    authority_id: strawberry.Private[UUID | None]
    institution_id: strawberry.Private[UUID | None]
    authority = link(Authority, "authority_id", "公告范围: for the area of this authority and all below it.")
    institution = link(Institution, "institution_id", "公告范围: for the people of this institution.")
    read = link(AnnouncementMark, "key", "Your own mark; null where you have not read it.")


@strawberry.input
class AnnouncementTextInput(IdempotentInput):
    """An announcement as it is written."""

    title: str = strawberry.field(description="标题, 1 to 100 characters.")
    text: str = strawberry.field(description="正文, 1 to 5,000 characters.")
    audience: list[Party] = strawberry.field(
        description="公告对象: NURSE, INSTITUTION, AUTHORITY; of an institution its users (INSTITUTION) and its nurses."
    )
    starts_at: datetime | None = strawberry.field(default=None, description="From when on; at once unless told.")
    ends_at: datetime | None = strawberry.field(default=None, description="Until when; always unless told.")

    def words(self) -> AnnouncementText:
        """The words."""
        return AnnouncementText(self.title, self.text, tuple(self.audience), self.starts_at, self.ends_at)


@strawberry.input
class AnnouncementPublishInput(AnnouncementTextInput):
    """A new announcement."""

    authority_id: strawberry.ID | None = strawberry.field(
        default=None, description="公告范围: an authority below yours, by global id; all of your own area unless told."
    )


@strawberry.input
class AnnouncementCorrectInput(AnnouncementTextInput):
    """An announcement as it should be."""

    id: strawberry.ID = strawberry.field(description="The announcement's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")


@strawberry.input
class AnnouncementWithdrawInput(IdempotentInput):
    """An announcement that is to be read no more."""

    id: strawberry.ID = strawberry.field(description="The announcement's global id.")
    expected_version: int = strawberry.field(description="Its `version` as you last read it.")


@strawberry.input
class AnnouncementReadInput(IdempotentInput):
    """An announcement that was read."""

    id: strawberry.ID = strawberry.field(description="The announcement's global id.")

    def seen(self) -> UUID:
        """The announcement."""
        return key_of("Announcement", self.id)


@strawberry.interface
class AnnouncementPayload:
    """The step was taken."""

    announcement: Announcement = strawberry.field(description="The announcement as it stands now.")

    query = query_after("Anything else you want to read after the step.")

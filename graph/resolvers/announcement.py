"""Announcements: read, followed live, made by authorities and institutions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

import strawberry

from graph.context import Info
from graph.feed_session import ANNOUNCEMENTS
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.event import After, event_of, follow
from graph.resolvers.shown import Shows
from graph.schema import announcement as schema
from graph.schema.event import AnnouncementFeedMessage
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow.announcement import (
    AnnouncementCorrect,
    AnnouncementPublish,
    AnnouncementRead,
    AnnouncementWithdraw,
)

_SHOWN: Final = Shows("Announcement")


@strawberry.type
class AnnouncementQuery:
    """Looking."""

    announcements = listed(
        "announcements",
        Connection[schema.Announcement],
        "Announcements (公告), newest first: those for you while they last, and for who makes them all of your place.",
    )
    unread_announcements = listed(
        "unreadAnnouncements",
        Connection[schema.Announcement],
        "The announcements for you that you have not read (未读公告), or not since they were corrected; `totalCount` "
        "is the number to show.",
    )


@strawberry.type
class AnnouncementSubscription:
    """Watching."""

    @strawberry.subscription
    async def announcement_feed(self, info: Info, after: After = None) -> AsyncIterator[AnnouncementFeedMessage]:
        """The announcements for you as they are made, corrected and withdrawn, without gap or double.

        It has a cursor of its own. Without `after` it starts now. A heartbeat comes first and then every 15 seconds of
        silence.
        """
        async with aclosing(follow(info.context, ANNOUNCEMENTS, {"after": after}, event_of)) as messages:
            async for message in messages:
                yield message


def _publish(input: schema.AnnouncementPublishInput) -> AnnouncementPublish:
    to = optional_key("Authority", input.authority_id)
    return AnnouncementPublish(input.words(), to, idempotency_key=retry_key(input))


def _correct(input: schema.AnnouncementCorrectInput) -> AnnouncementCorrect:
    seen = key_of("Announcement", input.id), input.expected_version
    return AnnouncementCorrect(*seen, input.words(), idempotency_key=retry_key(input))


def _withdraw(input: schema.AnnouncementWithdrawInput) -> AnnouncementWithdraw:
    seen = key_of("Announcement", input.id), input.expected_version
    return AnnouncementWithdraw(*seen, idempotency_key=retry_key(input))


def _read(input: schema.AnnouncementReadInput) -> AnnouncementRead:
    return AnnouncementRead(input.seen(), idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        AnnouncementPublish,
        schema.AnnouncementPublishInput,
        schema.AnnouncementPayload,
        "Announce something (发布公告): provincial admins to an area, managers to the people of their institution.",
        _publish,
        _SHOWN,
    ),
    mutation.of(
        AnnouncementCorrect,
        schema.AnnouncementCorrectInput,
        schema.AnnouncementPayload,
        "Correct an announcement (更正公告): everybody is to read it again, and what it was is kept.",
        _correct,
        _SHOWN,
    ),
    mutation.of(
        AnnouncementWithdraw,
        schema.AnnouncementWithdrawInput,
        schema.AnnouncementPayload,
        "Withdraw an announcement (撤回公告): nobody whom it was for reads it any more.",
        _withdraw,
        _SHOWN,
    ),
    mutation.of(
        AnnouncementRead,
        schema.AnnouncementReadInput,
        schema.AnnouncementPayload,
        "Mark an announcement as read (已读).",
        _read,
        _SHOWN,
    ),
)

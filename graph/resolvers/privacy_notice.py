"""The privacy notice: reading it, and accepting it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final
from uuid import UUID

import strawberry

from db import eligibility as facts
from db import privacy
from graph.context import Context, Info
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields
from graph.schema.privacy_notice import (
    PrivacyAcceptance,
    PrivacyNotice,
    PrivacyNoticeAcceptInput,
    PrivacyNoticePayload,
)
from rules.people import Party
from rules.privacy_notice import Acceptance
from workflow.privacy_notice import PrivacyNoticeAccept

Version = Annotated[int | None, strawberry.argument(description="Another one than that in force.")]


async def _notice(context: Context, version: int | None = None) -> PrivacyNotice:
    """A notice, with the viewer's own word on it."""
    viewer = None if context.session is None else context.session.actor
    async with context.db.read() as reader:
        current = await privacy.in_force(reader, await facts.today(reader))
        found = current if version is None else await privacy.of_version(reader, version)
        word = await privacy.accepted(reader, viewer.account_id) if viewer else None
    asked = viewer is not None and viewer.party is Party.NURSE and found.version == current.version
    return PrivacyNotice(
        version=found.version,
        from_day=found.from_day,
        text=found.text(context.language),
        due=asked and (word is None or word.version != current.version),
        accepted=None if word is None else PrivacyAcceptance(**asdict(word)),
    )


def _wish(input: PrivacyNoticeAcceptInput) -> PrivacyNoticeAccept:
    return PrivacyNoticeAccept(Acceptance(input.version, input.sensitive), idempotency_key=retry_key(input))


async def _shown(context: Context, _: UUID) -> Fields:
    return {"notice": await _notice(context)}


MUTATIONS: Final = (
    mutation.of(
        PrivacyNoticeAccept,
        PrivacyNoticeAcceptInput,
        PrivacyNoticePayload,
        "Accept the privacy notice in force (同意隐私政策), also before your account is active; asked again, it gives "
        "or withdraws your separate consent.",
        _wish,
        _shown,
    ),
)


@strawberry.type
class PrivacyNoticeQuery:
    """Looking."""

    @strawberry.field
    async def privacy_notice(self, info: Info, version: Version = None) -> PrivacyNotice:
        """The notice that a nurse reads of her data (隐私政策): the version in force, or another; for everybody."""
        return await _notice(info.context, version)

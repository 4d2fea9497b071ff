"""The authority that decides on each kind: what can be set, and setting it."""

from __future__ import annotations

from asyncio import gather
from typing import Final

import strawberry

from db import approval_setting as settings
from graph.context import Info
from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.shown import Shows
from graph.schema.approval_setting import ApprovalSettingChoice, ApprovalSettingSetInput
from graph.schema.institution import InstitutionPayload
from graph.schema.place import ApprovalSetting, Authority
from rules.errors import Language
from rules.kinds import KINDS, ROUTED, Kind
from rules.people import Party, require_party
from workflow.approval_setting import ApprovalSettingSet


@strawberry.type
class ApprovalSettingQuery:
    """Looking."""

    @strawberry.field
    async def approval_setting_choices(self, info: Info) -> list[ApprovalSettingChoice]:
        """Every kind that you forward, with what is set for it and what can be (审批机关设置, I6); for institutions."""
        context, own = info.context, info.context.actor.party_id
        require_party(context.actor, Party.INSTITUTION)
        assert own is not None
        async with context.db.read() as reader:
            keys = await settings.chain(reader, own)
        found = await gather(*(context.load.one(Authority, key) for key in keys))
        choices = [one for one in found if one is not None]
        made = {one.kind: one for one in await context.load.many("ApprovalSetting", own, len(Kind))}
        return [_choice(kind, made.get(kind), choices, context.language) for kind in ROUTED]


def _choice(
    kind: Kind, setting: ApprovalSetting | None, choices: list[Authority], language: Language
) -> ApprovalSettingChoice:
    title = KINDS[kind].title.within(language)
    return ApprovalSettingChoice(kind=kind, title=title, setting=setting, choices=choices)


def _wish(input: ApprovalSettingSetInput) -> ApprovalSettingSet:
    authority_id = optional_key("Authority", input.authority_id)
    return ApprovalSettingSet(input.kind, authority_id, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        ApprovalSettingSet,
        ApprovalSettingSetInput,
        InstitutionPayload,
        "Set who decides on a kind (审批机关设置, I6): only what is forwarded from now on goes there; for managers.",
        _wish,
        Shows("Institution"),
    ),
)

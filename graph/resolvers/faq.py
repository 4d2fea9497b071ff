"""Frequent questions: read by everybody, kept by the admins of the nation and the provinces."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import strawberry

from db import faq as faqs
from graph.context import Context, Info
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields
from graph.schema import faq as schema
from graph.schema.node import key_of
from rules.faq import HelpAudience, audiences, require_keeper, searched
from workflow.faq import FaqChange, FaqCreate, FaqPublish, FaqWithdraw

Search = Annotated[
    str | None,
    strawberry.argument(description="Only what has all these words, in either language; Chinese without blanks."),
]
Audience = Annotated[HelpAudience | None, strawberry.argument(description="Only what is for these people.")]
Kept = Annotated[
    bool,
    strawberry.argument(description="Also drafts, what was withdrawn, and what is for others; for who keeps them."),
]
Entry = Annotated[strawberry.ID, strawberry.argument(description="The entry's id.")]


@strawberry.type
class FaqQuery:
    """Looking."""

    @strawberry.field
    async def faqs(
        self, info: Info, search: Search = None, audience: Audience = None, all: Kept = False
    ) -> list[schema.Faq] | None:
        """Frequent questions with their answers (帮助中心, N21): those for everybody, and signed in yours too."""
        context = info.context
        if all:
            require_keeper(context.actor)
        hers = frozenset(HelpAudience) if all else audiences(context.viewer)
        asked = hers if audience is None else hers & {audience}
        async with context.db.read() as reader:
            found = await faqs.find(reader, asked, searched(search), published=not all)
        return [schema.Faq.of(one, context.language) for one in found]

    @strawberry.field
    async def faq_versions(self, info: Info, id: Entry) -> list[schema.Faq] | None:
        """The versions of an entry with their times, the newest first; for who keeps them."""
        context = info.context
        require_keeper(context.actor)
        async with context.db.read() as reader:
            found = await faqs.versions(reader, key_of("Faq", id))
        return [schema.Faq.of(one, context.language, since) for since, one in found]


async def _shown(context: Context, key: UUID) -> Fields:
    async with context.db.read() as reader:
        return {"faq": schema.Faq.of(await faqs.get(reader, key), context.language)}


def _create(input: schema.FaqCreateInput) -> FaqCreate:
    return FaqCreate(input.text(), idempotency_key=retry_key(input))


def _change(input: schema.FaqChangeInput) -> FaqChange:
    seen = key_of("Faq", input.id), input.expected_version
    return FaqChange(*seen, input.text(), idempotency_key=retry_key(input))


def _publish(input: schema.FaqStepInput) -> FaqPublish:
    return FaqPublish(*input.seen(), idempotency_key=retry_key(input))


def _withdraw(input: schema.FaqStepInput) -> FaqWithdraw:
    return FaqWithdraw(*input.seen(), idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        FaqCreate,
        schema.FaqCreateInput,
        schema.FaqPayload,
        "Write a new frequent question (新增常见问题, N21), as a draft; for provincial admins.",
        _create,
        _shown,
    ),
    mutation.of(
        FaqChange,
        schema.FaqChangeInput,
        schema.FaqPayload,
        "Give an entry another text, audience or place (修改常见问题); what it was is kept.",
        _change,
        _shown,
    ),
    mutation.of(
        FaqPublish,
        schema.FaqStepInput,
        schema.FaqPayload,
        "Show an entry to those whom it is for (发布常见问题).",
        _publish,
        _shown,
    ),
    mutation.of(
        FaqWithdraw,
        schema.FaqStepInput,
        schema.FaqPayload,
        "Take an entry off the page (撤下常见问题); it is kept.",
        _withdraw,
        _shown,
    ),
)

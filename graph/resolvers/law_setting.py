"""The law as data with days: looking at it, and setting it."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import strawberry

from db import law as laws
from graph.context import Context, Info
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields
from graph.schema.law_setting import LawSetting, LawSettingPayload, LawSettingSetInput
from rules.law import LawSubject
from workflow.law_setting import LawSettingSet

Subject = Annotated[LawSubject | None, strawberry.argument(description="Of one subject; all unless told.")]


def _wish(input: LawSettingSetInput) -> LawSettingSet:
    value = tuple(one.strip() for one in input.value)
    return LawSettingSet(input.subject, input.from_day, value, idempotency_key=retry_key(input))


async def _shown(context: Context, key: UUID) -> Fields:
    async with context.db.read() as reader:
        return {"setting": LawSetting.of(await laws.setting(reader, key), context.language)}


MUTATIONS: Final = (
    mutation.of(
        LawSettingSet,
        LawSettingSetInput,
        LawSettingPayload,
        "Set what holds of a subject of the law from a day on (法规设定): for the national authority's administrators, "
        "and a province's for its departments.",
        _wish,
        _shown,
    ),
)


@strawberry.type
class LawSettingQuery:
    """Looking."""

    @strawberry.field
    async def law_settings(self, info: Info, subject: Subject = None, first: int = 100) -> list[LawSetting]:
        """The law as data (法规设定): every value with its days, past, present and to come; for everybody."""
        async with info.context.db.read() as reader:
            found = await laws.settings(reader, subject, info.context.page(first))
        return [LawSetting.of(one, info.context.language) for one in found]

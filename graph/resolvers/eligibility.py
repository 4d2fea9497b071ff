"""Looking whether a nurse may apply."""

from __future__ import annotations

from asyncio import gather
from uuid import UUID

import strawberry

from db import law as laws
from graph.context import Context, Info
from graph.schema.application import Application
from graph.schema.eligibility import Eligibility, EligibilityVerdict
from graph.schema.node import key_of
from graph.schema.nurse import Nurse
from rules.eligibility import Outcome, Verdict
from rules.errors import NotFound
from rules.kinds import Kind
from rules.people import Party
from workflow import eligibility as workflow


@strawberry.type
class EligibilityQuery:
    """Looking."""

    @strawberry.field
    async def eligibility(self, info: Info, kind: Kind, nurse_id: strawberry.ID | None = None) -> Eligibility | None:
        """Your eligibility for a kind, or for staff that of a nurse whom they may read (申请资格, N16)."""
        context = info.context
        try:
            asked = None if nurse_id is None else key_of("Nurse", nurse_id)
        except NotFound:
            return None
        actor = context.actor
        if actor.party is Party.NURSE and asked in (None, actor.nurse_id):
            outlook = await workflow.own(context.db, actor, kind)
        elif asked is not None and (found := await context.load.one(Nurse, asked)) is not None:
            outlook = await workflow.of_nurse(context.db, found.key, kind)
        else:
            return None
        return Eligibility(
            kind=kind,
            eligible=all(one.outcome is not Outcome.FAIL for one in outlook.verdicts),
            verdicts=await _shown(context, outlook.verdicts),
            open_applications=await _readable(context, outlook.in_the_way),
        )


async def _readable(context: Context, keys: list[UUID]) -> list[Application]:
    found = await gather(*(context.load.one(Application, key) for key in keys))
    return [one for one in found if one is not None]


async def _shown(context: Context, verdicts: list[Verdict]) -> list[EligibilityVerdict]:
    async with context.db.read() as reader:
        law = await laws.shown(reader)
    return [EligibilityVerdict.of(one, context.language, law) for one in verdicts]

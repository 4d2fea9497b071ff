"""Nurses who may not practise today (执业资格预警)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import strawberry

from graph.context import Info
from graph.listing import only_once
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from graph.schema.practice_alert import PracticeAlert, PracticeAlertOrder, PracticeAlertWhere, PracticeReason
from workflow import practice_reason as workflow

Where = Annotated[PracticeAlertWhere | None, strawberry.argument(description="Only nurses like these.")]
OrderBy = Annotated[
    list[PracticeAlertOrder] | None,
    strawberry.argument(description="The columns to order by; by 有效期, the earliest first, unless told."),
]
Within = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only those of this institution, or of this authority and all below it."),
]

NurseId = Annotated[strawberry.ID, strawberry.argument(description="The nurse, by her global id.")]


@strawberry.type
class PracticeAlertQuery:
    """Looking."""

    practice_alerts = listed(
        "practiceAlerts",
        Connection[PracticeAlert],
        """The nurses of your roster who may not practise today (不得执业), and since when; not why.

        Of whoever is limited to units those of her units; of an authority those of its area.
        """,
        where=Taken(Where),
        orderBy=Taken(OrderBy),
        within=Taken(Within),
    )

    @strawberry.field
    async def practice_reason(self, info: Info, nurse_id: NurseId) -> PracticeReason | None:
        """Why a nurse of yours may not practise (不得执业原因), or why her registration ended while she was yours.

        For institutions and authorities, not for viewers; kept in the audit trail, where she sees it. Null where there
        is nobody, and where she is none of yours to know of.
        """
        context = info.context
        only_once(context)
        found = await workflow.read(context.db, context.signed_in, key_of("Nurse", nurse_id))
        return None if found is None else PracticeReason(**asdict(found))

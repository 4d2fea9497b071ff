"""Nurses who may not practise today (执业资格预警)."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.schema.page import Connection, Taken, listed
from graph.schema.practice_alert import PracticeAlert, PracticeAlertOrder, PracticeAlertWhere

Where = Annotated[PracticeAlertWhere | None, strawberry.argument(description="Only nurses like these.")]
OrderBy = Annotated[
    list[PracticeAlertOrder] | None,
    strawberry.argument(description="The columns to order by; by 有效期, the earliest first, unless told."),
]
Within = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only those of this institution, or of this authority and all below it."),
]


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

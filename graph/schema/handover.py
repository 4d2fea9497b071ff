"""Handing over (工作交接): what it takes, what moved, and what stayed for which reason."""

from __future__ import annotations

from uuid import UUID

import strawberry

from graph.schema.application import Application
from graph.schema.link import link
from graph.schema.proposal import Proposal
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.handover import Obstacle, Work

strawberry.enum(Work, name="HandoverWork")
strawberry.enum(Obstacle, name="HandoverObstacle")


@strawberry.input
class WorkHandoverInput(IdempotentInput):
    """Whose work goes to whom."""

    from_: strawberry.ID = strawberry.field(
        name="from", description="移交人: whose work it is, also of who is disabled."
    )
    to: strawberry.ID = strawberry.field(description="接手人: an active colleague of the same place.")


@strawberry.type
class HandoverItem:
    """One piece of work, and what became of it."""

    work: Work = strawberry.field(description="What it is to her: a lease, a recommendation, a proposal.")
    obstacle: Obstacle | None = strawberry.field(description="Why it stays; null where it moved.")
    application_key: strawberry.Private[UUID | None]
    proposal_key: strawberry.Private[UUID | None]
    application = link(Application, "application_key", "The application, of a lease or a recommendation.")
    proposal = link(Proposal, "proposal_key", "The proposal, if it is one that you may read.")


@strawberry.type
class WorkHandoverPayload:
    """The step was taken."""

    items: list[HandoverItem] = strawberry.field(
        description="What hung on her, moved or not: at most 200 of each kind in one request; ask again for the rest."
    )

    query = query_after("Anything else you want to read after the step.")

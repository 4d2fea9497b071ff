"""Interruptions of practice (中断执业, I23): what they take."""

from __future__ import annotations

from datetime import date

import strawberry

from graph.schema.registration_act import NurseActInput


@strawberry.input
class InterruptionStartInput(NurseActInput):
    """An interruption of practice."""

    starts_on: date = strawberry.field(description="The first day on which she did not practise, at most today.")
    reason: str | None = strawberry.field(default=None, description="事由, up to 500 characters.")


@strawberry.input
class InterruptionEndInput(NurseActInput):
    """The end of an interruption."""

    ends_on: date = strawberry.field(description="The last day on which she did not practise, at most today.")

"""The common parts of acts on a nurse's entry in the register: the nurse's id, and the payload."""

from __future__ import annotations

from uuid import UUID

import strawberry

from graph.schema.node import key_of
from graph.schema.nurse import Registration
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput


@strawberry.input
class NurseActInput(IdempotentInput):
    """An act on one nurse's entry."""

    nurse_id: strawberry.ID = strawberry.field(description="The nurse's global id.")

    def nurse_key(self) -> UUID:
        """The nurse whom it is about."""
        return key_of("Nurse", self.nurse_id)


@strawberry.input
class DecisionNumberInput(NurseActInput):
    """An act by a decision on paper."""

    decision_number: str = strawberry.field(description="决定书文号, up to 60 characters.")


@strawberry.interface
class RegistrationPayload:
    """The step was taken."""

    registration: Registration | None = strawberry.field(
        description="Her entry as it stands now, while you may read it."
    )

    query = query_after("Anything else you want to read after the step.")

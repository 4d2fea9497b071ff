"""Acts on a nurse's entry in the register: suspension, striking off, interruption (暂停, 吊销, 中断)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import strawberry

from graph.schema.act import Act
from graph.schema.node import key_of
from graph.schema.nurse import Registration
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput


@strawberry.input
class NurseActInput(IdempotentInput):
    """An act on one nurse's entry."""

    nurse_id: strawberry.ID = strawberry.field(description="The nurse's global id.")

    def given(self) -> dict[str, Any]:
        """What only this act asks for, as the workflow knows it."""
        known = {name: value for name, value in vars(self).items() if name not in {"nurse_id", "idempotency_key"}}
        return {name: None if value is strawberry.UNSET else value for name, value in known.items()}

    def nurse_key(self) -> Any:
        """Whom it is about."""
        return key_of("Nurse", self.nurse_id)


@strawberry.input
class DecisionNumberInput(NurseActInput):
    """An act by a decision on paper."""

    decision_number: str = strawberry.field(description="决定书文号, up to 60 characters.")


@strawberry.input
class RegistrationRevokeInput(DecisionNumberInput):
    """Striking a nurse off."""

    reason: str | None = strawberry.field(default=None, description="事由, up to 500 characters.")


@strawberry.input
class RegistrationSuspendInput(RegistrationRevokeInput):
    """Forbidding a nurse to practise for a while."""

    months: int = strawberry.field(description="暂停月数, 6 to 12; they begin today.")


@strawberry.input
class InterruptionStartInput(NurseActInput):
    """An interruption of practice."""

    starts_on: date = strawberry.field(description="The first day on which she did not practise, at most today.")
    reason: str | None = strawberry.field(default=None, description="事由, up to 500 characters.")


@strawberry.input
class InterruptionEndInput(NurseActInput):
    """The end of an interruption."""

    ends_on: date = strawberry.field(description="The last day on which she did not practise, at most today.")


@strawberry.interface
class RegistrationPayload:
    """The step was taken."""

    registration: Registration | None = strawberry.field(
        description="Her entry as it stands now, while you may read it."
    )

    query = query_after("Anything else you want to read after the step.")


SUSPEND: Final = Act(
    "registrationSuspend",
    RegistrationSuspendInput,
    RegistrationPayload,
    "Forbid a nurse registered with you to practise for 6 to 12 months (暂停执业); for deciders.",
)
LIFT: Final = Act(
    "registrationLift", DecisionNumberInput, RegistrationPayload, "End her suspension early (解除暂停); for deciders."
)
REVOKE: Final = Act(
    "registrationRevoke",
    RegistrationRevokeInput,
    RegistrationPayload,
    "Strike her off (吊销): barred for two years, and all that is open for her ends; for deciders.",
)
INTERRUPT: Final = Act(
    "interruptionStart",
    InterruptionStartInput,
    RegistrationPayload,
    "Record that a nurse of yours does not practise (中断执业信息, I23).",
)
PRACTISE_AGAIN: Final = Act(
    "interruptionEnd",
    InterruptionEndInput,
    RegistrationPayload,
    "Record the last day of her interruption (恢复执业, I23).",
)

"""Suspension, its lifting, striking off (暂停执业, 解除, 吊销): what they take."""

from __future__ import annotations

import strawberry

from graph.schema.registration_act import DecisionNumberInput
from rules.conduct import WithdrawalGround

strawberry.enum(WithdrawalGround)


@strawberry.input
class RegistrationRevokeInput(DecisionNumberInput):
    """Striking a nurse off."""

    reason: str | None = strawberry.field(default=None, description="事由, up to 500 characters.")


@strawberry.input
class RegistrationLiftInput(DecisionNumberInput):
    """The end of a suspension before its time."""

    annulled: WithdrawalGround | None = strawberry.field(
        default=None,
        description="Where the decision to suspend her was undone (撤销): on what ground; its bad record is withdrawn "
        "with it. One that is only lifted stays on record.",
    )


@strawberry.input
class RegistrationSuspendInput(RegistrationRevokeInput):
    """Forbidding a nurse to practise for a while."""

    months: int = strawberry.field(description="暂停月数, 6 to 12; they begin today.")

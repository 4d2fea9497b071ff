"""Suspension, its lifting, striking off (暂停执业, 解除, 吊销): what they take."""

from __future__ import annotations

import strawberry

from graph.schema.registration_act import DecisionNumberInput


@strawberry.input
class RegistrationRevokeInput(DecisionNumberInput):
    """Striking a nurse off."""

    reason: str | None = strawberry.field(default=None, description="事由, up to 500 characters.")


@strawberry.input
class RegistrationSuspendInput(RegistrationRevokeInput):
    """Forbidding a nurse to practise for a while."""

    months: int = strawberry.field(description="暂停月数, 6 to 12; they begin today.")

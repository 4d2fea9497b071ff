"""The authority that decides on each kind (审批机关设置): the input of setting it, and the payload."""

from __future__ import annotations

import strawberry

from graph.schema.step import IdempotentInput
from rules.kinds import Kind


@strawberry.input
class ApprovalSettingSetInput(IdempotentInput):
    """The authority that decides on one kind from now on."""

    kind: Kind = strawberry.field(description="业务类型.")
    authority_id: strawberry.ID | None = strawberry.field(
        description="审批机关: the licensing authority or one above it, by its global id; null for none yet."
    )

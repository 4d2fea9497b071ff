"""The authority that decides on each kind (审批机关设置): the input of setting it, and the payload."""

from __future__ import annotations

import strawberry

from graph.schema.place import ApprovalSetting, Authority
from graph.schema.step import IdempotentInput
from rules.kinds import Kind


@strawberry.type
class ApprovalSettingChoice:
    """One kind, what is set for it, and what can be (审批机关设置)."""

    kind: Kind = strawberry.field(description="业务类型.")
    title: str = strawberry.field(description="What it is called.")
    setting: ApprovalSetting | None = strawberry.field(description="What is set; null where nothing ever was.")
    choices: list[Authority] = strawberry.field(
        description="The authorities of your chain, the one that licensed you first, the nation last."
    )


@strawberry.input
class ApprovalSettingSetInput(IdempotentInput):
    """The authority that decides on one kind from now on."""

    kind: Kind = strawberry.field(description="业务类型.")
    authority_id: strawberry.ID | None = strawberry.field(
        description="审批机关: the licensing authority or one above it, by its global id; null for none yet."
    )

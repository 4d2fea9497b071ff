"""Which authority decides on which kind."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context
from graph.resolvers.act import mutation, optional_key, retry_key, shown
from graph.schema.act import Act
from graph.schema.approval_setting import SET
from workflow import approval_setting as workflow


async def _set(context: Context, act: Act, input: Any) -> Any:
    authority_id = optional_key("Authority", input.authority_id)
    wish = workflow.Setting(context.signed_in, input.kind, authority_id, retry_key(input))
    key = await workflow.set_authority(context.db, wish)
    return act.payload(institution=await shown(context, "Institution", key))


ApprovalSettingMutation: Any = strawberry.type(
    type("ApprovalSettingMutation", (), {SET.name: mutation(SET, _set), "__doc__": "Acting."})
)

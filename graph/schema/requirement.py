"""The materials asked for, kind by kind (申请材料目录): the rows, the inputs of setting them, and the payloads."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.place import Authority
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.errors import Words
from rules.kinds import Kind


@strawberry.type
class MaterialRequirement(Node):
    """A material asked for with one kind, in a province or everywhere, from a day on (申请材料目录)."""

    kind: Kind = strawberry.field(description="业务类型.")
    code: str = strawberry.field(description="Its code; a province's own row of a code stands instead of the nation's.")
    needed: bool = strawberry.field(description="Whether it must be handed in before the application can be filed.")
    paper: bool = strawberry.field(description="需带纸质资料文件: the authority wants to see the original.")
    valid_from: date = strawberry.field(description="生效日期.")
    valid_until: date | None = strawberry.field(description="失效日期, its last day; null while none is set.")
    authority_id: strawberry.Private[UUID | None]
    titles: strawberry.Private[str]
    authority = link(Authority, "authority_id", "Whose requirement it is; null for the nation's.")

    @strawberry.field
    def title(self, info: Info) -> str:
        """材料名称, in your language."""
        return Words(*json.loads(self.titles)).within(info.context.language)


@strawberry.input
class MaterialRequirementSetInput(IdempotentInput):
    """A material that your province asks for with a kind, from a day on, in place of the one asked for before."""

    kind: Kind = strawberry.field(description="业务类型.")
    code: str = strawberry.field(description="2 to 40 capital letters, digits and underscores; the same code replaces.")
    title_zh: str = strawberry.field(description="材料名称.")
    title_en: str = strawberry.field(description="The same in English.")
    needed: bool = strawberry.field(description="Whether it must be handed in before the application can be filed.")
    paper: bool = strawberry.field(
        description="需带纸质资料文件: whether the original must be seen; with `needed`, before 受理."
    )
    valid_from: date = strawberry.field(description="生效日期: today or later.")
    valid_until: date | None = strawberry.field(default=None, description="失效日期, its last day.")


@strawberry.input
class MaterialRequirementEndInput(IdempotentInput):
    """A material that your province asks for no longer; the nation's of the same code holds again."""

    id: strawberry.ID = strawberry.field(description="The requirement's global id.")
    valid_until: date = strawberry.field(description="失效日期, its last day: today or later.")


@strawberry.interface
class MaterialRequirementPayload:
    """The requirement after the change by the province."""

    requirement: MaterialRequirement = strawberry.field(description="The requirement as it stands now.")

    query = query_after("Anything else you want to read after the step.")

"""Institutions and authorities as clients see them."""

from __future__ import annotations

from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.node import Node
from rules.institution import InstitutionState

strawberry.enum(InstitutionState)
said = strawberry.field


@strawberry.type
class Authority(Node):
    """A health authority (卫生健康行政部门, 审批机关) in the tree of nation, provinces, cities and districts (A9)."""

    code: str = said(description="行政区划代码, with 000000 for the nation.")
    name: str = said(description="名称.")
    level: str = said(description="NATION, PROVINCE, CITY or DISTRICT.")
    parent_id: strawberry.Private[UUID | None]

    @strawberry.field
    async def parent(self, info: Info) -> Authority | None:
        """The authority above it."""
        found: Authority | None = await info.context.load.one("Authority", self.parent_id)
        return found


@strawberry.type
class Institution(Node):
    """A medical institution (医疗机构) where nurses practise."""

    code: str = said(description="统一社会信用代码 (GB 32100).")
    name: str = said(description="Standard name (标准名称).")
    state: InstitutionState = said(description="Where it stands.")
    division: str = said(description="行政区划代码 (GB/T 2260).")
    authority_id: strawberry.Private[UUID]

    @strawberry.field
    async def authority(self, info: Info) -> Authority | None:
        """The authority that licensed it (核发医疗机构执业许可证的部门)."""
        found: Authority | None = await info.context.load.one("Authority", self.authority_id)
        return found

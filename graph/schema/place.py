"""Institutions and authorities as clients see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.link import link, links
from graph.schema.node import Node
from rules.authority import AuthorityLevel
from rules.institution import InstitutionState
from rules.kinds import Kind

strawberry.enum(InstitutionState)
strawberry.enum(AuthorityLevel)


@strawberry.type
class Authority(Node):
    """A health authority (卫生健康行政部门, 审批机关) in the tree of nation, provinces, cities and districts (A9)."""

    code: str = strawberry.field(description="行政区划代码; 100000 is the nation's.")
    name: str = strawberry.field(description="名称.")
    level: AuthorityLevel = strawberry.field(description="行政层级.")
    two_persons: bool = strawberry.field(description="双人决定: nobody approves what she recommended herself.")
    renewal_window_days: int = strawberry.field(
        description="延续受理期: a renewal may be filed so many days before the expiry."
    )
    promised_days: int | None = strawberry.field(
        description="承诺时限: working days within which it promises to decide; null where it promises nothing."
    )
    parent_id: strawberry.Private[UUID | None]
    parent = link("graph.schema.place.Authority", "parent_id", "The authority above it.")


@strawberry.type
class ApprovalSetting:
    """The authority that decides on an institution's applications of one kind (审批机关设置)."""

    kind: Kind = strawberry.field(description="业务类型.")
    set_at: datetime = strawberry.field(description="Since when; what was forwarded before went elsewhere.")
    authority_id: strawberry.Private[UUID | None]
    authority = link(Authority, "authority_id", "The authority that decides; null where none is set for now.")


@strawberry.type
class Institution(Node):
    """A medical institution (医疗机构) where nurses practise."""

    code: str = strawberry.field(description="统一社会信用代码 (GB 32100).")
    name: str = strawberry.field(description="Standard name (标准名称).")
    state: InstitutionState = strawberry.field(description="Where it stands.")
    division: str = strawberry.field(description="行政区划代码 (GB/T 2260).")
    key: strawberry.Private[UUID]
    authority_id: strawberry.Private[UUID]
    merged_into_id: strawberry.Private[UUID | None]
    merged_into = link(
        "graph.schema.place.Institution",
        "merged_into_id",
        "The institution that took over its nurses and its work (并入的机构), if it was merged.",
    )
    authority = link(Authority, "authority_id", "The authority that licensed it (核发医疗机构执业许可证的部门).")
    approval_settings = links(
        ApprovalSetting,
        "key",
        "Who decides on which kind (I6); shown to its own staff and to the authorities above it.",
    )

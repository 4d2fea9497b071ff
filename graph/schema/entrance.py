"""The entrance page (入口): what everybody reads before signing in."""

from __future__ import annotations

import strawberry

from graph.schema.manual import Manual


@strawberry.type
class SupportLine:
    """The support line of this installation (客服热线)."""

    phone: str | None = strawberry.field(description="电话.")
    mail: str | None = strawberry.field(description="邮箱.")
    hours: str | None = strawberry.field(description="服务时间.")


@strawberry.type
class Entrance:
    """The entrance page (入口): support line, version, and how one begins."""

    version: str = strawberry.field(description="版本 of the service.")
    support: SupportLine = strawberry.field(description="客服热线; null where the operator has set none.")
    registration_guide: str = strawberry.field(description="注册说明: how a nurse gets an account, in paragraphs.")
    usage_guide: str = strawberry.field(description="使用说明: what can be done here, in paragraphs.")
    manuals: list[Manual] = strawberry.field(
        description="Manuals that everybody may read, with `manualTicketCreate`; none where none was published."
    )

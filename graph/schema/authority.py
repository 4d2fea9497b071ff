"""The steps on authorities: what they take and what they answer."""

from __future__ import annotations

import strawberry

from graph.schema.place import Authority
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.authority import AuthorityLevel


@strawberry.input
class AuthorityCreateInput(IdempotentInput):
    """An authority to be, below another."""

    parent_id: strawberry.ID = strawberry.field(description="上级机关, by its global id: one's own, or one below it.")
    code: str = strawberry.field(
        description="机关代码: that of its division (行政区划代码), or of a zone or a corps 6 to 12 digits or letters."
    )
    name: str = strawberry.field(description="名称.")
    level: AuthorityLevel = strawberry.field(description="行政层级: below that of the authority above it.")


@strawberry.input
class AuthoritySettingsSetInput(IdempotentInput):
    """The way in which an authority decides from now on; all of it is set."""

    authority_id: strawberry.ID = strawberry.field(description="机关, by its global id: one's own, or one below it.")
    two_persons: bool = strawberry.field(description="双人决定: nobody approves what she recommended herself.")
    renewal_window_days: int = strawberry.field(
        description="延续受理期: a renewal may be filed so many days before the expiry; 30 to 365."
    )
    promised_days: int | None = strawberry.field(
        description="承诺时限: working days within which it promises to decide, 1 to 20; null: no promise."
    )


@strawberry.interface
class AuthorityPayload:
    """The step was taken."""

    authority: Authority = strawberry.field(description="The authority as it stands now.")

    query = query_after("Anything else you want to read after the step.")

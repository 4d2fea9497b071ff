"""Deputies (代理): who acts for whom, from when to when; what the steps take and answer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graph.schema.account import Account
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.query import query_after
from graph.schema.session import SignInPayload
from graph.schema.step import IdempotentInput
from rules.deputy import DeputyshipState
from rules.people import Role

strawberry.enum(DeputyshipState)


@strawberry.type
class Deputyship(Node):
    """A colleague acts for somebody who is away (代理), with no more rights than hers."""

    state: DeputyshipState = strawberry.field(description="代理状态, today.")
    roles: list[Role] = strawberry.field(description="代理的角色: those of the absent colleague that were lent.")
    starts_on: date = strawberry.field(description="代理开始日期, from its first minute.")
    ends_on: date = strawberry.field(description="代理结束日期, to its last minute.")
    named_at: datetime = strawberry.field(description="When it was set down.")
    ended_at: datetime | None = strawberry.field(description="When it was ended before its last day, if it was.")
    absent_id: strawberry.Private[UUID]
    deputy_id: strawberry.Private[UUID]
    absent = link(Account, "absent_id", "被代理人: the colleague who is away.")
    deputy = link(Account, "deputy_id", "代理人: who acts for her.")


@strawberry.input
class DeputyNameInput(IdempotentInput):
    """A deputy to be: for whom, and how long."""

    absent: strawberry.ID | None = strawberry.field(
        default=None, description="被代理人: yourself, unless you manage her and name her account."
    )
    deputy: strawberry.ID = strawberry.field(description="代理人: an active colleague of the same place.")
    roles: list[Role] = strawberry.field(description="代理的角色: roles that the absent colleague holds.")
    starts_on: date = strawberry.field(description="开始日期, today at the earliest.")
    ends_on: date = strawberry.field(description="结束日期, the last day; half a year after the first at most.")


@strawberry.input
class DeputyEndInput(IdempotentInput):
    """One deputyship."""

    id: strawberry.ID = strawberry.field(description="The deputyship's global id.")


@strawberry.input
class DeputySignInInput:
    """The deputyship by which you act for somebody."""

    id: strawberry.ID = strawberry.field(description="The deputyship's global id.")


@strawberry.interface
class DeputyPayload:
    """The step was taken."""

    deputyship: Deputyship = strawberry.field(description="The deputyship as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.type
class DeputySignInPayload(SignInPayload):
    """A second session, in which you act for the absent colleague; it ends with your own, or with the last day."""

"""Who is asking, as clients see it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.account_security import AccountSecurity, Activation
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.place import Authority, Institution
from graph.schema.problem import Problems
from rules.people import AccountState, Actor, Party, Role

strawberry.enum(Party)
strawberry.enum(Role)
strawberry.enum(AccountState)


@strawberry.type
class Account(Node):
    """An account (账户)."""

    party: Party = strawberry.field(description="Whom it speaks for.")
    state: AccountState = strawberry.field(description="账户状态.")
    roles: list[Role] = strawberry.field(description="What it may do.")
    user_name: str = strawberry.field(description="用户名.")
    display_name: str = strawberry.field(description="The name colleagues see.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type
class Viewer:
    """The person who asks."""

    actor: strawberry.Private[Actor]
    display_name: str = strawberry.field(description="The name colleagues see.")
    party: Party = strawberry.field(description="Whom you speak for.")
    roles: list[Role] = strawberry.field(description="What you may do.")
    active: bool = strawberry.field(description="Whether the account is activated; until then nothing but this shows.")
    account_id: strawberry.Private[UUID]
    nurse_id: strawberry.Private[UUID | None]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    account = link(Account, "account_id", "Your account.")
    security = link(
        AccountSecurity, "account_id", "How you are reached and how far your account has come (安全设置, N12)."
    )

    @strawberry.field
    async def activation(self, info: Info) -> Activation | None:
        """What a nurse has to do before her account is active (账户激活); null for everybody else."""
        own = await info.context.load.one(AccountSecurity, self.account_id)
        if own is None or self.party is not Party.NURSE:
            return None
        return Activation.of(self.actor, own, info.context.language)

    nurse = link(Nurse, "nurse_id", "Your own record, if you sign in as a nurse (N11).")
    institution = link(Institution, "institution_id", "Your institution, if you sign in for one.")
    authority = link(Authority, "authority_id", "Your authority, if you sign in for one.")

    @classmethod
    def of(cls, actor: Actor | None) -> Viewer | None:
        """The signed-in person, as she sees herself."""
        if actor is None or actor.party is None:
            return None
        own = {actor.party: actor.party_id}
        return cls(
            actor=actor,
            display_name=actor.name,
            party=actor.party,
            roles=sorted(actor.roles),
            active=actor.active,
            account_id=actor.account_id,
            nurse_id=own.get(Party.NURSE),
            institution_id=own.get(Party.INSTITUTION),
            authority_id=own.get(Party.AUTHORITY),
        )


@strawberry.input
class SignInInput:
    """User name and password, and a captcha once several tries have failed."""

    user_name: str = strawberry.field(
        description="用户名, whatever its case; or a phone or mail box once it is proved."
    )
    password: str = strawberry.field(description="登录密码.")
    captcha_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of `captchaCreate`, after CAPTCHA_REQUIRED."
    )
    captcha_answer: str | None = strawberry.field(default=None, description="验证码.")


@strawberry.type
class SignInPayload:
    """A new session."""

    token: str = strawberry.field(
        description="Send it as `Authorization: Bearer`; it is shown this once and never in a URL."
    )
    expires_at: datetime = strawberry.field(description="When it ends by itself.")
    viewer: Viewer = strawberry.field(description="Who you are now.")


SignInResult = Annotated[SignInPayload | Problems, strawberry.union("SignInResult", description="What signIn answers.")]


@strawberry.type
class SignOutPayload:
    """The session has ended."""

    signed_out: bool = strawberry.field(description="Always true.")


SignOutResult = Annotated[
    SignOutPayload | Problems, strawberry.union("SignOutResult", description="What signOut answers.")
]

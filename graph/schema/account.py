"""Who is asking, as clients see it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph.context import Info
from graph.schema.account_security import AccountSecurity, Activation
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

    @strawberry.field
    async def account(self, info: Info) -> Account | None:
        """Your account."""
        found: Account | None = await info.context.load.one("Account", self.actor.account_id)
        return found

    @strawberry.field
    async def security(self, info: Info) -> AccountSecurity | None:
        """How you are reached and how far your account has come (安全设置, N12)."""
        found: AccountSecurity | None = await info.context.load.one("AccountSecurity", self.actor.account_id)
        return found

    @strawberry.field
    async def activation(self, info: Info) -> Activation | None:
        """What a nurse has to do before her account is active (账户激活); null for everybody else."""
        own = await info.context.load.one("AccountSecurity", self.actor.account_id)
        if own is None or self.party is not Party.NURSE:
            return None
        return Activation.of(self.actor, own, info.context.language)

    @strawberry.field
    async def nurse(self, info: Info) -> Nurse | None:
        """Your own record, if you sign in as a nurse (N11)."""
        key = self.actor.party_id if self.actor.party is Party.NURSE else None
        found: Nurse | None = await info.context.load.one("Nurse", key)
        return found

    @strawberry.field
    async def institution(self, info: Info) -> Institution | None:
        """Your institution, if you sign in for one."""
        key = self.actor.party_id if self.actor.party is Party.INSTITUTION else None
        found: Institution | None = await info.context.load.one("Institution", key)
        return found

    @strawberry.field
    async def authority(self, info: Info) -> Authority | None:
        """Your authority, if you sign in for one."""
        key = self.actor.party_id if self.actor.party is Party.AUTHORITY else None
        found: Authority | None = await info.context.load.one("Authority", key)
        return found

    @classmethod
    def of(cls, actor: Actor | None) -> Viewer | None:
        """The signed-in person, as she sees herself."""
        if actor is None or actor.party is None:
            return None
        roles = sorted(actor.roles)
        return cls(actor=actor, display_name=actor.name, party=actor.party, roles=roles, active=actor.active)


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

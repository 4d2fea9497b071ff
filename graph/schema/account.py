"""The viewer, and the registration of a nurse's account, as clients see it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry

from db import activation as activations
from graph.context import Info
from graph.schema.account_security import AccountSecurity, Activation
from graph.schema.link import link, links
from graph.schema.node import Node, global_id
from graph.schema.nurse import Nurse
from graph.schema.place import Authority, Institution
from rules.identity import DocumentType
from rules.people import AccountState, Actor, Party, Role

NAME_NOTE: Final = (
    "What was changed in the name as you typed it, in words: radicals in the place of characters, other spellings of "
    "the 间隔号, what cannot be seen; null where nothing was."
)
KEY: Final = "A retry with the same key (8-64 characters) is answered like the first time."
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
    phone_masked: str | None = strawberry.field(
        description="预留手机号, masked: where first passwords and codes go; null where there is none."
    )
    last_sign_in_at: datetime | None = strawberry.field(
        description="最近登录时间; null where nobody ever signed in, or not since it is kept."
    )
    identity_known: bool = strawberry.field(
        description="Whether its document is on record (已登记证件), so that nobody acts about herself by it."
    )
    key: strawberry.Private[UUID]
    units = links(
        "graph.schema.unit.UnitLimit",
        "key",
        "限定科室病区: what she is limited to, with what lies below; empty for no limit, which a ward head always has.",
        of="UnitLimit",
    )


@strawberry.type
class Viewer:
    """The person who asks."""

    actor: strawberry.Private[Actor]
    id: strawberry.ID = strawberry.field(description="The same for one account, for a client's store.")
    display_name: str = strawberry.field(description="The name colleagues see.")
    party: Party = strawberry.field(description="Whom you speak for.")
    roles: list[Role] = strawberry.field(description="What you may do.")
    active: bool = strawberry.field(description="Whether the account is activated; until then nothing but this shows.")
    account_id: strawberry.Private[UUID]
    nurse_id: strawberry.Private[UUID | None]
    own_nurse_id: strawberry.Private[UUID | None]
    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    on_behalf_of_id: strawberry.Private[UUID | None]
    on_behalf_of = link(
        Account, "on_behalf_of_id", "被代理人: for whom you act in this session (代理), if you act for somebody."
    )
    account = link(Account, "account_id", "Your account.")
    security = link(
        AccountSecurity, "account_id", "How you are reached and how far your account has come (安全设置, N12)."
    )

    @strawberry.field
    async def activation(self, info: Info) -> Activation | None:
        """The steps that a nurse has to take before her account is active (账户激活); null for everybody else."""
        if self.actor.active or self.party is not Party.NURSE:
            return None
        async with info.context.db.read() as reader:
            stand = await activations.stand(reader, self.actor)
        return None if stand is None else Activation.of(stand, info.context.language)

    nurse = link(Nurse, "nurse_id", "Your own record, if you sign in as a nurse (N11).")
    applications = links(
        "graph.schema.application.Application",
        "own_nurse_id",
        "Your own applications, newest first, drafts too (业务查询, N19); before your account is active those that you "
        "filed with it.",
        of="NurseApplication",
    )
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
            id=global_id("Viewer", actor.account_id),
            display_name=actor.name,
            party=actor.party,
            roles=sorted(actor.roles),
            active=actor.active,
            account_id=actor.account_id,
            nurse_id=own.get(Party.NURSE),
            own_nurse_id=actor.nurse_id if actor.party is Party.NURSE else None,
            institution_id=own.get(Party.INSTITUTION),
            authority_id=own.get(Party.AUTHORITY),
            on_behalf_of_id=actor.on_behalf_of,
        )


@strawberry.type
class PasswordPolicy:
    """The rules for a password and a user name."""

    min_length: int = strawberry.field(description="The fewest characters of a password.")
    staff_min_length: int = strawberry.field(
        description="The fewest for people of institutions and authorities (机构用户)."
    )
    max_length: int = strawberry.field(description="The most.")
    rule: str = strawberry.field(description="The rule that is checked, in words.")
    deck_rule: str = strawberry.field(
        description="The rule of the training deck; such passwords are good where long enough."
    )
    user_name_rule: str = strawberry.field(description="The rule for user names.")


@strawberry.input
class AccountRegisterInput:
    """The registration form (护士账户注册): a front end may show it as several pages."""

    name: str = strawberry.field(
        description="姓名: Han characters and ·; Latin letters only with documents from outside 内地."
    )
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号码.")
    phone: str = strawberry.field(description="手机号码.")
    email: str = strawberry.field(description="电子邮箱.")
    user_name: str = strawberry.field(
        description="用户名: begins with a letter, 6 to 12 letters or digits, unique in any case."
    )
    password: str = strawberry.field(description="登录密码, as `passwordPolicy` says; the page asks for it twice.")
    privacy_notice_version: int | None = strawberry.field(
        default=None,
        description="The version of `privacyNotice` that was read and accepted (同意隐私政策); may be needed here.",
    )
    sensitive_consent: bool = strawberry.field(
        default=False, description="单独同意: for sensitive data that rest on consent alone; may be given later."
    )
    captcha_id: strawberry.ID = strawberry.field(description="Of `captchaCreate`.")
    captcha_answer: str = strawberry.field(description="验证码; it is judged once everything else is well formed.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type
class RegisteredAccount:
    """The account that was registered, to be noted down (N3); never the password."""

    name: str = strawberry.field(description="姓名.")
    name_note: str | None = strawberry.field(description=NAME_NOTE)
    document_type: DocumentType = strawberry.field(description="证件类型.")
    id_number_masked: str = strawberry.field(description="证件号码, masked.")
    phone_masked: str = strawberry.field(description="手机号码, masked.")
    email_masked: str = strawberry.field(description="电子邮箱, masked.")
    user_name: str = strawberry.field(description="用户名, to sign in with.")


@strawberry.type
class AccountRegisterPayload:
    """The account is there, not active yet: sign in and go on with `viewer { activation }`."""

    account: RegisteredAccount = strawberry.field(description="What was registered.")

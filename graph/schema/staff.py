"""The people of an institution or an authority: inviting them, what is done to their accounts, the first sign-in."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.schema.account import Account, SignInPayload
from graph.schema.act import Act
from graph.schema.problem import Problems
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.people import Role
from rules.staff import StaffStep


@strawberry.input
class StaffInviteInput(IdempotentInput):
    """A colleague to be."""

    roles: list[Role] = strawberry.field(description="What she may do: roles of your institution or authority.")
    display_name: str = strawberry.field(description="The name colleagues see.")
    user_name: str = strawberry.field(
        description="用户名: a letter and 5 to 11 letters or digits, unique whatever the case."
    )
    phone: str = strawberry.field(description="预留手机号: user name and first password are sent there.")
    authority: strawberry.ID | None = strawberry.field(
        default=None,
        description="An authority below yours, by its global id; for provincial admins. Yours unless told.",
    )


@strawberry.input
class StaffStepInput(IdempotentInput):
    """One step on a colleague's account."""

    id: strawberry.ID = strawberry.field(description="The account's global id.")


@strawberry.input
class StaffSetRolesInput(StaffStepInput):
    """Other roles."""

    roles: list[Role] = strawberry.field(description="All roles she is to hold from now on.")


@strawberry.input
class StaffInviteAgainInput(StaffStepInput):
    """Another first password."""

    phone: str | None = strawberry.field(
        default=None, description="预留手机号, where the one she was invited by is wrong."
    )


@strawberry.input
class AccountResetContactsInput(StaffStepInput):
    """Somebody who has lost both her phone and her mail box."""

    identity_seen: bool = strawberry.field(
        description="Whether you have seen her identity document (当面核验身份证件)."
    )


@strawberry.interface
class StaffPayload:
    """The step was taken."""

    account: Account = strawberry.field(description="The account as it stands now.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class ContactsResetPayload:
    """The contacts are open again in 72 hours."""

    id: strawberry.ID = strawberry.field(description="The account's global id.")


INVITE: Final = Act(
    "staffInvite",
    StaffInviteInput,
    StaffPayload,
    "Invite a colleague (邀请用户): the first password goes to her phone and is good for seven days.",
)
RESET_CONTACTS: Final = Act(
    "accountResetContacts",
    AccountResetContactsInput,
    ContactsResetPayload,
    "Forget somebody's contacts at the desk (重置联系方式); the old ones are told, new ones wait 72 hours.",
)
STAFF_STEPS: Final = {
    StaffStep.INVITE_AGAIN: Act(
        "staffInviteAgain",
        StaffInviteAgainInput,
        StaffPayload,
        "Send a new first password, for another seven days (重新邀请).",
    ),
    StaffStep.DISABLE: Act("staffDisable", StaffStepInput, StaffPayload, "Shut a colleague out at once (停用)."),
    StaffStep.ENABLE: Act("staffEnable", StaffStepInput, StaffPayload, "Let a colleague in again (启用)."),
    StaffStep.SET_ROLES: Act("staffSetRoles", StaffSetRolesInput, StaffPayload, "Give a colleague other roles (角色)."),
}


@strawberry.input
class FirstSignInSendCodeInput:
    """The user name and first password, as they came by text message."""

    user_name: str = strawberry.field(description="用户名.")
    password: str = strawberry.field(description="初始密码.")
    captcha_id: strawberry.ID | None = strawberry.field(default=None, description="A captcha, where one is asked for.")
    captcha_answer: str | None = strawberry.field(default=None, description="验证码: its answer.")


@strawberry.input
class FirstSignInInput(FirstSignInSendCodeInput):
    """All that the first sign-in needs."""

    code: str = strawberry.field(description="校验码, as it came to the reserved phone.")
    new_password: str = strawberry.field(description="新密码: see passwordPolicy.")


@strawberry.type
class FirstSignInSendCodePayload:
    """A code is on its way."""

    phone_masked: str = strawberry.field(description="预留手机号, as 155****6058.")


FirstSignInSendCodeResult = Annotated[
    FirstSignInSendCodePayload | Problems,
    strawberry.union("FirstSignInSendCodeResult", description="What firstSignInSendCode answers."),
]


@strawberry.type
class FirstSignInPayload(SignInPayload):
    """A new session; the password is set and the phone proved."""


FirstSignInResult = Annotated[
    FirstSignInPayload | Problems, strawberry.union("FirstSignInResult", description="What firstSignIn answers.")
]

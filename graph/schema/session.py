"""Signing in and out, as clients see it; and the first sign-in of an institution's or authority's people."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.schema.account import Viewer


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


@strawberry.type
class SignOutPayload:
    """The session has ended."""

    signed_out: bool = strawberry.field(description="Always true.")


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


@strawberry.type
class FirstSignInPayload(SignInPayload):
    """A new session; the password is set and the phone proved."""

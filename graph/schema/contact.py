"""Safety of one's own account, as clients see it (安全设置, N7, N8, N12)."""

from __future__ import annotations

import strawberry

import graph.schema.message  # noqa: F401  it declares Channel
from graph.schema.payload import Payload, ViewerPayload
from graph.schema.step import IdempotentInput
from rules.verification import Channel

RESEND_SAID = "Seconds until another code may be asked for."


@strawberry.input
class ContactSendCodeInput:
    """The contact of one's account that is to be proved."""

    channel: Channel = strawberry.field(description="SMS for the phone (手机), MAIL for the mail box (邮箱).")


@strawberry.type
class ContactSendCodePayload(Payload):
    """A code (校验码) is under way; it is good for 10 minutes and replaces the one before."""

    sent_to: str = strawberry.field(description="Where it went, masked: 155****6058.")
    resend_after: int = strawberry.field(description=RESEND_SAID)


@strawberry.input
class ContactConfirmInput:
    """The code that came."""

    channel: Channel = strawberry.field(description="How it came.")
    code: str = strawberry.field(description="校验码, six digits; five tries.")


@strawberry.type
class ContactConfirmPayload(ViewerPayload):
    """The contact is proved: it opens the account and gives it back (登录, 找回)."""


@strawberry.input
class ContactChangeInput:
    """Another phone or mail box."""

    channel: Channel = strawberry.field(description="SMS for the phone (手机), MAIL for the mail box (邮箱).")
    to: str = strawberry.field(description="新手机号 or 新邮箱.")


@strawberry.type
class ContactChangePayload(Payload):
    """Codes are under way: to the new contact, and to the old one if that was proved."""

    sent_to: str = strawberry.field(description="The new contact, masked.")
    old_code_needed: bool = strawberry.field(
        description="Whether the old contact got a code too, which must be given as well."
    )
    resend_after: int = strawberry.field(description=RESEND_SAID)


@strawberry.input
class ContactChangeConfirmInput:
    """The codes that prove both ends of the change."""

    channel: Channel = strawberry.field(description="As it was asked for.")
    to: str = strawberry.field(description="The new contact, as it was asked for.")
    new_code: str = strawberry.field(description="校验码 that the new contact got.")
    old_code: str | None = strawberry.field(
        default=None, description="校验码 that the old contact got, if it was proved."
    )


@strawberry.type
class ContactChangeConfirmPayload(ViewerPayload):
    """The contact is changed and proved; the old one was told."""


@strawberry.input
class PasswordChangeInput(IdempotentInput):
    """Another password."""

    current_password: str = strawberry.field(description="当前密码.")
    new_password: str = strawberry.field(description="新密码, as `passwordPolicy` says.")


@strawberry.type
class PasswordChangePayload(ViewerPayload):
    """The password is changed: every other session has ended, this one goes on."""

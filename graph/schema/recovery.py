"""Getting back into an account (找回, N22), as clients and desks see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

import graph.schema.message  # noqa: F401  it declares Channel
from graph.schema.link import link
from graph.schema.node import Node
from graph.schema.nurse import Nurse
from graph.schema.payload import Payload
from graph.schema.step import IdempotentInput
from rules.identity import DocumentType
from rules.verification import Channel, RequestState

CAPTCHA_ID = "The captcha's id (验证码)."
CAPTCHA_ANSWER = "Your answer to it; each captcha is judged once."
NAME = "用户名, or a proved phone or mail box."
CHANNEL = "By which proved contact; the phone before the mail box unless told. Give the same in both steps."


@strawberry.type
class RecoveryRequest(Node):
    """Somebody asks to be let in without a proved phone or mail box (人工找回)."""

    nurse_id: strawberry.Private[UUID | None]
    state: RequestState = strawberry.field(description="Where it stands.")
    name: str = strawberry.field(description="姓名 as she gives it.")
    document_type: DocumentType = strawberry.field(description="证件类型 as she gives it.")
    id_number_masked: str = strawberry.field(description="证件号 as she gives it, masked.")
    phone_masked: str = strawberry.field(
        description="Where she can be reached, masked; an approval sends the code there."
    )
    evidence: str = strawberry.field(description="What else identifies her, in her words.")
    known: bool = strawberry.field(
        description="Whether an account has this name and number; without one it can only be rejected."
    )
    created_at: datetime = strawberry.field(description="When she asked.")
    decided_at: datetime | None = strawberry.field(description="When it was decided.")
    reason: str | None = strawberry.field(description="What the officer said.")

    nurse = link(Nurse, "nurse_id", "The record to compare with, if the register knows her.")


@strawberry.input
class RecoveryStartInput:
    """The person whose account is to be opened again."""

    name: str = strawberry.field(description=NAME)
    channel: Channel | None = strawberry.field(default=None, description=CHANNEL)
    captcha_id: strawberry.ID = strawberry.field(description=CAPTCHA_ID)
    captcha_answer: str = strawberry.field(description=CAPTCHA_ANSWER)


@strawberry.type
class RecoveryStartPayload(Payload):
    """If there is such an account and a contact of it is proved, a code is under way; nobody is told whether."""

    resend_after: int = strawberry.field(description="Seconds until it may be asked for again.")


@strawberry.input
class RecoveryFinishInput:
    """The code that came, and a new password."""

    name: str = strawberry.field(
        description="用户名, or what the code was asked for by; also the document number, or the phone of the code."
    )
    channel: Channel | None = strawberry.field(default=None, description=CHANNEL)
    code: str = strawberry.field(description="校验码, six digits; five tries.")
    new_password: str = strawberry.field(description="新密码, as `passwordPolicy` says.")
    captcha_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of `captchaCreate`, after CAPTCHA_REQUIRED."
    )
    captcha_answer: str | None = strawberry.field(default=None, description="验证码: its answer.")


@strawberry.type
class RecoveryFinishPayload(Payload):
    """The new password is set and every session has ended: sign in with it."""

    finished: bool = strawberry.field(description="Always true.")


@strawberry.input
class RecoveryRequestInput(IdempotentInput):
    """Personal information in place of a proved phone or mail box."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号.")
    phone: str = strawberry.field(description="A phone to be reached at (联系手机).")
    evidence: str = strawberry.field(
        description="What else identifies you (其他能证明身份的信息): workplace, certificate number."
    )
    captcha_id: strawberry.ID = strawberry.field(description=CAPTCHA_ID)
    captcha_answer: str = strawberry.field(description=CAPTCHA_ANSWER)


@strawberry.type
class RecoveryRequestPayload(Payload):
    """The desk has it; whether there is such an account is not told."""

    received: bool = strawberry.field(description="Always true.")


@strawberry.input
class RecoveryApproveInput(IdempotentInput):
    """The request to be approved: she is who she says."""

    id: strawberry.ID = strawberry.field(description="The request's global id.")
    opinion: str = strawberry.field(description="How that was made sure (意见), at most 500 characters.")


@strawberry.input
class RecoveryRejectInput(IdempotentInput):
    """The request to be rejected: she has not shown that she is who she says."""

    id: strawberry.ID = strawberry.field(description="The request's global id.")
    reason: str = strawberry.field(description="Why (理由), at most 500 characters.")


@strawberry.type
class RecoveryDecisionPayload(Payload):
    """The request is decided."""

    recovery_request: RecoveryRequest = strawberry.field(description="The request as it stands now.")

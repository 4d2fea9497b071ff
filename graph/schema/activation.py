"""Activating a nurse's account (激活), as her page and her institution's console see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.link import link
from graph.schema.payload import Payload, ViewerPayload
from graph.schema.place import Authority, Institution
from graph.schema.step import IdempotentInput
from rules.activation import CodeState

strawberry.enum(CodeState, name="ActivationCodeState")


@strawberry.type
class ActivationCode:
    """A nurse's account as whoever vouches for her sees it (生成激活码, I7); the code itself never shows here."""

    account_id: strawberry.ID = strawberry.field(
        description="Her account's global id, for activationIssueCode and accountRevoke."
    )
    name: str = strawberry.field(description="姓名.")
    id_number_masked: str = strawberry.field(description="身份证号, masked.")
    registered_at: datetime = strawberry.field(description="注册时间.")
    code_state: CodeState = strawberry.field(description="激活码: whether one was issued and is still good.")
    activated: bool = strawberry.field(description="是否激活.")
    certificate_verified: bool = strawberry.field(
        description="执业验证状态: whether her certificate number is verified."
    )
    issued_at: datetime | None = strawberry.field(description="激活码生成时间.")
    expires_at: datetime | None = strawberry.field(description="Until when the newest code is good.")
    activated_at: datetime | None = strawberry.field(description="激活时间.")


@strawberry.type
class ActivationIssuer:
    """Whom you ask for the activation code (激活码申领), and whether one waits to be entered (N10)."""

    institution_id: strawberry.Private[UUID | None]
    authority_id: strawberry.Private[UUID | None]
    code_expires_at: datetime | None = strawberry.field(
        description="Until when the code issued last is good; null without one."
    )
    tries_left: int | None = strawberry.field(description="How often a code may still be entered; null without one.")

    institution = link(
        Institution,
        "institution_id",
        "Your current institution (执业机构); if it is the wrong one, file a change of registration (变更).",
    )
    authority = link(
        Authority, "authority_id", "Your 注册机关, where you have no institution on the system that could issue one."
    )


@strawberry.input
class ActivationSubmitCertificateInput(IdempotentInput):
    """The number on your nursing certificate."""

    certificate_number: str = strawberry.field(description="护士执业证书编号.")


@strawberry.input
class ActivationSubmitExamCertificateInput(IdempotentInput):
    """The number of your latest exam certificate."""

    exam_certificate_number: str = strawberry.field(description="考试合格证书编码.")


@strawberry.input
class ActivationActivateInput:
    """The code that your institution gave you."""

    code: str = strawberry.field(description="激活码: 10 letters and digits; their case and spaces do not matter.")


@strawberry.input
class ActivationIssueCodeInput(IdempotentInput):
    """The account that a code is for."""

    account_id: strawberry.ID = strawberry.field(description="The account's global id, as in activationCodes.")


@strawberry.input
class AccountRevokeInput(IdempotentInput):
    """The account to be revoked, and why."""

    account_id: strawberry.ID = strawberry.field(description="The account's global id, as in activationCodes.")
    reason: str = strawberry.field(description="撤销原因, up to 200 characters; the nurse reads it.")


@strawberry.type
class ActivationPayload(ViewerPayload):
    """Your progress as it is now."""


@strawberry.type
class ActivationIssueCodePayload(Payload):
    """A code was issued; the one before is void."""

    plain_code: str | None = strawberry.field(
        description="激活码, shown this once; null where the request was only repeated: issue another if it was lost."
    )
    activation_code: ActivationCode = strawberry.field(description="The account it is for.")


@strawberry.type
class AccountRevokePayload(Payload):
    """The account is revoked; the nurse may register again."""

    account_id: strawberry.ID = strawberry.field(description="The account's global id; it shows nowhere any more.")

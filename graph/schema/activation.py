"""Activating a nurse's account (激活), as her page and her institution's console see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from graph.schema.filter import UNSET, Among, BooleanFilter, MomentFilter, NameFilter, NumberFilter, SexFilter
from graph.schema.link import link
from graph.schema.payload import Payload, ViewerPayload
from graph.schema.place import Authority, Institution
from graph.schema.step import IdempotentInput
from rules.activation import CodeState
from rules.nurse import Sex

strawberry.enum(CodeState, name="ActivationCodeState")


@strawberry.type
class ActivationCode:
    """A nurse's account as whoever vouches for her sees it (生成激活码, I7); the code itself never shows here."""

    account_id: strawberry.ID = strawberry.field(
        description="Her account's global id, for activationIssueCode and accountRevoke."
    )
    name: str = strawberry.field(description="姓名.")
    id_number_masked: str = strawberry.field(description="身份证号, masked.")
    sex: Sex = strawberry.field(description="性别.")
    registered_at: datetime = strawberry.field(description="注册时间.")
    code_state: CodeState = strawberry.field(description="激活码: whether one was issued and is still good.")
    awaits_code: bool = strawberry.field(
        description="待生成激活码: whether it is her turn to get a code, and none that is good was issued."
    )
    activated: bool = strawberry.field(description="是否激活.")
    identity_verified: bool = strawberry.field(
        description="护士信息验证: whether name and document were matched with the register."
    )
    certificate_verified: bool = strawberry.field(
        description="执业验证状态: whether her certificate number is verified."
    )
    issued_at: datetime | None = strawberry.field(description="激活码生成时间.")
    expires_at: datetime | None = strawberry.field(description="Until when the newest code is good.")
    activated_at: datetime | None = strawberry.field(description="激活时间.")


@strawberry.input
class CodeStateFilter(Among[CodeState]):
    """Compares 激活码状态."""


@strawberry.input
class ActivationCodeWhere:
    """Conditions on the accounts that you vouch for; all that is given must hold."""

    and_: list[ActivationCodeWhere] | None = strawberry.field(default=UNSET, name="and", description="All of these.")
    or_: list[ActivationCodeWhere] | None = strawberry.field(
        default=UNSET, name="or", description="At least one of these."
    )
    not_: ActivationCodeWhere | None = strawberry.field(default=UNSET, name="not", description="Not this.")
    name: NameFilter | None = strawberry.field(
        default=UNSET, description="姓名: by equality, its beginning, or any part."
    )
    id_number: NumberFilter | None = strawberry.field(default=UNSET, description="证件号.")
    sex: SexFilter | None = strawberry.field(default=UNSET, description="性别.")
    registered_at: MomentFilter | None = strawberry.field(default=UNSET, description="注册时间.")
    code_state: CodeStateFilter | None = strawberry.field(default=UNSET, description="激活码状态.")
    awaits_code: BooleanFilter | None = strawberry.field(default=UNSET, description="待生成激活码.")
    activated: BooleanFilter | None = strawberry.field(default=UNSET, description="是否激活.")
    identity_verified: BooleanFilter | None = strawberry.field(default=UNSET, description="护士信息验证.")
    certificate_verified: BooleanFilter | None = strawberry.field(default=UNSET, description="执业验证状态.")


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

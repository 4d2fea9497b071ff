"""The public register (上网公示, A10), for everybody: a nurse by her certificate, a paper by its code."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graph.schema.captcha import Captcha, CaptchaCreateInput
from rules.public_register import PublicCertificateState
from rules.receipt import ReceiptOutcome

strawberry.enum(PublicCertificateState)
strawberry.enum(ReceiptOutcome)


@strawberry.type
class PublicNurse:
    """All that everybody may know of a nurse who is on the register (公示信息), at this moment."""

    name: str = strawberry.field(description="姓名.")
    certificate_number: str = strawberry.field(description="护士执业证书编号.")
    institution_name: str | None = strawberry.field(description="执业机构; null where she is at none now.")
    valid_until: date = strawberry.field(description="有效期至, inclusive.")
    may_practise: bool = strawberry.field(description="Whether she may work as a nurse today; why not is not told.")
    as_of: datetime = strawberry.field(description="登记信息截至: ask again after 24 hours.")


@strawberry.type
class PublicCertificate:
    """A paper certificate whose code was scanned."""

    state: PublicCertificateState = strawberry.field(description="Whether this very print is the one in force.")
    nurse: PublicNurse | None = strawberry.field(description="Whose it is; null where it is void.")


@strawberry.type
class ReceiptStatement:
    """The signed statement of a receipt: the register's word at a moment, and no word on today."""

    key_id: str = strawberry.field(description="The key that has signed it.")
    signed_at: datetime = strawberry.field(description="登记信息截至.")
    sentence: str = strawberry.field(description="The sentence that every verifier shows: to be asked again.")
    name: str = strawberry.field(description="姓名.")
    certificate_number: str = strawberry.field(description="护士执业证书编号.")
    serial: str = strawberry.field(description="证书序号.")
    valid_until: date = strawberry.field(description="有效期至, inclusive.")
    may_practise: bool = strawberry.field(description="Whether she might work as a nurse then.")


@strawberry.type
class ReceiptCheck:
    """The result of verifying a receipt (核验结果)."""

    outcome: ReceiptOutcome = strawberry.field(
        description="CONFIRMED where this register has signed it and the print is in force."
    )
    statement: ReceiptStatement | None = strawberry.field(
        description="What it says; null where the signature is not one of the register's."
    )


@strawberry.input
class PublicCaptchaCreateInput(CaptchaCreateInput):
    """The kind of captcha."""


@strawberry.type
class PublicCaptchaCreatePayload:
    """A new captcha of the public register."""

    captcha: Captcha = strawberry.field(description="The captcha; it opens `publicLookUp` alone.")


@strawberry.input
class PublicLookUpInput:
    """The certificate, and whose it is said to be."""

    certificate_number: str = strawberry.field(description="护士执业证书编号, in any spelling.")
    name: str = strawberry.field(description="姓名: the whole name.")
    captcha_id: strawberry.ID = strawberry.field(description="Of a captcha of `publicCaptchaCreate`.")
    captcha_answer: str = strawberry.field(description="The answer to it.")


@strawberry.type
class PublicLookUpPayload:
    """The answer of the public register."""

    nurse: PublicNurse | None = strawberry.field(
        description="The nurse; null where nobody of this number and name is on the register, whoever ever was."
    )

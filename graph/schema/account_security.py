"""The progress of one's own account towards activation, and one's contacts: shown to nobody else."""

from __future__ import annotations

from datetime import datetime

import strawberry

from rules.account import AccountStep
from rules.activation_way import Stand, message, steps
from rules.errors import Language
from rules.identity import DocumentType
from rules.verification import IdentityOutcome

strawberry.enum(IdentityOutcome)
strawberry.enum(AccountStep)


@strawberry.type
class AccountSecurity:
    """The security settings of your own account (安全设置, N12)."""

    document_type: DocumentType | None = strawberry.field(description="证件类型, as you registered.")
    id_number_masked: str | None = strawberry.field(description="证件号码, as you registered, masked.")
    phone_masked: str | None = strawberry.field(description="手机号码: 155****6058.")
    phone_verified_at: datetime | None = strawberry.field(
        description="When the phone was proved by a code; null until then."
    )
    email_masked: str | None = strawberry.field(description="电子邮箱, masked.")
    email_verified_at: datetime | None = strawberry.field(
        description="When the mail box was proved by a code; null until then."
    )
    contact_held_until: datetime | None = strawberry.field(description="Until when phone and mail cannot be changed.")
    identity_outcome: IdentityOutcome | None = strawberry.field(
        description="What the last 护士信息验证 found; null before it (N5)."
    )
    identity_verified: bool = strawberry.field(description="Whether the register or the exam library knows you.")
    contact_verified: bool = strawberry.field(description="Whether a phone or mail box is proved.")
    certificate_verified: bool = strawberry.field(description="Whether your certificate number was right.")
    weekly_summary: bool = strawberry.field(
        description="Whether people who lead an office are written to each week about what waits there (每周工作提示)."
    )
    corrections: int = strawberry.field(
        description="How often name or ID number were corrected; five times at most (X5)."
    )


@strawberry.type
class Activation:
    """The progress of your account towards being active (账户激活)."""

    outcome: IdentityOutcome | None = strawberry.field(description="What the last 护士信息验证 found; null before it.")
    next_steps: list[AccountStep] = strawberry.field(description="What you can do now, the usual step first.")
    message: str = strawberry.field(description="What that means for you, in words.")

    @classmethod
    def of(cls, stand: Stand, language: Language) -> Activation:
        """The progress of an account that is not active yet."""
        words, outcome = message(stand), stand.candidate.progress.outcome
        return cls(outcome=outcome, next_steps=list(steps(stand)), message=words.within(language))

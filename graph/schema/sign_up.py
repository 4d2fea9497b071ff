"""How a nurse comes to an account, as clients see it: registering, correcting, being known."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.schema.account import Viewer
from graph.schema.act import Act
from graph.schema.problem import Problems
from rules.identity import DocumentType

KEY = "A retry with the same key (8-64 characters) is answered like the first time."


@strawberry.type
class PasswordPolicy:
    """What a password and a user name must be."""

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
    captcha_id: strawberry.ID = strawberry.field(description="Of `captchaCreate`.")
    captcha_answer: str = strawberry.field(description="验证码; it is judged once everything else is well formed.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type
class RegisteredAccount:
    """What was registered, to be noted down (N3); never the password."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(description="证件类型.")
    id_number_masked: str = strawberry.field(description="证件号码, masked.")
    phone_masked: str = strawberry.field(description="手机号码, masked.")
    email_masked: str = strawberry.field(description="电子邮箱, masked.")
    user_name: str = strawberry.field(description="用户名, to sign in with.")


@strawberry.type
class AccountRegisterPayload:
    """The account is there, not active yet: sign in and go on with `viewer { activation }`."""

    account: RegisteredAccount = strawberry.field(description="What was registered.")


AccountRegisterResult = Annotated[
    AccountRegisterPayload | Problems,
    strawberry.union("AccountRegisterResult", description="What accountRegister answers."),
]


@strawberry.input
class AccountCorrectIdentityInput:
    """The right name and document, in full."""

    name: str = strawberry.field(description="姓名.")
    document_type: DocumentType = strawberry.field(default=DocumentType.RESIDENT_ID, description="证件类型.")
    id_number: str = strawberry.field(description="证件号码.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input
class AccountVerifyIdentityInput:
    """Nothing but the retry key: what is compared was registered."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input
class AccountDeclareMilitarySourceInput:
    """Nothing but the retry key: the application itself says from which force."""

    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type
class Known:
    """You, as you stand now."""

    viewer: Viewer | None = strawberry.field(description="You; `activation` says what comes next.")


CORRECT_IDENTITY = Act(
    "accountCorrectIdentity",
    AccountCorrectIdentityInput,
    Known,
    "Correct your name or ID number (X5): before the verification has succeeded, at most five times.",
)
VERIFY_IDENTITY = Act(
    "accountVerifyIdentity",
    AccountVerifyIdentityInput,
    Known,
    "Let your name and ID number be compared with the register and the exam library (护士信息验证, N5).",
)
DECLARE_MILITARY_SOURCE = Act(
    "accountDeclareMilitarySource",
    AccountDeclareMilitarySourceInput,
    Known,
    "Declare that you come from the military or the armed police (军队武警, N6, N17), where nobody knows you.",
)

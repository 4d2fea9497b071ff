"""The viewer, and the registration of a nurse's account."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import strawberry

from db import session as sessions
from graph.context import Context, Info
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import ShowsViewer
from graph.schema.account import AccountRegisterInput, AccountRegisterPayload, PasswordPolicy, RegisteredAccount, Viewer
from graph.schema.captcha import captcha_key
from rules.account import USER_NAME_RULE, AccountForm
from rules.errors import Unauthenticated
from rules.passwords import DECK_RULE
from rules.privacy import mask_email, mask_id_number, mask_phone
from rules.privacy_notice import Acceptance
from rules.spelling import change_note, name
from workflow import account as workflow
from workflow.account import AccountRegister
from workflow.session import CaptchaAnswer


@strawberry.type
class AccountQuery:
    """Looking."""

    @strawberry.field
    def viewer(self, info: Info) -> Viewer | None:
        """You, or null while nobody is signed in."""
        return Viewer.of(info.context.viewer)

    @strawberry.field
    def password_policy(self, info: Info) -> PasswordPolicy:
        """The rules for a password (登录密码) and a user name (用户名); checked wherever one is set."""
        policy, language = info.context.services.passwords.policy, info.context.language
        return PasswordPolicy(
            min_length=policy.shortest,
            staff_min_length=policy.for_staff.shortest,
            max_length=policy.longest,
            rule=policy.rule.within(language),
            deck_rule=DECK_RULE.within(language),
            user_name_rule=USER_NAME_RULE.within(language),
        )


viewer: Final = ShowsViewer()
"""The payload shows you, whose rows are read afresh."""


async def viewer_after(context: Context, _: UUID) -> Fields:
    """The payload shows you as you are after the step: an active account sees more than it did."""
    token_hash = context.signed_in.token_hash
    context.services.sessions.forget(token_hash)
    async with context.db.read() as reader:
        session = await sessions.find(reader, token_hash)
    if session is None:
        raise Unauthenticated
    context.become(session)
    return await viewer(context)


def name_note(context: Context, typed: str) -> str | None:
    """A note, in words, of the changes to a name as it was kept."""
    words = change_note(typed.strip(), name(typed))
    return words and words.within(context.language)


async def _register(context: Context, input: AccountRegisterInput) -> Fields:
    form = AccountForm(
        input.name, input.document_type, input.id_number, input.phone, input.email, input.user_name, input.password
    )
    version, sensitive = input.privacy_notice_version, input.sensitive_consent
    accepted = None if version is None else Acceptance(version, sensitive)
    wish = AccountRegister(form, accepted=accepted, idempotency_key=retry_key(input))
    captcha = CaptchaAnswer(captcha_key(input.captcha_id), input.captcha_answer, context.address)
    services, needed = context.services, context.services.notice_needed
    made = await workflow.register(context.db, services.passwords, wish, captcha, notice_needed=needed)
    account = RegisteredAccount(
        name=made.stated.name,
        name_note=name_note(context, input.name),
        document_type=made.stated.identity.type,
        id_number_masked=mask_id_number(made.stated.identity.number),
        phone_masked=mask_phone(made.phone),
        email_masked=mask_email(made.email),
        user_name=made.user_name,
    )
    return {"account": account}


MUTATIONS: Final = (
    Mutation(
        AccountRegister,
        AccountRegisterInput,
        AccountRegisterPayload,
        "Register (护士账户注册, N1-N3). Whether an ID number has an account already is told to nobody here.",
        _register,
        public=True,
        secret=True,
    ),
)

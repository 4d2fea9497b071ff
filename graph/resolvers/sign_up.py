"""Registering, correcting what was typed, and being known."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.context import Context, Info
from graph.resolvers.act import mutation, retry_key
from graph.resolvers.rate_limit import count_try
from graph.schema.account import Viewer
from graph.schema.act import Act
from graph.schema.captcha import captcha_key
from graph.schema.sign_up import (
    CORRECT_IDENTITY,
    DECLARE_MILITARY_SOURCE,
    VERIFY_IDENTITY,
    AccountRegisterInput,
    AccountRegisterPayload,
    AccountRegisterResult,
    PasswordPolicy,
    RegisteredAccount,
)
from rules.account import USER_NAME_RULE, RegistrationForm
from rules.passwords import DECK_RULE
from rules.privacy import mask_email, mask_id_number, mask_phone
from workflow import account as workflow
from workflow import verification


@strawberry.type
class SignUpQuery:
    """Looking."""

    @strawberry.field
    def password_policy(self, info: Info) -> PasswordPolicy:
        """What a password (登录密码) and a user name (用户名) must be; checked wherever one is set."""
        policy, language = info.context.services.passwords.policy, info.context.language
        return PasswordPolicy(
            min_length=policy.shortest,
            staff_min_length=policy.for_staff.shortest,
            max_length=policy.longest,
            rule=policy.rule.within(language),
            deck_rule=DECK_RULE.within(language),
            user_name_rule=USER_NAME_RULE.within(language),
        )


async def _correct(context: Context, act: Act, input: Any) -> Any:
    given = verification.Correction(
        context.signed_in, input.name, input.document_type, input.id_number, retry_key(input)
    )
    await verification.correct_identity(context.db, given)
    return act.payload(viewer=_viewer(context))


async def _verify(context: Context, act: Act, input: Any) -> Any:
    await verification.verify_identity(context.db, context.signed_in, retry_key(input))
    return act.payload(viewer=_viewer(context))


async def _declare(context: Context, act: Act, input: Any) -> Any:
    await verification.declare_military_source(context.db, context.signed_in, retry_key(input))
    return act.payload(viewer=_viewer(context))


def _viewer(context: Context) -> Viewer | None:
    """Her as she stands now."""
    context.forget()
    return Viewer.of(context.actor)


@strawberry.type
class SignUpMutation:
    """Acting."""

    @strawberry.mutation
    async def account_register(self, info: Info, input: AccountRegisterInput) -> AccountRegisterResult:
        """Register (护士账户注册, N1-N3). Whether an ID number has an account already is told to nobody here."""
        await count_try(info)
        answer, key = (captcha_key(input.captcha_id), input.captcha_answer), retry_key(input)
        made = await workflow.register(
            info.context.db, info.context.services.passwords, workflow.Registration(_form(input), *answer, key)
        )
        account = RegisteredAccount(
            name=made.claim.name,
            document_type=made.claim.identity.type,
            id_number_masked=mask_id_number(made.claim.identity.number),
            phone_masked=mask_phone(made.phone),
            email_masked=mask_email(made.email),
            user_name=made.user_name,
        )
        return AccountRegisterPayload(account=account)

    account_correct_identity = mutation(CORRECT_IDENTITY, _correct)
    account_verify_identity = mutation(VERIFY_IDENTITY, _verify)
    account_declare_military_source = mutation(DECLARE_MILITARY_SOURCE, _declare)


def _form(input: AccountRegisterInput) -> RegistrationForm:
    return RegistrationForm(
        input.name, input.document_type, input.id_number, input.phone, input.email, input.user_name, input.password
    )

"""The public register (上网公示, A10): everybody asks here, by budgets that are no others'."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final

import strawberry

from graph.context import Context, Info
from graph.resolvers.captcha import shown
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.captcha import captcha_key
from graph.schema.public_register import (
    PublicCaptchaCreateInput,
    PublicCaptchaCreatePayload,
    PublicCertificate,
    PublicLookUpInput,
    PublicLookUpPayload,
    PublicNurse,
    ReceiptCheck,
    ReceiptStatement,
)
from rules import public_register as rules
from rules.errors import Language
from rules.receipt import Statement, sentence
from workflow.address import Budget
from workflow.captcha import PublicCaptchaCreate
from workflow.public_register import PublicLookUp
from workflow.session import CaptchaAnswer

Token = Annotated[str, strawberry.argument(description="核验码: what stands after /v/ in the address of the code.")]
Receipt = Annotated[
    str, strawberry.argument(description="核验凭证: what stands behind the # in the address of the code, or all of it.")
]


def _budget(context: Context) -> Budget:
    return Budget(context.services.limits.address_look_ups, context.services.known_networks)


def _nurse(found: rules.PublicNurse | None) -> PublicNurse | None:
    return None if found is None else PublicNurse(**asdict(found))


def _statement(said: Statement, language: Language) -> ReceiptStatement:
    return ReceiptStatement(
        **asdict(said), certificate_number=said.certificate_number, sentence=sentence(said.signed_at).within(language)
    )


@strawberry.type
class PublicRegisterQuery:
    """Looking."""

    @strawberry.field
    async def public_certificate(self, info: Info, token: Token) -> PublicCertificate | None:
        """The certificate on which this code is printed (扫码核验); for everybody.

        Null for codes that are none, or that she has ended. One a request.
        """
        context = info.context
        register = context.services.public
        found = await register.certificate(context.db, token, context.address, _budget(context))
        return None if found is None else PublicCertificate(state=found.state, nurse=_nurse(found.nurse))

    @strawberry.field
    async def receipt_check(self, info: Info, receipt: Receipt) -> ReceiptCheck:
        """The worth of a receipt (核验凭证), for whoever cannot verify its signature; for everybody. One a request."""
        context = info.context
        found = await context.services.public.receipt(context.db, receipt, context.address, _budget(context))
        said = None if found.statement is None else _statement(found.statement, context.language)
        return ReceiptCheck(outcome=found.outcome, statement=said)


async def _captcha(context: Context, input: PublicCaptchaCreateInput) -> Fields:
    register, language = context.services.public, context.language
    return shown(await register.captcha(context.db, input.form, language, context.address, _budget(context)))


async def _look_up(context: Context, input: PublicLookUpInput) -> Fields:
    answer = CaptchaAnswer(captcha_key(input.captcha_id), input.captcha_answer, context.address)
    asked = (input.certificate_number, input.name, answer, _budget(context))
    return {"nurse": _nurse(await context.services.public.nurse(context.db, *asked))}


MUTATIONS: Final = (
    Mutation(
        PublicCaptchaCreate,
        PublicCaptchaCreateInput,
        PublicCaptchaCreatePayload,
        "Ask for a captcha of the public register (验证码, A10): it lives for five minutes and takes one answer.",
        _captcha,
        public=True,
        secret=True,
        counts=True,
    ),
    Mutation(
        PublicLookUp,
        PublicLookUpInput,
        PublicLookUpPayload,
        "Look a nurse up in the public register (上网公示, A10), by the number of her certificate and her full name.",
        _look_up,
        public=True,
        secret=True,
        counts=True,
    ),
)

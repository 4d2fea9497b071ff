"""Activating accounts: the nurse's steps, and those of whoever vouches for her."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from db import activation as activations
from db import activation_code as codes
from graph.context import Context, Info
from graph.resolvers.account import viewer_after
from graph.resolvers.act import retry_key, shown
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.activation import (
    ActivationActivateInput,
    ActivationCode,
    ActivationCodeWhere,
    ActivationIssueCodeInput,
    ActivationIssueCodePayload,
    ActivationIssuer,
    ActivationPayload,
    ActivationSubmitCertificateInput,
    ActivationSubmitExamCertificateInput,
)
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from graph.schema.problem import answer
from rules.account import AccountStep
from rules.activation import CODE_TRIES, may
from rules.errors import RateLimited
from rules.people import Party
from workflow.activation import (
    ActivationSubmitCertificate,
    ActivationSubmitExamCertificate,
    submit_certificate,
)
from workflow.activation_code import ActivationActivate, ActivationIssueCode, activate, issue_code

Name = Annotated[str | None, strawberry.argument(description="Only nurses whose 姓名 begins like this.")]
Where = Annotated[ActivationCodeWhere | None, strawberry.argument(description="Only accounts like these.")]


@strawberry.type
class ActivationQuery:
    """Looking."""

    activation_codes = listed(
        "activationCodes",
        Connection[ActivationCode],
        "The accounts of the nurses that you vouch for, with the states of their codes (账号激活, I7; 账号撤销, I8), "
        "the newest first.",
        name=Taken(Name),
        where=Taken(Where),
    )

    @strawberry.field
    async def activation_issuer(self, info: Info) -> ActivationIssuer | None:
        """Whom a nurse who is not activated asks for her code (N10); null while it is nobody's turn to give one."""
        account_id = info.context.actor.account_id
        async with info.context.db.read() as reader:
            candidate = await activations.find(reader, account_id)
            code = await codes.live(reader, account_id)
        if candidate is None or candidate.issuer is None or not may(candidate, AccountStep.ACTIVATE):
            return None
        party, key = candidate.issuer
        good = code is not None and code.issuer in (candidate.issuer, candidate.employer)
        return ActivationIssuer(
            institution_id=key if party is Party.INSTITUTION else None,
            authority_id=key if party is Party.AUTHORITY else None,
            code_expires_at=code.expires_at if code and good else None,
            tries_left=CODE_TRIES - code.tries if code and good else None,
        )


async def _submit(context: Context, input: ActivationSubmitCertificateInput) -> Fields:
    wish = ActivationSubmitCertificate(input.certificate_number, idempotency_key=retry_key(input))
    return await viewer_after(context, await submit_certificate(context.db, context.signed_in, wish))


async def _submit_exam(context: Context, input: ActivationSubmitExamCertificateInput) -> Fields:
    wish = ActivationSubmitExamCertificate(input.exam_certificate_number, idempotency_key=retry_key(input))
    return await viewer_after(context, await submit_certificate(context.db, context.signed_in, wish))


async def _activate(context: Context, input: ActivationActivateInput) -> Fields:
    return await viewer_after(context, await activate(context.db, context.signed_in, input.code))


async def _issue_code(context: Context, input: ActivationIssueCodeInput) -> Fields:
    account_id = key_of("Account", input.account_id)
    wish = ActivationIssueCode(account_id, idempotency_key=retry_key(input))
    code = await issue_code(context.db, context.signed_in, wish)
    return {"plain_code": code, "activation_code": await shown(context, "ActivationCode", account_id)}


_RESULT: Final = answer(
    ActivationPayload,
    ActivationActivate.refuses | {RateLimited},
    "ActivationResult",
    "What a step of the activation answers.",
)
MUTATIONS: Final = (
    Mutation(
        ActivationSubmitCertificate,
        ActivationSubmitCertificateInput,
        ActivationPayload,
        "Verify your certificate number (N9): then your institution gives the code; deregistered, you are active.",
        _submit,
        secret=True,
        result=_RESULT,
    ),
    Mutation(
        ActivationSubmitExamCertificate,
        ActivationSubmitExamCertificateInput,
        ActivationPayload,
        "Never registered: activate the account by your latest exam certificate (N9b).",
        _submit_exam,
        secret=True,
        result=_RESULT,
    ),
    Mutation(
        ActivationActivate,
        ActivationActivateInput,
        ActivationPayload,
        "Activate the account by the code of your institution (N10); the fifth wrong one ends the code.",
        _activate,
        secret=True,
        result=_RESULT,
    ),
    Mutation(
        ActivationIssueCode,
        ActivationIssueCodeInput,
        ActivationIssueCodePayload,
        "Give a nurse of yours her activation code (生成激活码, I7): at most three a day, each ends the one before.",
        _issue_code,
    ),
)

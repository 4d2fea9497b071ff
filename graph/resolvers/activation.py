"""Activating accounts: the nurse's steps, and those of whoever vouches for her."""

from __future__ import annotations

from typing import Annotated

import strawberry

from db import activation as activations
from db import activation_code as codes
from db import session as sessions
from graph.context import Info
from graph.resolvers.act import retry_key, shown
from graph.schema.account import Viewer
from graph.schema.activation import (
    AccountRevokeInput,
    AccountRevokePayload,
    AccountRevokeResult,
    ActivationActivateInput,
    ActivationCode,
    ActivationIssueCodeInput,
    ActivationIssueCodePayload,
    ActivationIssueCodeResult,
    ActivationIssuer,
    ActivationPayload,
    ActivationResult,
    ActivationSubmitCertificateInput,
    ActivationSubmitExamCertificateInput,
)
from graph.schema.node import global_id, key_of
from graph.schema.page import Connection, Taken, listed
from rules.account import AccountStep
from rules.activation import CODE_TRIES, may
from rules.errors import Unauthenticated
from rules.people import Party
from workflow import activation as workflow
from workflow import revocation
from workflow.activation import About, Certificate

Name = Annotated[str | None, strawberry.argument(description="Only nurses whose 姓名 begins like this.")]


@strawberry.type
class ActivationQuery:
    """Looking."""

    activation_codes = listed(
        "activationCodes",
        Connection[ActivationCode],
        "The accounts of the nurses that you vouch for, with their activation codes' states (账号激活, I7), the newest "
        "first.",
        name=Taken(Name),
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
        good = code is not None and code.issuer == candidate.issuer
        return ActivationIssuer(
            institution_id=key if party is Party.INSTITUTION else None,
            authority_id=key if party is Party.AUTHORITY else None,
            code_expires_at=code.expires_at if code and good else None,
            tries_left=CODE_TRIES - code.tries if code and good else None,
        )


@strawberry.type
class ActivationMutation:
    """Acting."""

    @strawberry.mutation
    async def activation_submit_certificate(
        self, info: Info, input: ActivationSubmitCertificateInput
    ) -> ActivationResult:
        """Verify your certificate number (N9): then your institution gives the code; deregistered, you are active."""
        return await _submit(
            info, Certificate(info.context.signed_in, input.certificate_number, False, retry_key(input))
        )

    @strawberry.mutation
    async def activation_submit_exam_certificate(
        self, info: Info, input: ActivationSubmitExamCertificateInput
    ) -> ActivationResult:
        """Never registered: activate the account by your latest exam certificate (N9b)."""
        number, session = input.exam_certificate_number, info.context.signed_in
        return await _submit(info, Certificate(session, number, True, retry_key(input)))

    @strawberry.mutation
    async def activation_activate(self, info: Info, input: ActivationActivateInput) -> ActivationResult:
        """Activate the account by the code of your institution (N10); the fifth wrong one ends the code."""
        await workflow.activate(info.context.db, info.context.signed_in, input.code)
        return await _now(info)

    @strawberry.mutation
    async def activation_issue_code(self, info: Info, input: ActivationIssueCodeInput) -> ActivationIssueCodeResult:
        """Give a nurse of yours her activation code (生成激活码, I7): at most three a day, each ends the one before."""
        context, account_id = info.context, key_of("Account", input.account_id)
        code = await workflow.issue_code(context.db, About(context.signed_in, account_id, retry_key(input)))
        return ActivationIssueCodePayload(
            plain_code=code, activation_code=await shown(context, "ActivationCode", account_id)
        )

    @strawberry.mutation
    async def account_revoke(self, info: Info, input: AccountRevokeInput) -> AccountRevokeResult:
        """Revoke a nurse's account (账号撤销, I8); refused once an application of hers was approved."""
        context, account_id = info.context, key_of("Account", input.account_id)
        await revocation.revoke(context.db, About(context.signed_in, account_id, retry_key(input), input.reason))
        return AccountRevokePayload(account_id=global_id("Account", account_id))


async def _submit(info: Info, certificate: Certificate) -> ActivationResult:
    await workflow.submit_certificate(info.context.db, certificate)
    return await _now(info)


async def _now(info: Info) -> ActivationResult:
    """The viewer as she is after the step: an active account sees more than it did."""
    context, token_hash = info.context, info.context.signed_in.token_hash
    context.services.sessions.forget(token_hash)
    async with context.db.read() as reader:
        session = await sessions.find(reader, token_hash)
    viewer = Viewer.of(session.actor) if session else None
    if session is None or viewer is None:
        raise Unauthenticated
    context.become(session)
    return ActivationPayload(viewer=viewer)

"""Getting back into an account: by a code, or through a desk."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.context import Info
from graph.resolvers.act import retry_key, shown
from graph.resolvers.application import _opinion
from graph.resolvers.rate_limit import count_try
from graph.schema.captcha import captcha_key
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from graph.schema.recovery import (
    RecoveryApproveInput,
    RecoveryDecisionPayload,
    RecoveryDecisionResult,
    RecoveryFinishInput,
    RecoveryFinishPayload,
    RecoveryFinishResult,
    RecoveryRejectInput,
    RecoveryRequest,
    RecoveryRequestInput,
    RecoveryRequestPayload,
    RecoveryRequestResult,
    RecoveryStartInput,
    RecoveryStartPayload,
    RecoveryStartResult,
)
from rules.errors import FieldProblem, Invalid, Words
from rules.verification import RequestState
from workflow import recovery as workflow
from workflow import recovery_desk
from workflow.code import RESEND
from workflow.session import Captcha

NOUN = "RecoveryRequest"
Wanted = Annotated[RequestState, strawberry.argument(description="Only requests that stand so.")]
NO_REASON = Words("请填写意见或理由", "Say why.")


@strawberry.type
class RecoveryQuery:
    """Looking."""

    recovery_requests = listed(
        "recoveryRequests",
        Connection[RecoveryRequest],
        "The recoveries that your desk is asked for (人工找回申请), the oldest first; for reviewers and the help desk.",
        state=Taken(Wanted, RequestState.PENDING),
    )


@strawberry.type
class RecoveryMutation:
    """Acting."""

    @strawberry.mutation
    async def recovery_start(self, info: Info, input: RecoveryStartInput) -> RecoveryStartResult:
        """Have a code sent to the proved phone or mail box of your account (找回密码, N22)."""
        await count_try(info)
        captcha = Captcha(captcha_key(input.captcha_id), input.captcha_answer)
        await workflow.start(info.context.db, workflow.Whom(input.name, input.channel), captcha)
        return RecoveryStartPayload(resend_after=int(RESEND.total_seconds()))

    @strawberry.mutation
    async def recovery_finish(self, info: Info, input: RecoveryFinishInput) -> RecoveryFinishResult:
        """Set a new password with the code that came (重置密码, N22); every session ends."""
        await count_try(info)
        whom, passwords = workflow.Whom(input.name, input.channel), info.context.services.passwords
        await workflow.finish(info.context.db, passwords, whom, input.code, input.new_password)
        return RecoveryFinishPayload(finished=True)

    @strawberry.mutation
    async def recovery_request(self, info: Info, input: RecoveryRequestInput) -> RecoveryRequestResult:
        """Ask a desk to let you in where neither phone nor mail box was proved (个人信息找回, N22)."""
        await count_try(info)
        document = (input.document_type, input.id_number)
        appeal = workflow.Appeal(input.name, *document, input.phone, input.evidence, retry_key(input))
        captcha = Captcha(captcha_key(input.captcha_id), input.captcha_answer)
        await workflow.request(info.context.db, appeal, captcha)
        return RecoveryRequestPayload(received=True)

    @strawberry.mutation
    async def recovery_approve(self, info: Info, input: RecoveryApproveInput) -> RecoveryDecisionResult:
        """Let her in (同意找回): a code goes to the phone she gave. For the desk asked, never about oneself."""
        return await _decide(info, input, input.opinion, "opinion", approves=True)

    @strawberry.mutation
    async def recovery_reject(self, info: Info, input: RecoveryRejectInput) -> RecoveryDecisionResult:
        """Do not let her in (驳回找回); she is told. For the desk that was asked, never about oneself."""
        return await _decide(info, input, input.reason, "reason", approves=False)


async def _decide(
    info: Info, input: RecoveryApproveInput | RecoveryRejectInput, reason: str, path: str, *, approves: bool
) -> RecoveryDecisionPayload:
    context, request_id = info.context, key_of(NOUN, input.id)
    said = _opinion(reason.strip())
    if said is None:
        raise Invalid(FieldProblem(path, "REQUIRED", NO_REASON))
    decision = recovery_desk.Decision(context.signed_in, request_id, approves, said, retry_key(input))
    await recovery_desk.decide(context.db, decision)
    return RecoveryDecisionPayload(recovery_request=await shown(context, NOUN, request_id))

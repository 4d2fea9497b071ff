"""Getting back into an account: by a code, or through a desk."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.captcha import answer_of
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.shown import Shows
from graph.schema.captcha import captcha_key
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from graph.schema.problem import answer
from graph.schema.recovery import (
    RecoveryApproveInput,
    RecoveryDecisionPayload,
    RecoveryFinishInput,
    RecoveryFinishPayload,
    RecoveryRejectInput,
    RecoveryRequest,
    RecoveryRequestInput,
    RecoveryRequestPayload,
    RecoveryStartInput,
    RecoveryStartPayload,
)
from rules.recovery import opinion
from rules.verification import RequestState
from workflow import recovery as workflow
from workflow import recovery_desk as desk
from workflow.code import RESEND
from workflow.session import CaptchaAnswer

NOUN: Final = "RecoveryRequest"
Wanted = Annotated[RequestState, strawberry.argument(description="Only requests that stand so.")]


@strawberry.type
class RecoveryQuery:
    """Looking."""

    recovery_requests = listed(
        "recoveryRequests",
        Connection[RecoveryRequest],
        "The recoveries that your desk is asked for (人工找回申请), the oldest first; for reviewers and the help desk.",
        state=Taken(Wanted, RequestState.PENDING),
    )


async def _start(context: Context, input: RecoveryStartInput) -> Fields:
    await workflow.start(context.db, workflow.Whom(input.name, input.channel), _captcha(context, input))
    return {"resend_after": int(RESEND.total_seconds())}


async def _finish(context: Context, input: RecoveryFinishInput) -> Fields:
    whom, passwords = workflow.Whom(input.name, input.channel), context.services.passwords
    captcha = answer_of(context, input.captcha_id, input.captcha_answer)
    await workflow.finish(context.db, passwords, whom, input.code, input.new_password, captcha)
    return {"finished": True}


async def _request(context: Context, input: RecoveryRequestInput) -> Fields:
    stated = (input.name, input.document_type, input.id_number, input.phone, input.evidence)
    wish = desk.RecoveryRequest(*stated, idempotency_key=retry_key(input))
    await desk.request(context.db, wish, _captcha(context, input))
    return {"received": True}


def _captcha(context: Context, input: RecoveryStartInput | RecoveryRequestInput) -> CaptchaAnswer:
    return CaptchaAnswer(captcha_key(input.captcha_id), input.captcha_answer, context.address)


def _approve(input: RecoveryApproveInput) -> desk.RecoveryApprove:
    key, said = key_of(NOUN, input.id), opinion(input.opinion, path="opinion")
    return desk.RecoveryApprove(key, said, idempotency_key=retry_key(input))


def _reject(input: RecoveryRejectInput) -> desk.RecoveryReject:
    key, said = key_of(NOUN, input.id), opinion(input.reason, path="reason")
    return desk.RecoveryReject(key, said, idempotency_key=retry_key(input))


_SHOWN: Final = Shows(NOUN)
_RESULT: Final = answer(
    RecoveryDecisionPayload,
    desk.RecoveryDecision.refuses,
    "RecoveryDecisionResult",
    "What recoveryApprove and recoveryReject answer.",
)
MUTATIONS: Final = (
    Mutation(
        workflow.RecoveryStart,
        RecoveryStartInput,
        RecoveryStartPayload,
        "Have a code sent to the proved phone or mail box of your account (找回密码, N22).",
        _start,
        public=True,
        secret=True,
    ),
    Mutation(
        workflow.RecoveryFinish,
        RecoveryFinishInput,
        RecoveryFinishPayload,
        "Set a new password with the code that came (重置密码, N22); every session ends.",
        _finish,
        public=True,
        secret=True,
        opens=True,
    ),
    Mutation(
        desk.RecoveryRequest,
        RecoveryRequestInput,
        RecoveryRequestPayload,
        "Ask a desk to let you in where neither phone nor mail box was proved (个人信息找回, N22).",
        _request,
        public=True,
        secret=True,
    ),
    mutation.of(
        desk.RecoveryApprove,
        RecoveryApproveInput,
        RecoveryDecisionPayload,
        "Let her in (同意找回): a code goes to the phone she gave. For the desk asked, never about oneself.",
        _approve,
        _SHOWN,
        result=_RESULT,
    ),
    mutation.of(
        desk.RecoveryReject,
        RecoveryRejectInput,
        RecoveryDecisionPayload,
        "Do not let her in (驳回找回); she is told. For the desk that was asked, never about oneself.",
        _reject,
        _SHOWN,
        result=_RESULT,
    ),
)

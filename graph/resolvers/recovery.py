"""Getting back into an account: by a code, or through a desk."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.relay import PageInfo

from db import desk_request as desk
from db.desk_request import DeskRequest
from graph.context import Info
from graph.resolvers.act import retry_key
from graph.resolvers.application import _opinion
from graph.resolvers.rate_limit import count_try
from graph.schema.captcha import captcha_key
from graph.schema.node import global_id, key_of
from graph.schema.page import After
from graph.schema.recovery import (
    RecoveryApproveInput,
    RecoveryDecisionPayload,
    RecoveryDecisionResult,
    RecoveryFinishInput,
    RecoveryFinishPayload,
    RecoveryFinishResult,
    RecoveryRejectInput,
    RecoveryRequest,
    RecoveryRequestConnection,
    RecoveryRequestEdge,
    RecoveryRequestInput,
    RecoveryRequestPayload,
    RecoveryRequestResult,
    RecoveryStartInput,
    RecoveryStartPayload,
    RecoveryStartResult,
)
from rules.errors import FieldProblem, Invalid, NotFound, Words
from rules.identity import DocumentType
from rules.message import mask_recipient
from rules.people import Role, require
from rules.privacy import mask_id_number
from rules.verification import Channel, RequestKind, RequestState
from workflow import recovery as workflow
from workflow import recovery_desk
from workflow.code import RESEND
from workflow.session import Captcha

NOUN = "RecoveryRequest"
Size = Annotated[int, strawberry.argument(description="So many from the start, at most 100.")]
Wanted = Annotated[RequestState, strawberry.argument(description="Only requests that stand so.")]
BAD_CURSOR = Words("分页游标无效", "This is not a cursor of this list.")
NO_REASON = Words("请填写意见或理由", "Say why.")


@strawberry.type
class RecoveryQuery:
    """Looking."""

    @strawberry.field
    async def recovery_requests(
        self, info: Info, first: Size = 20, after: After = None, state: Wanted = RequestState.PENDING
    ) -> RecoveryRequestConnection | None:
        """The recoveries that your desk is asked for (人工找回申请); for reviewers and the help desk."""
        context = info.context
        require(context.actor, Role.REVIEWER, Role.HELP_DESK)
        asked = {"first": context.page(first), "after": _after(after)}
        async with context.db.read() as reader:
            found = await desk.page(reader, context.actor, RequestKind.RECOVERY, state, **asked)  # type: ignore[arg-type]
        return _page(found, first, after)


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
    async with context.db.read() as reader:
        found = await desk.get(reader, context.actor, RequestKind.RECOVERY, request_id)
    return RecoveryDecisionPayload(recovery_request=_shown(found))


def _after(cursor: str | None) -> UUID | None:
    try:
        return None if cursor is None else key_of(NOUN, cursor)
    except NotFound:
        raise Invalid(FieldProblem("after", "CURSOR", BAD_CURSOR)) from None


def _page(found: list[DeskRequest], first: int, after: str | None) -> RecoveryRequestConnection:
    nodes = [_shown(one) for one in found[:first]]
    ends = (str(nodes[0].id), str(nodes[-1].id)) if nodes else (None, None)
    info = PageInfo(
        has_next_page=len(found) > first, has_previous_page=after is not None, start_cursor=ends[0], end_cursor=ends[1]
    )
    edges = [RecoveryRequestEdge(cursor=str(node.id), node=node) for node in nodes]
    return RecoveryRequestConnection(edges=edges, nodes=nodes, page_info=info)


def _shown(found: DeskRequest) -> RecoveryRequest:
    content = found.content
    return RecoveryRequest(
        nurse_id=found.nurse_id,
        id=global_id(NOUN, found.id),
        state=found.state,
        name=content["name"],
        document_type=DocumentType[content["documentType"]],
        id_number_masked=mask_id_number(content["idNumber"]),
        phone_masked=mask_recipient(Channel.SMS, content["phone"]),
        evidence=content["evidence"],
        known=found.account_id is not None,
        created_at=found.created_at,
        decided_at=found.decided_at,
        reason=found.reason,
    )

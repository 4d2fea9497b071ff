"""Beside an application's way: its period, its withdrawal, objections, who works on it, and where else it goes."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.application_step import of, plain, seen, words
from graph.resolvers.shown import Names
from graph.schema import step as schema
from graph.schema.node import key_of
from workflow.claim_rejection import ApplicationRejectClaim
from workflow.escalation import ApplicationEscalate
from workflow.extension import ApplicationExtend
from workflow.filing import ApplicationWithdraw
from workflow.lease import ApplicationPutBack, ApplicationReassign, ApplicationTake
from workflow.objection import ApplicationAnswerObjection, ApplicationObject
from workflow.pause import ApplicationHold, ApplicationResume
from workflow.transfer import ApplicationTransfer


def _hold(input: schema.ApplicationHoldInput) -> ApplicationHold:
    return ApplicationHold(
        *seen(input),
        kind=input.kind,
        reason=input.reason,
        expected_days=input.expected_days,
        idempotency_key=retry_key(input),
    )


def _object(given: schema.ApplicationObjectInput) -> ApplicationObject:
    return ApplicationObject(
        *seen(given),
        text=given.text,
        identity_seen=given.identity_seen,
        guardian_name=given.guardian_name,
        idempotency_key=retry_key(given),
    )


def _extend(input: schema.ApplicationExtendInput) -> ApplicationExtend:
    days, reason = input.working_days, input.reason
    return ApplicationExtend(*seen(input), working_days=days, reason=reason, idempotency_key=retry_key(input))


def _reassign(input: schema.ApplicationReassignInput) -> ApplicationReassign:
    to = optional_key("Account", input.to)
    return ApplicationReassign(*seen(input), to=to, idempotency_key=retry_key(input))


def _transfer(input: schema.ApplicationTransferInput) -> ApplicationTransfer:
    to, opinion = key_of("Authority", input.authority_id), input.opinion
    return ApplicationTransfer(*seen(input), authority_id=to, opinion=opinion, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    of(
        ApplicationHold,
        schema.ApplicationHoldInput,
        "Stop the period for a hearing or an examination (中止计时).",
        _hold,
    ),
    of(
        ApplicationResume,
        schema.ApplicationStepInput,
        "Let the period run again; days stood still come on top (恢复计时).",
        plain(ApplicationResume),
    ),
    of(
        ApplicationExtend,
        schema.ApplicationExtendInput,
        "More days for the decision, once and with a reason (延长期限).",
        _extend,
    ),
    of(
        ApplicationWithdraw,
        schema.ApplicationStepInput,
        "Take your own filing back while it is undecided (撤回).",
        plain(ApplicationWithdraw),
    ),
    of(
        ApplicationObject,
        schema.ApplicationObjectInput,
        "Object to what was filed for you; nobody approves first (异议). Who has no account does it at the counter, "
        "where a reviewer writes it down, and so does the guardian of whoever is said to be incapable.",
        _object,
    ),
    of(
        ApplicationAnswerObjection,
        schema.ApplicationWordsInput,
        "Answer the nurse's objection; then it may be decided (答复异议).",
        words(ApplicationAnswerObjection),
    ),
    of(
        ApplicationTake,
        schema.ApplicationStepInput,
        "Work on it for 30 minutes; colleagues see it live (领取).",
        plain(ApplicationTake),
    ),
    of(
        ApplicationPutBack,
        schema.ApplicationStepInput,
        "Leave what you took to your colleagues (放回).",
        plain(ApplicationPutBack),
    ),
    of(
        ApplicationReassign,
        schema.ApplicationReassignInput,
        "Give it to a colleague, whoever holds it (改派).",
        _reassign,
    ),
    of(
        ApplicationRejectClaim,
        schema.ApplicationStepInput,
        "Refuse the institution that has it (拒绝认领, N16): another may claim it, or you name one when you resubmit.",
        plain(ApplicationRejectClaim),
    ),
    of(
        ApplicationEscalate,
        schema.ApplicationStepInput,
        "Go on without your institution after its silence (越级送审).",
        plain(ApplicationEscalate),
    ),
    mutation.of(
        ApplicationTransfer,
        schema.ApplicationTransferInput,
        schema.ApplicationGonePayload,
        "Hand it on to the competent authority (移送).",
        _transfer,
        Names("Application", "application_id"),  # it may not be the viewer's any more
    ),
)

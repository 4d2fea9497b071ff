"""Correcting who a nurse is."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import optional_key, reason_of, retry_key
from graph.resolvers.shown import Names
from graph.schema.key_fact import (
    KeyFactApproveInput,
    KeyFactPayload,
    KeyFactRejectInput,
    KeyFactRequest,
    KeyFactRequestInput,
    KeyFactWithdrawInput,
)
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from rules.key_fact import KeyFacts
from workflow import key_fact as workflow
from workflow.key_fact_withdrawal import KeyFactWithdraw

NOUN: Final = "KeyFactRequest"


def _request(input: KeyFactRequestInput) -> workflow.KeyFactRequest:
    facts = KeyFacts(input.evidence, input.name, input.document_type, input.id_number)
    return workflow.KeyFactRequest(optional_key("Nurse", input.nurse), facts, idempotency_key=retry_key(input))


def _approve(input: KeyFactApproveInput) -> workflow.KeyFactApprove:
    seen = (input.name, input.id_number, input.confirms_sex_and_birth_date)
    return workflow.KeyFactApprove(key_of(NOUN, input.id), *seen, idempotency_key=retry_key(input))


def _reject(input: KeyFactRejectInput) -> workflow.KeyFactReject:
    return workflow.KeyFactReject(key_of(NOUN, input.id), reason_of(input), idempotency_key=retry_key(input))


def _withdraw(input: KeyFactWithdrawInput) -> KeyFactWithdraw:
    return KeyFactWithdraw(key_of(NOUN, input.id), idempotency_key=retry_key(input))


_NAMED: Final = Names(NOUN, "request_id")
MUTATIONS: Final = (
    mutation.of(
        workflow.KeyFactRequest,
        KeyFactRequestInput,
        KeyFactPayload,
        "Ask the province of registration to put a name or an ID number right (关键信息修改申请, A5).",
        _request,
        _NAMED,
    ),
    mutation.of(
        workflow.KeyFactApprove,
        KeyFactApproveInput,
        KeyFactPayload,
        "Put it right (同意, A5): record, account and open applications follow at once; for provincial admins.",
        _approve,
        _NAMED,
    ),
    mutation.of(
        workflow.KeyFactReject,
        KeyFactRejectInput,
        KeyFactPayload,
        "Do not put it right (不同意, A5); for provincial admins.",
        _reject,
        _NAMED,
    ),
    mutation.of(
        KeyFactWithdraw,
        KeyFactWithdrawInput,
        KeyFactPayload,
        "Take your request back (撤回关键信息修改申请, X2): what you or your institution asked for, while it waits.",
        _withdraw,
        _NAMED,
    ),
)


@strawberry.type
class KeyFactQuery:
    """Looking."""

    key_fact_requests = listed(
        "keyFactRequests",
        Connection[KeyFactRequest],
        "The corrections that wait on your desk (provincial admins), that concern you, or that yours asked for, the "
        "oldest first.",
    )

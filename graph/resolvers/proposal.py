"""Proposals of one officer that another confirms."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from graph.schema.proposal import (
    DeregistrationProposeInput,
    Proposal,
    ProposalDecideInput,
    ProposalPayload,
    VoidProposeInput,
)
from workflow.proposal import DeregistrationPropose, ProposalConfirm, ProposalReject
from workflow.step import take
from workflow.void import VoidPropose

NOUN: Final = "Proposal"
_SHOWN: Final = mutation.shows(NOUN)


def _deregistration(input: DeregistrationProposeInput) -> DeregistrationPropose:
    values = (input.reason, input.decision_number, input.fraud, input.remarks)
    return DeregistrationPropose(input.nurse_key(), *values, idempotency_key=retry_key(input))


async def _void(context: Context, input: VoidProposeInput) -> Fields:
    key = key_of("Application", input.application_id)
    wish = VoidPropose(key, input.ground, input.decision_number, input.remarks, idempotency_key=retry_key(input))
    return await _SHOWN(context, await take(context.db, context.signed_in, wish))


def _confirm(input: ProposalDecideInput) -> ProposalConfirm:
    return ProposalConfirm(key_of(NOUN, input.id), input.note, idempotency_key=retry_key(input))


def _reject(input: ProposalDecideInput) -> ProposalReject:
    return ProposalReject(key_of(NOUN, input.id), input.note, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        DeregistrationPropose,
        DeregistrationProposeInput,
        ProposalPayload,
        "Propose to end a registration by office (依职权注销, A8); another decider of your authority confirms.",
        _deregistration,
        _SHOWN,
    ),
    Mutation(
        VoidPropose,
        VoidProposeInput,
        ProposalPayload,
        "Propose to undo a decision (撤销, 行政许可法 69); another provincial admin confirms.",
        _void,
    ),
    mutation.of(
        ProposalConfirm,
        ProposalDecideInput,
        ProposalPayload,
        "Confirm what a colleague proposed: it is done at once.",
        _confirm,
        _SHOWN,
    ),
    mutation.of(
        ProposalReject,
        ProposalDecideInput,
        ProposalPayload,
        "Reject what was proposed, or take your own proposal back.",
        _reject,
        _SHOWN,
    ),
)


@strawberry.type
class ProposalQuery:
    """Looking."""

    proposals = listed(
        "proposals",
        Connection[Proposal],
        "The proposals that wait for a second person of your authority (待确认提议, A8), the oldest first: for "
        "deciders and provincial admins.",
    )

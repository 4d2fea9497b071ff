"""Proposals of one officer that another confirms."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from graph.schema.proposal import (
    DeregistrationProposeInput,
    ObjectionPayload,
    Proposal,
    ProposalDecideInput,
    ProposalPayload,
    RecordMergeObjectInput,
    RecordMergeProposeInput,
    RecordUnmergeProposeInput,
    VoidProposeInput,
)
from workflow.proposal import DeregistrationPropose, ProposalConfirm, ProposalReject
from workflow.record_merge import RecordMergeObject, RecordMergePropose
from workflow.record_unmerge import RecordUnmergePropose
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


def _merge(input: RecordMergeProposeInput) -> RecordMergePropose:
    given = (input.decision_number, input.reason, input.evidence)
    other = (key_of("Nurse", input.merged_id), input.confirms_differences)
    return RecordMergePropose(input.nurse_key(), *given, *other, idempotency_key=retry_key(input))


def _unmerge(input: RecordUnmergeProposeInput) -> RecordUnmergePropose:
    given = (input.decision_number, input.reason, input.evidence)
    return RecordUnmergePropose(input.nurse_key(), *given, idempotency_key=retry_key(input))


def _object(input: RecordMergeObjectInput) -> RecordMergeObject:
    return RecordMergeObject(input.text, idempotency_key=retry_key(input))


async def _nothing(_: Context, __: UUID) -> Fields:
    return {}


MUTATIONS: Final = (
    mutation.of(
        RecordMergePropose,
        RecordMergeProposeInput,
        ProposalPayload,
        "Propose to merge two records of one nurse (合并档案): both are told and may object for five working days, "
        "then another provincial admin confirms; for provincial admins of an authority above both records.",
        _merge,
        _SHOWN,
    ),
    mutation.of(
        RecordUnmergePropose,
        RecordUnmergeProposeInput,
        ProposalPayload,
        "Propose to undo the last merge into a record (撤销合并档案): both are told, another one "
        "confirms. Both records stand as before the merge; what has happened since stays with the one that was kept.",
        _unmerge,
        _SHOWN,
    ),
    mutation.of(
        RecordMergeObject,
        RecordMergeObjectInput,
        ObjectionPayload,
        "Object to the merge of your record that is proposed (合并异议): it is not confirmed without an answer.",
        _object,
        _nothing,
    ),
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

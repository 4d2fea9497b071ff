"""Good and bad records of nurses (良好记录、不良记录)."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema import conduct as schema
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from workflow.conduct import ConductConfirm, ConductDecline, ConductEnter, ConductPropose
from workflow.conduct_answer import ConductAskCorrection, ConductCorrect, ConductMakeStatement, ConductWithdraw

NOUN: Final = "ConductRecord"
Where = Annotated[schema.ConductRecordWhere | None, strawberry.argument(description="Only records like these.")]


def _propose(input: schema.ConductProposeInput) -> ConductPropose:
    return ConductPropose(input.nurse_key(), input.kind, input.text, idempotency_key=retry_key(input))


def _enter(input: schema.ConductEnterInput) -> ConductEnter:
    said = (input.kind, input.text, input.decided.decided())
    return ConductEnter(input.nurse_key(), *said, idempotency_key=retry_key(input))


def _confirm(input: schema.ConductConfirmInput) -> ConductConfirm:
    return ConductConfirm(key_of(NOUN, input.id), input.decided.decided(), idempotency_key=retry_key(input))


def _decline(input: schema.ConductDeclineInput) -> ConductDecline:
    return ConductDecline(key_of(NOUN, input.id), input.reason, idempotency_key=retry_key(input))


def _state(input: schema.ConductWordsInput) -> ConductMakeStatement:
    return ConductMakeStatement(key_of(NOUN, input.id), input.text, idempotency_key=retry_key(input))


def _ask(input: schema.ConductWordsInput) -> ConductAskCorrection:
    return ConductAskCorrection(key_of(NOUN, input.id), input.text, idempotency_key=retry_key(input))


def _correct(input: schema.ConductCorrectInput) -> ConductCorrect:
    said = (input.text, input.decided.decided(), input.answer)
    return ConductCorrect(key_of(NOUN, input.id), *said, idempotency_key=retry_key(input))


def _withdraw(input: schema.ConductWithdrawInput) -> ConductWithdraw:
    how = (input.ground, input.decision_number)
    return ConductWithdraw(key_of(NOUN, input.id), *how, idempotency_key=retry_key(input))


_SHOWN: Final = Shows(NOUN)
MUTATIONS: Final = (
    mutation.of(
        ConductPropose,
        schema.ConductProposeInput,
        schema.ConductPayload,
        "Propose a good record of a nurse of yours, or report a bad one (报送良好、不良记录): her 注册机关 decides.",
        _propose,
        _SHOWN,
    ),
    mutation.of(
        ConductEnter,
        schema.ConductEnterInput,
        schema.ConductPayload,
        "Write a record of a nurse registered with you, a bad one from a decision that was served; for deciders.",
        _enter,
        _SHOWN,
    ),
    mutation.of(
        ConductConfirm,
        schema.ConductConfirmInput,
        schema.ConductPayload,
        "Confirm a record that her institution proposed (确认良好、不良记录); for deciders.",
        _confirm,
        _SHOWN,
    ),
    mutation.of(
        ConductDecline,
        schema.ConductDeclineInput,
        schema.ConductPayload,
        "Take up nothing of what her institution proposed (不予采纳), with a reason; for deciders.",
        _decline,
        _SHOWN,
    ),
    mutation.of(
        ConductMakeStatement,
        schema.ConductWordsInput,
        schema.ConductPayload,
        "Put your own statement beside a record of yours (本人陈述), once.",
        _state,
        _SHOWN,
    ),
    mutation.of(
        ConductAskCorrection,
        schema.ConductWordsInput,
        schema.ConductPayload,
        "Ask that a record of yours be put right (申请更正记录).",
        _ask,
        _SHOWN,
    ),
    mutation.of(
        ConductCorrect,
        schema.ConductCorrectInput,
        schema.ConductPayload,
        "Answer a request for correction: write it as it is right, or say why it stays (更正记录); for deciders.",
        _correct,
        _SHOWN,
    ),
    mutation.of(
        ConductWithdraw,
        schema.ConductWithdrawInput,
        schema.ConductPayload,
        "Withdraw a record from view (撤除记录): its decision was annulled, or it was a mistake; for deciders.",
        _withdraw,
        _SHOWN,
    ),
)


@strawberry.type
class ConductQuery:
    """Looking."""

    conduct_records = listed(
        "conductRecords",
        Connection[schema.ConductRecord],
        "Good and bad records (良好记录、不良记录), newest first: your own, or of your nurses.",
        where=Taken(Where),
    )

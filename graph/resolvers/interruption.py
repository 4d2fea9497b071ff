"""Interrupting practice, and practising again."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.context import Context
from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.mutation import Fields, Mutation
from graph.resolvers.registration_act import act
from graph.resolvers.shown import Shows
from graph.schema import interruption as schema
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from workflow.interruption import (
    InterruptionAnswer,
    InterruptionDispute,
    InterruptionEnd,
    InterruptionStart,
    InterruptionWithdraw,
)
from workflow.span_list import InterruptionList, SpanList, rows_of
from workflow.step import take

NOUN: Final = "Interruption"
Where = Annotated[schema.InterruptionWhere | None, strawberry.argument(description="Only interruptions like these.")]
OrderBy = Annotated[
    list[schema.SpanOrder] | None,
    strawberry.argument(description="The columns to order by; the latest first unless told."),
]


def _start(input: schema.InterruptionStartInput) -> InterruptionStart:
    return InterruptionStart(input.nurse_key(), input.starts_on, input.reason, idempotency_key=retry_key(input))


def _end(input: schema.InterruptionEndInput) -> InterruptionEnd:
    return InterruptionEnd(input.nurse_key(), input.ends_on, idempotency_key=retry_key(input))


def _withdraw(input: schema.InterruptionStepInput) -> InterruptionWithdraw:
    return InterruptionWithdraw(key_of(NOUN, input.id), idempotency_key=retry_key(input))


def _dispute(input: schema.InterruptionDisputeInput) -> InterruptionDispute:
    return InterruptionDispute(key_of(NOUN, input.id), input.text, idempotency_key=retry_key(input))


def _answer(input: schema.InterruptionAnswerInput) -> InterruptionAnswer:
    key = key_of(NOUN, input.id)
    return InterruptionAnswer(key, input.upheld, input.text, idempotency_key=retry_key(input))


def by_list(command: type[SpanList], description: str) -> Mutation[schema.SpanListInput]:
    """The mutation of a step for many nurses by a list."""

    async def carry(context: Context, given: schema.SpanListInput) -> Fields:
        rows = await rows_of(context.db, context.signed_in, command.form, given.csv.content)
        wish = command(given.csv.content, given.dry_run, rows, idempotency_key=retry_key(given))
        await take(context.db, context.signed_in, wish)
        return {"rows": len(rows), "recorded": 0 if given.dry_run else len(rows)}

    return Mutation(command, schema.SpanListInput, schema.SpanListPayload, description, carry)


_SHOWN: Final = Shows(NOUN)
MUTATIONS: Final = (
    act(
        InterruptionStart,
        schema.InterruptionStartInput,
        "Record that a nurse of yours does not practise (中断执业信息, I23): she is told, and may practise as before.",
        _start,
    ),
    act(InterruptionEnd, schema.InterruptionEndInput, "Record the last day of her interruption (恢复执业, I23).", _end),
    mutation.of(
        InterruptionWithdraw,
        schema.InterruptionStepInput,
        schema.InterruptionPayload,
        "Take back an interruption that your institution recorded by mistake (撤回中断执业, I23): it never counts.",
        _withdraw,
        _SHOWN,
    ),
    mutation.of(
        InterruptionDispute,
        schema.InterruptionDisputeInput,
        schema.InterruptionPayload,
        "Say that you have not interrupted your practice (中断执业异议, I23): your 注册机关 answers.",
        _dispute,
        _SHOWN,
    ),
    mutation.of(
        InterruptionAnswer,
        schema.InterruptionAnswerInput,
        schema.InterruptionPayload,
        "Answer what a nurse says to an interruption (答复中断执业异议, I23); for reviewers of her 注册机关.",
        _answer,
        _SHOWN,
    ),
    by_list(
        InterruptionList,
        "Record interruptions of many nurses of yours by a list (按名单登记中断执业, I23): 开始日期, 结束日期 or both, "
        "and 中断事由 if you like; all of them, or none.",
    ),
)


@strawberry.type
class InterruptionQuery:
    """Looking."""

    interruptions = listed(
        "interruptions",
        Connection[schema.Interruption],
        "Interruptions of practice (中断信息列表, I23): your own, those that you recorded, or of your nurses.",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )

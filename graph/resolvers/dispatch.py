"""Nurses who work elsewhere for a while (派出), and the guests of an institution."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import optional_key, retry_key
from graph.resolvers.interruption import by_list
from graph.resolvers.shown import Shows
from graph.schema import dispatch as schema
from graph.schema.interruption import SpanOrder
from graph.schema.node import key_of
from graph.schema.page import Connection, Taken, listed
from workflow.dispatch import DispatchChange, DispatchStart, DispatchWithdraw, Sent
from workflow.span_list import DispatchList

NOUN: Final = "Dispatch"
Where = Annotated[schema.DispatchWhere | None, strawberry.argument(description="Only dispatches like these.")]
OrderBy = Annotated[
    list[SpanOrder] | None,
    strawberry.argument(description="The columns to order by; the latest first unless told."),
]
GuestOrder = Annotated[
    list[SpanOrder] | None, strawberry.argument(description="The columns to order by; by name unless told.")
]


def _sent(given: schema.DispatchInput) -> Sent:
    to = optional_key("Institution", given.to_institution)
    return Sent(given.kind, given.starts_on, given.ends_on, to, given.place)


def _start(input: schema.DispatchStartInput) -> DispatchStart:
    return DispatchStart(input.nurse_key(), _sent(input.dispatch), idempotency_key=retry_key(input))


def _change(input: schema.DispatchChangeInput) -> DispatchChange:
    return DispatchChange(key_of(NOUN, input.id), _sent(input.dispatch), idempotency_key=retry_key(input))


def _withdraw(input: schema.DispatchStepInput) -> DispatchWithdraw:
    return DispatchWithdraw(key_of(NOUN, input.id), idempotency_key=retry_key(input))


_SHOWN: Final = Shows(NOUN)
MUTATIONS: Final = (
    mutation.of(
        DispatchStart,
        schema.DispatchStartInput,
        schema.DispatchPayload,
        "Record that a nurse of yours works elsewhere for a while (派出登记: 支援、进修、义诊等): no change of her "
        "registration, and she may practise as before.",
        _start,
        _SHOWN,
    ),
    mutation.of(
        DispatchChange,
        schema.DispatchChangeInput,
        schema.DispatchPayload,
        "Record the last day of a dispatch, or set it right (变更、结束派出).",
        _change,
        _SHOWN,
    ),
    mutation.of(
        DispatchWithdraw,
        schema.DispatchStepInput,
        schema.DispatchPayload,
        "Take back a dispatch that was recorded by mistake (撤回派出).",
        _withdraw,
        _SHOWN,
    ),
    by_list(
        DispatchList,
        "Record dispatches of many nurses of yours by a list (按名单登记派出): 派出类别, 开始日期, 结束日期, and "
        "接收机构代码 or 系统外地点; all of them, or none.",
    ),
)


@strawberry.type
class DispatchQuery:
    """Looking."""

    dispatches = listed(
        "dispatches",
        Connection[schema.Dispatch],
        "Dispatches (派出): your own, those that your institution recorded, or of your nurses.",
        where=Taken(Where),
        orderBy=Taken(OrderBy),
    )
    guests = listed(
        "guests",
        Connection[schema.Dispatch],
        "The nurses of others who are with your institution today (接收人员), with their standing.",
        where=Taken(Where),
        orderBy=Taken(GuestOrder),
    )

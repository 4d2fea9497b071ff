"""Reports that a nurse has left."""

from __future__ import annotations

from typing import Final

import strawberry

from graph.resolvers import mutation
from graph.resolvers.act import retry_key
from graph.resolvers.shown import Shows
from graph.schema.departure import (
    Departure,
    DepartureDisputeInput,
    DeparturePayload,
    DepartureReportInput,
    DepartureWithdrawInput,
)
from graph.schema.node import key_of
from graph.schema.page import Connection, listed
from workflow.departure import DepartureDispute, DepartureReport, DepartureWithdraw

NOUN: Final = "Departure"


def _report(input: DepartureReportInput) -> DepartureReport:
    values = (input.reason, input.left_on, input.remarks)
    return DepartureReport(input.nurse_key(), *values, idempotency_key=retry_key(input))


def _dispute(input: DepartureDisputeInput) -> DepartureDispute:
    return DepartureDispute(key_of(NOUN, input.id), input.text, idempotency_key=retry_key(input))


def _withdraw(input: DepartureWithdrawInput) -> DepartureWithdraw:
    return DepartureWithdraw(key_of(NOUN, input.id), idempotency_key=retry_key(input))


_SHOWN: Final = Shows(NOUN)
MUTATIONS: Final = (
    mutation.of(
        DepartureReport,
        DepartureReportInput,
        DeparturePayload,
        "Report that a nurse of yours has left (离职报告, I9): she stays on the register, without an institution.",
        _report,
        _SHOWN,
    ),
    mutation.of(
        DepartureDispute,
        DepartureDisputeInput,
        DeparturePayload,
        "Say that you have not left (离职异议, I9).",
        _dispute,
        _SHOWN,
    ),
    mutation.of(
        DepartureWithdraw,
        DepartureWithdrawInput,
        DeparturePayload,
        "Take a report back (撤回离职报告, I9): she is registered there again, if she is nowhere else since. Of what "
        "she disputes a reviewer of her 注册机关 may too.",
        _withdraw,
        _SHOWN,
    ),
)


@strawberry.type
class DepartureQuery:
    """Looking."""

    departures = listed(
        "departures",
        Connection[Departure],
        "Reports that a nurse has left (离职报告), newest first: about you, by your institution, or of your nurses.",
    )

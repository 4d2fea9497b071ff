"""The weekly summary (每周工作提示), switched off and on."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.account import viewer
from graph.resolvers.act import retry_key
from graph.schema.summary_setting import AccountSetWeeklySummaryInput, AccountSetWeeklySummaryPayload
from workflow.summary_setting import AccountSetWeeklySummary


def _wish(input: AccountSetWeeklySummaryInput) -> AccountSetWeeklySummary:
    return AccountSetWeeklySummary(input.wanted, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        AccountSetWeeklySummary,
        AccountSetWeeklySummaryInput,
        AccountSetWeeklySummaryPayload,
        "Be written to each week about what waits in your office (每周工作提示), or not; for people of institutions "
        "and authorities.",
        _wish,
        viewer,
    ),
)

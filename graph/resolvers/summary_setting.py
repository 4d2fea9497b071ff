"""The weekly summary (每周工作提示), switched off and on."""

from __future__ import annotations

from typing import Final

from graph.resolvers import mutation
from graph.resolvers.account import viewer
from graph.resolvers.act import retry_key
from graph.schema.summary_setting import WeeklySummarySetInput, WeeklySummarySetPayload
from workflow.summary_setting import WeeklySummarySet


def _wish(input: WeeklySummarySetInput) -> WeeklySummarySet:
    return WeeklySummarySet(input.wanted, idempotency_key=retry_key(input))


MUTATIONS: Final = (
    mutation.of(
        WeeklySummarySet,
        WeeklySummarySetInput,
        WeeklySummarySetPayload,
        "Be written to each week about what waits in your office (每周工作提示), or not; for people of institutions "
        "and authorities.",
        _wish,
        viewer,
    ),
)

"""The tellers: what else happens at a desk while renewals go on, each act asked for until it is acknowledged.

Her institution proposes a good record and tells an interruption and its end; a nurse asks a question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bench.chaos.asker import Asker
from bench.chaos.register import Case
from bench.measure import Failed
from graph.schema.node import global_id
from rules.moment import SHANGHAI

ASK: Final = """
mutation Ask($input: %(name)sInput!) { done: %(field)s(input: $input) { __typename
  ... on %(name)sPayload { query { __typename } } ... on Problem { code message }
  ... on ValidationProblem { fields { path code } } } }"""
TOLD: Final[Mapping[str, tuple[str, str]]] = {
    "conductPropose": ("conduct.proposed", "INSTITUTION"),
    "interruptionStart": ("registration.interrupted", "INSTITUTION"),
    "interruptionEnd": ("registration.interruption_ended", "INSTITUTION"),
    "questionAsk": ("question.asked", "NURSE"),
}
"""The event that each act tells, and whose feed it is counted in."""

THINK_SECONDS: Final = (0.0, 0.1)


@dataclass(frozen=True)
class Act:
    """An act that the server has acknowledged."""

    mutation: str
    key: str
    scope: UUID


@dataclass
class Teller(Asker):
    """One of those who tell; `acts` is the record of all of them."""

    acts: list[Act]

    async def work(self) -> None:
        """Tell of one nurse after the other, until told to stop; what was begun is ended."""
        while not self.place.stopping.is_set():
            if not self.cases:
                raise Failed("Of every nurse something was told: take more NURSES for so many KILLS.")
            case = self.cases.pop()  # from the other end than the renewals
            for mutation in TOLD:
                await self._tell(case, mutation)
                await asyncio.sleep(self.random.uniform(*THINK_SECONDS))

    async def _tell(self, case: Case, mutation: str) -> None:
        asks = mutation == "questionAsk"
        key = f"{self.random.getrandbits(128):032x}"
        document = ASK % {"name": f"{mutation[0].upper()}{mutation[1:]}", "field": mutation}
        given = {"idempotencyKey": key, **_given(mutation, case)}
        request = {"query": document, "variables": {"input": given}}
        await self.acknowledged(case.nurse if asks else case.desk.operator, request, "query")
        self.acts.append(Act(mutation, key, case.nurse_id if asks else case.desk.institution_id))


def _given(mutation: str, case: Case) -> dict[str, Any]:
    today = datetime.now(SHANGHAI).date()
    nurse = {"nurseId": global_id("Nurse", case.nurse_id)}
    match mutation:
        case "conductPropose":
            return {**nurse, "kind": "GOOD", "text": "抢险救灾表现突出"}
        case "interruptionStart":
            return {**nurse, "startsOn": (today - timedelta(days=9)).isoformat(), "reason": "STUDY"}
        case "interruptionEnd":
            return {**nurse, "endsOn": (today - timedelta(days=2)).isoformat()}
    return {"topic": "APPLICATION", "title": "延续注册", "text": "请问现在可以申请延续注册吗？"}

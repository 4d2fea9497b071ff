"""The writers: renewals carried through their steps over HTTP, each step asked for until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bench.cast import Person
from bench.chaos.asker import Asker
from bench.chaos.register import Case
from bench.measure import Failed
from bench.person import expect
from graph.schema.node import key_of
from rules.application import Step
from rules.moment import SHANGHAI

ASK: Final = """
mutation Ask($input: %s!) { done: %s(input: $input) { __typename
  ... on ApplicationPayload { application { id version } }
  ... on Problem { code message } ... on ConflictProblem { currentVersion } } }"""
OPINION: Final = "ApplicationOpinionInput"
ASKED: Final[Mapping[Step, tuple[str, str, str]]] = {
    Step.CREATE_DRAFT: ("nurse", "applicationCreateDraft", "ApplicationCreateDraftInput"),
    Step.SUBMIT: ("nurse", "applicationSubmit", "ApplicationSubmitInput"),
    Step.RETURN: ("operator", "applicationReturn", "ApplicationMarkInput"),
    Step.RESUBMIT: ("nurse", "applicationResubmit", "ApplicationResubmitInput"),
    Step.FORWARD: ("operator", "applicationForward", OPINION),
    Step.ACCEPT: ("reviewer", "applicationAccept", "ApplicationAcceptInput"),
    Step.RECOMMEND: ("reviewer", "applicationRecommend", "ApplicationRecommendInput"),
    Step.APPROVE: ("decider", "applicationApprove", OPINION),
    Step.WITHDRAW: ("nurse", "applicationWithdraw", "ApplicationStepInput"),
}
"""The party that asks for each step, its mutation, and the type of its input."""

_FILED: Final = (Step.CREATE_DRAFT, Step.SUBMIT)
_RETURNED: Final = (*_FILED, Step.RETURN)
_CORRECTED: Final = (*_RETURNED, Step.RESUBMIT)
_DECIDED: Final = (Step.FORWARD, Step.ACCEPT, Step.RECOMMEND, Step.APPROVE)
ROUTES: Final = (
    (*_FILED, *_DECIDED),
    (*_CORRECTED, *_DECIDED),
    (Step.CREATE_DRAFT, Step.WITHDRAW),
    (*_FILED, Step.WITHDRAW),
    (*_RETURNED, Step.WITHDRAW),
    (*_FILED, Step.FORWARD, Step.WITHDRAW),
    (*_CORRECTED, Step.FORWARD, Step.ACCEPT, Step.WITHDRAW),
)
"""The ways a renewal goes."""

THINK_SECONDS: Final = (0.0, 0.05)
# A client that doubts its answer asks anew.
DOUBTFUL: Final = 0.05


@dataclass(frozen=True)
class Done:
    """A step that the server has acknowledged; `sent` is when the request that got the answer went out."""

    case: Case
    application: UUID
    step: Step
    version: int
    key: str
    sent: datetime


@dataclass
class Writer(Asker):
    """One of those who act at once; `done` is the record of all of them."""

    done: list[Done]

    async def work(self) -> None:
        """Carry one renewal after the other to its end, until told to stop; what was begun is ended."""
        while not self.place.stopping.is_set():
            if not self.cases:
                raise Failed("Every nurse has renewed: take more NURSES for so many KILLS.")
            case, route = self.cases.popleft(), self.random.choice(ROUTES)
            application: str | None = None
            for version, step in enumerate(route):
                application = await self._carry(case, step, application, version)
                await asyncio.sleep(self.random.uniform(*THINK_SECONDS))
            if route[-1] is Step.WITHDRAW:
                self.cases.append(case)

    async def _carry(self, case: Case, step: Step, application: str | None, version: int) -> str:
        """One step, asked for under one key until it is acknowledged, and written down."""
        who, mutation, kind = ASKED[step]
        person: Person = case.nurse if who == "nurse" else getattr(case.desk, who)
        key = f"{self.random.getrandbits(128):032x}"
        known = {"id": application, "expectedVersion": version} if application else {}
        request = {
            "query": ASK % (kind, mutation),
            "variables": {"input": {"idempotencyKey": key, **known, **_more(step)}},
        }
        answer, sent = await self.acknowledged(person, request, "application")
        expect(f"The version after {step}", answer["version"], version + 1)
        expect(f"The application of {step}", answer["id"], application or answer["id"])
        if self.random.random() < DOUBTFUL:
            again, _ = await self.acknowledged(person, request, "application")
            expect(f"The answer to {step}, asked for once more", again, answer)
        done = Done(case, key_of("Application", answer["id"]), step, version + 1, key, sent)
        self.done.append(done)
        self.place.news.tell()
        return str(answer["id"])


def _more(step: Step) -> dict[str, Any]:
    """The fields of a step's input besides its application, version and key."""
    match step:
        case Step.CREATE_DRAFT:
            return {"form": _form("WARD")}
        case Step.RESUBMIT:
            return {"form": _form("EMERGENCY")}
        case Step.RETURN:
            return {"reasons": ["DEPARTMENT_WRONG"], "markedFields": ["department"]}
        case Step.RECOMMEND:
            return {"agrees": True}
    return {}


def _form(department: str) -> dict[str, Any]:
    examined_on = datetime.now(SHANGHAI).date() - timedelta(days=10)
    answers = {"healthStatus": "GOOD", "healthExaminedOn": examined_on.isoformat(), "title": "SENIOR_NURSE"}
    return {"renewal": {**answers, "department": department}}

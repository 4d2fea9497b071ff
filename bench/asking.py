"""The requests of each question, by many viewers and about many nurses, so that no cache answers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Final
from uuid import UUID

from graphql import parse, validate

from bench.cast import Case
from bench.measure import Cost, Target
from bench.questions import (
    APPROVE,
    DEEP,
    ONE_NURSE,
    PAGE,
    PENDING,
    PROVINCE,
    SUBMIT,
    WALK,
    Question,
    Request,
)
from bench.server import PEERS, POSTGRAPHILE
from bench.stage import Stage
from graph.root import schema
from graph.schema.node import global_id
from rules.application import Step

SIZE: Final = 50
STRIDE: Final = 100
DEEPEST: Final = 1000 * SIZE
ROSTERS: Final = 8
NURSES_EACH: Final = 100
WARM_STEPS: Final = 30


def asked(question: Question) -> bool:
    """True if the question is valid against the schema."""
    return not validate(schema._schema, parse(question.document))


@dataclass
class Asking:
    """One system under test on one stage; `depth` is the least and the greatest number of rows above the deep pages."""

    stage: Stage
    target: Target
    depth: tuple[int, int] | None = None

    async def read(self, question: Question, warm: int, count: int) -> Cost:
        """The cost of a read, over `count` requests after `warm` that are not measured."""
        requests = await self.requests(question)
        await self.target.ask(list(islice(cycle(requests), warm)))
        return await self.target.cost(list(islice(cycle(requests), count)))

    async def requests(self, question: Question) -> list[Request]:
        """Each request once, in a mixed order."""
        match question:
            case _ if question is PAGE:
                return await self._pages(question)
            case _ if question is ONE_NURSE:
                return await self._nurses(question)
            case _ if question is PENDING:
                desks = await self._institutions("id in (select institution_id from bench_nurse where waits)")
                return [self._request(question, row, first=SIZE) for row in desks]
            case _ if question is DEEP:
                return await self._deep(question)
            case _ if question is PROVINCE:
                return await self._provinces(question)
        raise ValueError(f"{question.name} is no read.")

    async def steps(self, warm: int = WARM_STEPS) -> tuple[Cost, Cost]:
        """The costs of filing and of approving, each application once; afterwards nothing of it is left."""
        stage, cases = self.stage, await self.stage.cases()
        try:
            applications = await stage.file(cases)
            submitted = await self._steps(SUBMIT, "nurse", 1, cases, applications, warm)
            await stage.take(Step.FORWARD, "operator", 2, cases, applications)
            await stage.take(Step.ACCEPT, "reviewer", 3, cases, applications)
            await stage.take(Step.RECOMMEND, "reviewer", 4, cases, applications)
            approved = await self._steps(APPROVE, "decider", 5, cases, applications, warm)
        finally:
            await stage.undo()
        return submitted, approved

    async def _steps(
        self, document: str, role: str, version: int, cases: list[Case], applications: list[UUID], warm: int
    ) -> Cost:
        requests = [
            Request(
                document,
                getattr(case, role).token,
                {"input": {"id": global_id("Application", application), "expectedVersion": version}},
            )
            for case, application in zip(cases, applications, strict=True)
        ]
        await self.target.ask(requests[:warm])
        return await self.target.cost(requests[warm:])

    def _request(self, question: Question, viewer: Any, **variables: Any) -> Request:
        token = self.stage.people[viewer["operator_id"]].token
        if self.target.name != POSTGRAPHILE:
            return Request(question.document, token, variables)
        document = (PEERS / "postgraphile" / f"{question.name}.graphql").read_text(encoding="utf-8")
        return Request(document, token, {"own": str(viewer["id"]), **variables})

    async def _institutions(self, condition: str = "true") -> list[Any]:
        return await self.stage.rows(f"select * from bench_institution where {condition} order by md5(id::text || 'q')")

    async def _pages(self, question: Question) -> list[Request]:
        """The first two pages of every roster."""
        viewers = await self._institutions()
        first = [self._request(question, viewer, first=SIZE) for viewer in viewers]
        cursors = [answer["nurses"]["pageInfo"]["endCursor"] for answer in await self.target.ask(first)]
        second = [
            self._request(question, viewer, first=SIZE, after=cursor)
            for viewer, cursor in zip(viewers, cursors, strict=True)
        ]
        return first + second

    async def _nurses(self, question: Question) -> list[Request]:
        found = await self.stage.rows(
            "select i.*, nurse_id from bench_institution i cross join lateral (select nurse_id from registration"
            f" where institution_id = i.id order by md5(nurse_id::text) limit {NURSES_EACH}) r"
            " order by md5(nurse_id::text || 'n')"
        )
        plain = self.target.name == POSTGRAPHILE
        keys = [str(row["nurse_id"]) if plain else global_id("Nurse", row["nurse_id"]) for row in found]
        return [self._request(question, row, id=key) for row, key in zip(found, keys, strict=True)]

    async def _deep(self, question: Question) -> list[Request]:
        """A late page of the largest rosters that there are: those of authorities."""
        largest = await self.stage.rows(
            "select (select id from account where authority_id = r.authority_id order by id limit 1) as operator_id"
            " from registration r where authority_id in (select authority_id from account) group by authority_id"
            f" order by count(*) desc, authority_id limit {ROSTERS}"
        )
        await self.stage.sign_in([row["operator_id"] for row in largest])
        walked = [await self._walk(self.stage.people[row["operator_id"]].token) for row in largest]
        self.depth = min(depth for _, depth in walked), max(depth for _, depth in walked)
        return [
            self._request(question, row, first=SIZE, after=cursor)
            for row, (cursor, _) in zip(largest, walked, strict=True)
        ]

    async def _walk(self, token: str) -> tuple[str | None, int]:
        """A cursor with at least a page behind it, at most DEEPEST rows down, and how deep it is."""
        cursors: list[str | None] = [None]
        while STRIDE * len(cursors) <= DEEPEST:
            (answer,) = await self.target.ask([Request(WALK, token, {"first": STRIDE, "after": cursors[-1]})])
            info = answer["nurses"]["pageInfo"]
            if not info["hasNextPage"]:
                cursors.pop() if len(cursors) > 1 else None
                break
            cursors.append(info["endCursor"])
        return cursors[-1], STRIDE * (len(cursors) - 1)

    async def _provinces(self, question: Question) -> list[Request]:
        """Every province, asked by somebody of its authority."""
        offices = await self.stage.rows(
            "select u.id, a.id as operator_id from authority u cross join lateral"
            " (select id from account where authority_id = u.id order by id limit 1) a where level = 'PROVINCE'"
        )
        await self.stage.sign_in([row["operator_id"] for row in offices])
        return [self._request(question, row, within=global_id("Authority", row["id"])) for row in offices]

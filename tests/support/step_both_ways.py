"""One step, answered by its plan and by the ordinary executor: the bytes must be the same."""

from __future__ import annotations

from typing import Any

import orjson
from strawberry.types import ExecutionResult

from graph.context import Context, Outcome, Services
from graph.documents import Documents
from graph.limits import Limits
from graph.planned_step import Steps
from graph.root import MUTATIONS, schema
from rules.errors import Language
from tests.support.world import Person


class StepBothWays:
    """Takes each step once, and has the answer made both ways."""

    def __init__(self, services: Services, language: Language = Language.CHINESE) -> None:
        self.services, self.language = services, language
        self.steps = Steps(schema._schema, services.feed, MUTATIONS)
        self.documents = Documents(schema, Limits())

    def context(self, person: Person | None) -> Context:
        """A fresh one of this person's."""
        return Context(self.services, person.session if person else None, self.language)

    async def executed(
        self, text: str, variables: dict[str, Any], context: Context, name: str | None = None
    ) -> ExecutionResult:
        """The executor's answer in this context."""
        return await schema.execute(self.documents.read(text), variables, context, operation_name=name)

    async def planned(
        self, text: str, variables: dict[str, Any], context: Context, name: str | None = None
    ) -> bytes | None:
        """The plan's answer in this context."""
        document = self.documents.read(text)
        return await self.steps.data(document, document.operation(name), variables, context)

    async def taken(self, person: Person, text: str, **variables: Any) -> tuple[bytes | None, Outcome | None]:
        """Takes the step; whatever the plan answers, the executor answers of the same outcome byte for byte.

        A refusal is the same as that of the executor alone.
        """
        context = self.context(person)
        data = await self.planned(text, variables, context)
        outcome = context.outcome
        again = self.context(person)
        again.outcome = outcome
        answer = await self.executed(text, variables, again)
        if data is not None:
            assert not answer.errors, answer.errors
            assert data == orjson.dumps(answer.data), (data.decode(), answer.data)
        elif outcome is not None and outcome.raised is not None:
            alone = await self.executed(text, variables, self.context(person))
            assert (answer.data, told(answer)) == (alone.data, told(alone))
        assert again.outcome is None
        return data, outcome


def told(answer: ExecutionResult) -> list[dict[str, Any]]:
    """The errors, as clients see them; an incident has a number of its own."""
    found: list[dict[str, Any]] = [dict(one.formatted) for one in answer.errors or ()]
    for one in found:
        one.get("extensions", {}).pop("incident", None)
    return found

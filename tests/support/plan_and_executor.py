"""One question, answered by the plan and by the ordinary executor: the bytes must be the same."""

from __future__ import annotations

from typing import Any

import orjson

from graph.context import Context, Services
from graph.documents import Documents
from graph.limits import Limits
from graph.planned import Reads
from graph.root import schema
from tests.support.world import Person


class Both:
    """Asks both ways."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.reads = Reads(schema._schema, services.feed)
        self.documents = Documents(schema, Limits())
        self.unplanned: list[Any] = []

    async def planned(self, text: str, person: Person | None, **variables: Any) -> bytes | None:
        """The plan's bytes, where there is a plan; they are the executor's."""
        document = self.documents.read(text)
        context = Context(self.services, person.session if person else None)
        found = await self.reads.data(document, document.operation(None), variables, context)
        answer = await schema.execute(document, variables, Context(self.services, person.session if person else None))
        if found is not None:
            assert not answer.errors, (text, answer.errors)
            assert found == orjson.dumps(answer.data), (text, found.decode(), answer.data)
        elif not answer.errors:
            self.unplanned.append((text, person and person.actor.party, answer.data))
        return found

    async def data(self, text: str, person: Person | None, **variables: Any) -> Any:
        """The data of a question that must have a plan."""
        found = await self.planned(text, person, **variables)
        assert found is not None, text
        return orjson.loads(found)

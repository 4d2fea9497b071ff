"""A feed followed by the plan, and by the executor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson

from graph.context import Context, Services
from graph.documents import Documents
from graph.limits import Limits
from graph.live import Live
from graph.rendering import Pushed
from graph.root import schema
from tests.support.until import LONG_ENOUGH
from tests.support.world import Person

DOCUMENTS = Documents(schema, Limits())
Messages = AsyncGenerator[Pushed, None]


def written(message: Pushed) -> bytes:
    """A message's `data` as it is sent."""
    return orjson.dumps(message.answer["data"])


def follow(live: Live, services: Services, person: Person, text: str, **variables: Any) -> Messages:
    """A feed that must have a plan."""
    document = DOCUMENTS.read(text)
    context = Context(services, person.session)
    found = live.follow(document, document.operation(None), variables, context)
    assert found is not None, text
    return found


async def planned(services: Services, person: Person, text: str, count: int, **variables: Any) -> list[bytes]:
    """So many messages by the plan."""
    live = Live(schema._schema, services)
    async with asyncio.timeout(LONG_ENOUGH), aclosing(follow(live, services, person, text, **variables)) as messages:
        return [written(await anext(messages)) for _ in range(count)]


async def executed(services: Services, person: Person, text: str, count: int, **variables: Any) -> list[bytes]:
    """So many messages by the executor."""
    context = Context(services, person.session)
    stream = await schema.subscribe(DOCUMENTS.read(text), context_value=context, variable_values=variables)
    found = []
    async with asyncio.timeout(LONG_ENOUGH), aclosing(stream):
        for _ in range(count):
            result = await anext(stream)
            assert not result.errors, result.errors
            found.append(orjson.dumps(result.data))
    return found

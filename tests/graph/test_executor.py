"""A subscription remembers nothing of the events it has sent."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
import strawberry
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.executor import EventExecutor


@strawberry.type
class Event:
    """One event."""

    n: int


@strawberry.type
class Query:
    """The one query."""

    a: int = 1


@strawberry.type
class Subscription:
    """Two hundred events."""

    @strawberry.subscription
    async def events(self) -> AsyncGenerator[Event, None]:
        for n in range(200):
            yield Event(n=n)


@pytest.mark.parametrize(
    ("executor", "kept"), [(EventExecutor, 0), (StrawberryGraphQLCoreExecutionContext, 200)], ids=["ours", "stock"]
)
async def test_events_kept_by_a_live_subscription(executor: type[Executor[Any]], kept: int) -> None:
    """The day the stock one keeps none, ours may go."""
    schema = strawberry.Schema(Query, subscription=Subscription, execution_context_class=executor)
    source = await schema.subscribe("subscription { events { n } }")
    async with aclosing(source):
        received = [await anext(source) for _ in range(200)]
        alive = [one for one in gc.get_objects() if type(one) is executor and one.schema is schema._schema]
        assert [result.data for result in received] == [{"events": {"n": n}} for n in range(200)]
        assert [len(one._relevant_sub_fields) for one in alive] == [kept]

"""The executor of one operation."""

from __future__ import annotations

from typing import Any

from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class EventExecutor(StrawberryGraphQLCoreExecutionContext):
    """Forgets after each pushed event what it remembered about the event's fields.

    graphql-core 3.3 copies the executor of a subscription for every event but shares this memory among the copies:
    it grew by a kilobyte an event for as long as the subscription lived.
    """

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """A copy for one event, with a memory of its own."""
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}
        return executor

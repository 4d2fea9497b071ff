"""How many statements a step asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from db.engine import Database
from rules.application import State, Step
from tests.workflow.story import Story
from workflow import application as workflow


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """What goes over the wire, by the engine or past it, but for the session's statement, BEGIN and COMMIT."""
    found: list[str] = []

    def by_engine(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM session" not in statement:
            found.append(statement)

    def past_it(query: Any) -> None:
        if not query.query.startswith(("BEGIN", "COMMIT")):
            found.append(query.query)

    def watch(connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(past_it)

    def leave(connection: Any, *_: Any) -> None:
        connection.driver_connection.remove_query_logger(past_it)

    listeners = (("before_cursor_execute", by_engine), ("checkout", watch), ("checkin", leave))
    for name, listener in listeners:
        event.listen(db.engine.sync_engine, name, listener)
    yield found
    for name, listener in listeners:
        event.remove(db.engine.sync_engine, name, listener)


EXPECTED = {Step.SUBMIT: 8, Step.APPROVE: 9}
LIMITS = [(Step.SUBMIT, State.DRAFT, 8), (Step.APPROVE, State.ACCEPTED, 14)]


@pytest.mark.parametrize(("step", "state", "limit"), LIMITS)
async def test_a_step_asks_no_more_statements_than_promised(story: Story, step: Step, state: State, limit: int) -> None:
    await story.reach(state)
    if step is Step.APPROVE:
        await story.take(Step.RECOMMEND)
    order = await story.order(step, idempotency_key="counted-1")
    with counted(story.db) as statements:
        await workflow.take(story.db, order)
    assert EXPECTED[step] == len(statements) <= limit, "\n".join(statements)


async def test_a_request_sent_again_asks_two(story: Story) -> None:
    order = await story.order(Step.SUBMIT, idempotency_key="counted-1")
    await workflow.take(story.db, order)
    with counted(story.db) as statements:
        await workflow.take(story.db, order)
    assert len(statements) == 2

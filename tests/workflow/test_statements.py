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
    """The statements but for the session's; BEGIN and COMMIT are none."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM session" not in statement:
            found.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


LIMITS = [(Step.SUBMIT, State.DRAFT, 8), (Step.APPROVE, State.ACCEPTED, 14)]


@pytest.mark.parametrize(("step", "state", "limit"), LIMITS)
async def test_a_step_asks_no_more_statements_than_promised(story: Story, step: Step, state: State, limit: int) -> None:
    await story.reach(state)
    if step is Step.APPROVE:
        await story.take(Step.RECOMMEND)
    order = await story.order(step, idempotency_key="counted-1")
    with counted(story.db) as statements:
        await workflow.take(story.db, order)
    assert 5 < len(statements) <= limit, "\n".join(statements)


async def test_a_request_sent_again_asks_two(story: Story) -> None:
    order = await story.order(Step.SUBMIT, idempotency_key="counted-1")
    await workflow.take(story.db, order)
    with counted(story.db) as statements:
        await workflow.take(story.db, order)
    assert len(statements) == 2

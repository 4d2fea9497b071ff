"""What a step's answer reads of one row is planned for good, not at every call."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import pytest

from db.read import batch
from graph.context import Services
from rules.people import Party
from tests.support.world import Cast

ROUNDS: Final = 8
"""PostgreSQL plans a statement anew five times before it may keep a plan."""


async def _planned_anew(services: Services) -> set[str]:
    sql = "select statement from pg_prepared_statements where custom_plans > 5 and generic_plans = 0"
    return {row["statement"] for row in await services.db.pool.fetch(sql)}


@pytest.mark.parametrize("party", [Party.NURSE, Party.INSTITUTION, Party.AUTHORITY])
async def test_one_row_of_what_steps_answer_with_is_not_planned_at_every_call(
    services: Services, cast: Cast, party: Party
) -> None:
    people = {Party.NURSE: cast.nurse, Party.INSTITUTION: cast.operator, Party.AUTHORITY: cast.decider}
    viewer, before = people[party].actor, await _planned_anew(services)
    for _ in range(ROUNDS):
        for noun in ("Application", "Nurse", "Registration", "InformationChange", "Photo"):
            await batch.by_ids(services.db, viewer, noun, [uuid4()])
        for noun in ("ReviewDecision", "RegistrationHistory"):
            await batch.of_owners(services.db, viewer, noun, [uuid4()], 10)
    assert await _planned_anew(services) - before == set()

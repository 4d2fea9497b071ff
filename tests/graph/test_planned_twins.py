"""The steps on applications, taken by plan and by the executor alone on twin applications: all is equal but ids and times."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
import pytest_asyncio

from graph.context import Services
from graph.schema.node import key_of
from tests.support.authority_applications import ON, steps_of
from tests.support.authority_stage import Stage
from tests.support.authority_steps import TABLE
from tests.support.authority_story import build
from tests.support.authority_trials import Row
from tests.support.step_both_ways import StepBothWays, errors_of, whole
from tests.support.world import World

_OWN: Final = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a key
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:?\d\d)?|Z)?"  # a moment
    r"|\b[A-Za-z0-9+/]{48,}={0,2}"  # a global id
    r"|\b20[0-9A-F]{12}\b"  # the number of a certificate
)
NUMBERED: Final = {
    "feedCursor",
    "id_number",
    "id_number_masked",
    "idNumberMasked",
    "receipt_number",
    "receiptNumber",
    "seq",
}
"""What is each one's own: documents, and what is counted on."""


@pytest_asyncio.fixture(scope="session")
async def stage(world: World, services: Services) -> Stage:
    """Everybody of the matrix."""
    return await build(world, services)


def alike(value: Any) -> Any:
    """What two twins must have in common."""
    match value:
        case dict():
            return {name: alike(one) for name, one in value.items() if name not in NUMBERED}
        case list():
            return [alike(one) for one in value]
        case str():
            return _OWN.sub("…", value)
    return value


ROWS: Final = """select
  (select to_jsonb(a) from application a where a.id = $1) as application,
  (select to_jsonb(r) from registration r join application a using (nurse_id) where a.id = $1) as registration,
  (select jsonb_agg(to_jsonb(d) order by d.at) from review_decision d where application_id = $1) as decisions,
  (select jsonb_agg(to_jsonb(v) order by revision) from application_revision v where application_id = $1) as revisions,
  (select jsonb_agg(to_jsonb(p) order by started_at) from application_pause p where application_id = $1) as pauses,
  (select jsonb_agg(to_jsonb(h) order by at) from registration_history h where application_id = $1) as history,
  (select jsonb_agg(to_jsonb(e) order by e.type, e.body::text) from event e where application_id = $1) as events,
  (select jsonb_agg(to_jsonb(u) order by u.at) from audit u where u.at >= $2) as trail"""


async def rows(world: World, key: UUID, since: Any) -> Any:
    """All that a step may have written of an application."""
    found = await world.owner.fetchrow(ROWS, key, since)
    return {name: alike(orjson.loads(value or "null")) for name, value in found.items()}


def differing(one: Any, other: Any, path: str = "") -> list[str]:
    """The paths at which two values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for name in one for found in differing(one[name], other[name], f"{path}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            found for n, pair in enumerate(zip(one, other, strict=True)) for found in differing(*pair, f"{path}.{n}")
        ]
    return [] if one == other else [f"{path}: {one!r} {other!r}"]


@pytest.mark.parametrize(("about", "mutation"), [pytest.param(*key, id=f"{key[1]}: {key[0]}") for key in ON])
async def test_twins_are_answered_and_written_alike(
    services: Services, stage: Stage, world: World, about: str, mutation: str
) -> None:
    both, key, text = StepBothWays(services), (about, mutation), whole(mutation)
    entitled, found = Row(mutation, TABLE[key]).entitled, list[list[Any]]()
    for planned in (True, False):
        kept = list[Any]()
        async for one in steps_of(stage, key, entitled):
            if one.name not in entitled or one.person is None:
                continue
            since, context = await world.owner.fetchval("select clock_timestamp()"), both.context(one.person)
            if planned:
                data = await both.planned(text, {"input": one.given}, context)
                answer = None if data is None else orjson.loads(data)
            else:
                executed = await both.executed(text, {"input": one.given}, context)
                assert errors_of(executed) == []
                answer = orjson.loads(orjson.dumps(executed.data))
            kept.append((one.name, alike(answer), await rows(world, key_of("Application", one.given["id"]), since)))
        found.append(kept)
    by_plan, by_executor = found
    for (name, *one), (_, *other) in zip(by_plan, by_executor, strict=True):
        assert differing(one, other) == [], name
    assert len(by_plan) == len(entitled)

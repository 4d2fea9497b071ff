"""Documents of every shape with a step in them: by the plan, or left to the executor before the step is begun."""

from __future__ import annotations

from secrets import token_hex
from typing import Any, Final

import orjson
import pytest

from graph.context import Services
from graph.schema.node import global_id
from rules.application import State
from rules.errors import Language
from tests.support.authority_stage import put
from tests.support.step_both_ways import StepBothWays, errors_of
from tests.support.world import Cast, World

HEAD: Final = "mutation M($input: ApplicationStepInput!"
STEP: Final = "applicationTake(input: $input)"
ON: Final = "... on ApplicationTakePayload"
PLANNED: Final = {
    "names of its own": f"{HEAD}) {{ one: {STEP} {{ t: __typename {ON} {{ a: application {{ id }} u: __typename"
    " b: application { state heldBy } } } }",
    "fragments": f"{HEAD}) {{ {STEP} {{ ...P ... on ApplicationPayload {{ application {{ ...V }} }} }} }}"
    f" fragment P on ApplicationTakeResult {{ {ON} {{ application {{ id nurse {{ ...N }} }} }} }}"
    " fragment V on Application { version id } fragment N on Nurse { name id }",
    "switches that are on": f"{HEAD}, $on: Boolean = true) {{ {STEP} {{ {ON} {{ application {{ id"
    " state @include(if: $on) version @skip(if: $on) } } } }",
    "switches that are off": f"{HEAD}, $on: Boolean = false) {{ {STEP} {{ __typename @skip(if: $on) {ON}"
    " @include(if: $on) { application { id } } } }",
    "a switch on the step": f"{HEAD}) {{ {STEP} @include(if: true) {{ {ON} {{ application {{ id }} }} }} }}",
    "an input of several variables": "mutation($id: ID!, $seen: Int! = 1, $key: String) { applicationTake(input:"
    f" {{id: $id, expectedVersion: $seen, idempotencyKey: $key}}) {{ {ON} {{ application {{ id }} }} }} }}",
    "the whole input in the document": 'mutation { applicationTake(input: {id: "ID", expectedVersion: 1,'
    f' idempotencyKey: "KEY"}}) {{ {ON} {{ application {{ id }} }} }} }}',
    "what is read on": f"{HEAD}, $id: ID!) {{ {STEP} {{ {ON} {{ query {{ __typename viewer {{ id displayName }} more:"
    " application(id: $id) { heldBy version } pendingReviews(first: 2) { totalCount nodes { id } } } application"
    " { id } } } }",
    "only what is read on": f"{HEAD}) {{ {STEP} {{ {ON} {{ query {{ viewer {{ id }} }} }} }} }}",
    "a name alone": f"{HEAD}) {{ {STEP} {{ __typename }} }}",
    "nothing of the payload": f"{HEAD}) {{ {STEP} {{ ... on Problem {{ code }} }} }}",
    "one of several operations": f"query Q {{ viewer {{ id }} }} {HEAD}) {{ {STEP} {{ {ON} {{ application {{ id }} }} }} }}",
    "what Python writes": f"{HEAD}) {{ {STEP} {{ {ON} {{ application {{ availableSteps"
    " deadline { workingDaysLeft } form { ... on RenewalForm { title remarks } } } } } }",
}
"""With a plan."""
LEFT: Final = {
    "what is worked out": f"{HEAD}) {{ {STEP} {{ {ON} {{ application {{ checklist {{ code }} }} }} }} }}",
    "two steps": f"{HEAD}) {{ a: {STEP} {{ {ON} {{ application {{ heldBy }} }} }}"
    f" b: applicationPutBack(input: $input) {{ __typename ... on Problem {{ code }} }} }}",
    "a name beside it": f"{HEAD}) {{ __typename {STEP} {{ {ON} {{ application {{ id }} }} }} }}",
    "nothing at all": f"{HEAD}, $no: Boolean = false) {{ {STEP} @include(if: $no) {{ __typename }} }}",
    "a look without a plan": f"{HEAD}) {{ {STEP} {{ {ON} {{ query {{ faqs {{ id }} }} }} }} }}",
    "two looks": f"{HEAD}) {{ {STEP} {{ {ON} {{ a: query {{ viewer {{ id }} }} b: query {{ viewer {{ id }} }} }} }} }}",
    "too long a page": f"{HEAD}) {{ {STEP} {{ {ON} {{ query {{ pendingReviews(first: 999) {{ totalCount }} }} }} }} }}",
    "null where a default stands": 'mutation($input: ApplicationStepInput = {id: "ID", expectedVersion: 1}) {'
    f" {STEP} {{ __typename }} }}",
}
"""Without one."""


async def answered(
    both: StepBothWays, world: World, cast: Cast, text: str, **more: Any
) -> tuple[bytes | None, Any, Any, bool]:
    """The plan's answer; then the executor's alone to the same request under the same retry key."""
    key, retry = await put(world, cast, State.INSTITUTION_REVIEW), token_hex(8)
    named = global_id("Application", key)
    text = text.replace('ID"', f'{named}"').replace("KEY", retry)
    given = {"input": {"id": named, "expectedVersion": 1, "idempotencyKey": retry}, "id": named, "key": retry, **more}
    context = both.context(cast.operator)
    data = await both.planned(text, given, context, "M" if " Q " in text else None)
    answer = await both.executed(text, given, both.context(cast.operator), "M" if " Q " in text else None)
    held = await world.owner.fetchval("select holder_id from application where id = $1", key)
    assert held in (cast.operator.account_id, None)
    return data, answer.data, errors_of(answer), context.outcome is not None


@pytest.mark.parametrize("shape", PLANNED)
@pytest.mark.parametrize("language", Language)
async def test_a_document_with_a_plan_is_answered_as_the_executor_repeats_it(
    services: Services, world: World, cast: Cast, shape: str, language: Language
) -> None:
    both = StepBothWays(services, language)
    data, shown, errors, begun = await answered(both, world, cast, PLANNED[shape])
    assert (begun, errors) == (True, [])
    assert data == orjson.dumps(shown)


@pytest.mark.parametrize("shape", LEFT)
async def test_a_document_without_a_plan_is_left_before_the_step_is_begun(
    services: Services, world: World, cast: Cast, shape: str
) -> None:
    more = {"input": None} if shape.startswith("null") else {}
    data, _, _, begun = await answered(StepBothWays(services), world, cast, LEFT[shape], **more)
    assert (data, begun) == (None, False)

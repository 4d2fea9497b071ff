"""What the nurse answers when something was marked: only that may change, and every mark is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rules.application import State, Step
from rules.nurse import Department, Title
from tests.support.story import EXPIRY, FILLED, NOW, Story, codes_of
from tests.support.world import renewal

CORRECTED = replace(FILLED, department=Department.WARD)
SUPPLIED = replace(FILLED, health_examined_on=date(2025, 9, 20))

ANSWERS: list[tuple[State, Step, dict[str, Any], str]] = [
    (State.RETURNED, Step.RESUBMIT, {"form": FILLED}, "FIELD_UNANSWERED"),
    (State.RETURNED, Step.RESUBMIT, {"form": replace(CORRECTED, title=Title.NURSE)}, "FIELD_LOCKED"),
    (State.RETURNED, Step.RESUBMIT, {"form": CORRECTED, "confirmed_fields": ("title",)}, "FIELD_NOT_MARKED"),
    (State.CORRECTION_REQUIRED, Step.SUPPLEMENT, {"form": SUPPLIED, "confirmed_fields": ()}, "FIELD_UNANSWERED"),
    (State.CORRECTION_REQUIRED, Step.SUPPLEMENT, {"form": replace(SUPPLIED, title=Title.NURSE)}, "FIELD_LOCKED"),
    (
        *(State.CORRECTION_REQUIRED, Step.SUPPLEMENT),
        *({"form": renewal(health_examined_on=date(2025, 9, 27))}, "DATE_IN_FUTURE"),
    ),
]


@pytest.mark.parametrize(("state", "step", "answer", "code"), ANSWERS)
async def test_an_answer_that_does_not_answer(
    story: Story, state: State, step: Step, answer: dict[str, Any], code: str
) -> None:
    await story.reach(state)
    assert codes_of(await story.refused(step, **answer)) == {code}


async def test_a_mark_may_be_confirmed_as_it_is(story: Story) -> None:
    await story.reach(State.RETURNED)
    await story.take(Step.RESUBMIT, form=FILLED, confirmed_fields=("department",))
    first, second = (await story.everything())["revision"]
    assert (second["revision"], second["changed_fields"], second["form"]) == (2, [], first["form"])


async def test_it_may_be_returned_and_answered_again_and_again(story: Story) -> None:
    await story.reach(State.RETURNED)
    for department in (Department.WARD, Department.RESPIRATORY, Department.OUTPATIENT):
        await story.take(Step.RESUBMIT, form=replace(FILLED, department=department))
        await story.take(Step.RETURN)
    row = await story.row()
    assert (row["revision"], row["version"], row["state"]) == (4, 9, State.RETURNED)
    assert [one["revision"] for one in await story.decisions()] == [1, 2, 3, 4]


async def test_an_examination_that_was_in_time_when_filed_may_grow_old_while_another_field_is_corrected(
    story: Story,
) -> None:
    await story.reach(State.RETURNED)
    story.clock.now = NOW + timedelta(days=200)
    await story.take(Step.RESUBMIT)
    assert story.clock.now.date() > EXPIRY

"""Renewals of many nurses of one hospital, and what is done with all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from rules.application import State, Step
from rules.batch import Act
from tests.support.story import SAYS, Story
from tests.support.world import Person
from workflow.batch import ApplicationsCarryOut, Checked, Wish, carry_out, check

TAKER: Final = {Step.TAKE: "operator", Step.FORWARD: "operator", Step.RETURN: "operator", Step.APPROVE: "decider"}
GIVEN: Final[dict[Step, dict[str, Any]]] = {
    Step.RETURN: {**SAYS[Step.RETURN], "reasons": ["DEPARTMENT_WRONG"], "marked_fields": ["department"]},
    Step.RECOMMEND: SAYS[Step.RECOMMEND],
}
FROM: Final = {
    Step.TAKE: State.INSTITUTION_REVIEW,
    Step.FORWARD: State.INSTITUTION_REVIEW,
    Step.RETURN: State.INSTITUTION_REVIEW,
    Step.ACCEPT: State.AUTHORITY_INTAKE,
    Step.RECOMMEND: State.ACCEPTED,
    Step.APPROVE: State.ACCEPTED,
}


@dataclass
class Many:
    """Stories of one hospital; the first one's people act."""

    stories: list[Story]

    @property
    def first(self) -> Story:
        """The story whose people act."""
        return self.stories[0]

    @property
    def keys(self) -> tuple[UUID, ...]:
        """The applications, in order."""
        return tuple(one.id for one in self.stories)

    def who(self, step: Step) -> Person:
        """Whoever takes it."""
        return self.first.person(TAKER.get(step, "reviewer"))

    def wish(self, step: Step, **more: Any) -> Wish:
        """The step on all of them, unless told."""
        act = Act(step, more.pop("given", GIVEN.get(step, {})))
        return Wish(act, **{"keys": self.keys, **more} if "where" not in more else more)

    async def check(self, step: Step, who: Person | None = None, **more: Any) -> Checked:
        """The dry run."""
        return await check(self.first.db, (who or self.who(step)).session, self.wish(step, **more))

    async def carry_out(
        self, step: Step, token: str, who: Person | None = None, key: str | None = None, **more: Any
    ) -> UUID:
        """The act."""
        command = ApplicationsCarryOut(self.wish(step, **more), token, idempotency_key=key)
        return await carry_out(self.first.db, (who or self.who(step)).session, command)

    async def done(self, step: Step, **more: Any) -> UUID:
        """Checked, and carried out."""
        return await self.carry_out(step, (await self.check(step, **more)).token, **more)

    async def states(self) -> list[str]:
        """Where each stands."""
        return [(await one.row())["state"] for one in self.stories]

    async def items(self, key: UUID) -> list[dict[str, Any]]:
        """What came of each, in order."""
        sql = "select * from application_batch_item where application_batch_id = $1 order by place"
        return [dict(row) for row in await self.first.world.owner.fetch(sql, key)]

    async def codes(self, key: UUID) -> dict[UUID, list[str] | None]:
        """The codes of what was wrong with each; None where nothing was."""
        return {
            row["application_id"]: row["problems"] and [one["code"] for one in orjson.loads(row["problems"])]
            for row in await self.items(key)
        }

    async def batch(self, key: UUID) -> dict[str, Any]:
        """The batch as it stands."""
        return await self.first.world.row("application_batch", key)


def codes_of(checked: Checked) -> list[list[str | None] | None]:
    """The codes of a dry run, in order."""
    return [one.problems and [problem["code"] for problem in one.problems] for one in checked.tried]


async def many(story: Story, count: int, state: State, steps: Sequence[Step] = ()) -> Many:
    """So many renewals in this state."""
    stories = [story, *[await story.beside() for _ in range(count - 1)]]
    for one in stories:
        await one.reach(state)
        for step in steps:
            await one.take(step)
    return Many(stories)

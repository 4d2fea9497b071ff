"""A step that is many steps at once: tried first if wished, all of them or none, each kept as if it had been alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from uuid_utils.compat import uuid7

from db import audit
from db.roster import attempted
from rules.collective import field_problems
from rules.errors import FieldProblem, Invalid, RegistryError
from workflow.step import Command, Underway

Wish = Callable[[], Awaitable[Sequence[Command]]]
"""The steps for one place of a list; refused as the steps themselves would be."""
Located = Callable[[int, FieldProblem], FieldProblem]
"""A problem at one place of a list, as it is told."""


async def take_all(
    step: Underway[Any], wishes: Sequence[Wish], located: Located, *, keeps: bool
) -> list[Underway[Any]]:
    """Take the steps of each place, and none where one is refused, or where they are only tried."""
    problems, taken = list[FieldProblem](), list[Underway[Any]]()
    async with attempted(step.tx, keeps=keeps):
        for nth, wish in enumerate(wishes):
            try:
                async with attempted(step.tx):
                    taken += [await _one(step, command) for command in await wish()]
            except RegistryError as refusal:
                problems += [located(nth, one) for one in field_problems(refusal)]
        if problems:
            raise Invalid(*problems)
    return taken


async def _one(step: Underway[Any], command: Command) -> Underway[Any]:
    one: Underway[Any] = Underway(step.tx, step.actor, command, command.subject or uuid7())
    await one.read(*command.reads)
    await command.take(one)
    return one


async def keep_all(step: Underway[Any], taken: Sequence[Underway[Any]]) -> None:
    """Each is told, and stands in the audit trail, as if it had been taken alone."""
    for one in taken:
        step.news += one.news
        await audit.record(step.tx, one.command.mutation(), step.by, one.detail, nurse_id=one.nurse_id)

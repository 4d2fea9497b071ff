"""Every step of a test run is watched: it is refused in the ways that its command declares, at fields of its input."""

from __future__ import annotations

from typing import Any

from graph.schema.problem import FACES
from rules.errors import Invalid, RegistryError
from tests.support.input_paths import leads
from workflow import step

_once = step._once


async def _watched(tx: Any, actor: Any, command: step.Command, *more: Any) -> Any:
    try:
        return await _once(tx, actor, command, *more)
    except RegistryError as refusal:
        if isinstance(refusal, tuple(FACES)) and not isinstance(refusal, tuple(command.refuses)):
            raise AssertionError(f"{type(command).__name__}.refuses lacks {type(refusal).__name__}") from refusal
        paths = [one.path for one in refusal.problems] if isinstance(refusal, Invalid) else []
        if astray := [path for path in paths if not leads(command.mutation(), path)]:
            raise AssertionError(f"{type(command).__name__}: no such field of its input: {astray}") from refusal
        raise


def watch() -> None:
    """Fail, from now on, what is refused otherwise: its mutation could not name the problem, or its page not show it."""
    step._once = _watched

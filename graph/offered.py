"""The steps that clients can take: the table of moves knows more than have a mutation of this kind."""

from __future__ import annotations

from collections.abc import Iterable

from rules.application import Step
from workflow.application import COMMANDS


def offered(steps: Iterable[Step]) -> list[Step]:
    """Those of the steps open to somebody that are taken on an application that is there."""
    return [step for step in steps if step in COMMANDS]

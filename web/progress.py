"""The texts in the terminal while a register is filled: what is deleted before, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for every stage that is reported as (stage, done, total)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    stages: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield report


def start_over_notice(data: Path, nurses: int) -> None:
    """Print what `hushi reset` deletes and what it leaves, before it does so."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"Everybody and everything in the register of {data / 'postgres'} is deleted, accounts and messages too, and"
        f" {nurses:,} invented nurses take their place; the keys, the logs and every other file stay."
    )

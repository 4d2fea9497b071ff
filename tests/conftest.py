"""The register, for the tests that use it: those of the rules import nothing of it."""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support import chinese

chinese.watch()
PURE = Path(__file__).parent / "rules"
LONGEST = (
    *("web/test_cli.py", "test_authority.py", "scenarios/test_tour.py", "graph/test_equality.py"),
    *("graph/test_planned_steps.py", "graph/test_planned_twins.py"),
    *("workflow/test_competing.py", "scenarios/test_demo.py", "db/test_seed.py", "web/test_retain.py"),
    *("web/test_processes.py", "notify/test_process.py", "graph/test_live_generated.py", "web/test_stop.py"),
    *("bench/test_chaos.py", "web/test_scheduler.py", "db/test_embedded.py", "scenarios/test_collective.py"),
)
"""The files that take longest, most of them with few tests: they start processes, or fill databases."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for garbage only what the tests make: what is imported and collected stays as long as the run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, and end with the rules: a long file that comes last leaves all cores but one idle."""
    folder = Path(__file__).parent
    places = {(folder / name).resolve(strict=True): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (item.path.is_relative_to(PURE), places.get(item.path, len(places))))


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Bring the register along for the first module that is not about the rules alone."""
    if isinstance(collector, pytest.Module) and not collector.path.is_relative_to(PURE):
        collector.config.pluginmanager.import_plugin("tests.support.register")

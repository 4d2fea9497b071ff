"""The register, for the tests that use it: those of the rules import nothing of it."""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

PURE = Path(__file__).parent / "rules"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for garbage only what the tests make: what is imported and collected stays as long as the run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Bring the register along for the first module that is not about the rules alone."""
    if isinstance(collector, pytest.Module) and not collector.path.is_relative_to(PURE):
        collector.config.pluginmanager.import_plugin("tests.support.register")

"""The register, for the tests that use it: those of the rules import nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

PURE = Path(__file__).parent / "rules"


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Bring the register along for the first module that is not about the rules alone."""
    if isinstance(collector, pytest.Module) and not collector.path.is_relative_to(PURE):
        collector.config.pluginmanager.import_plugin("tests.support.register")

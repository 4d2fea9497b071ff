"""Which features of docs/features.md are shown by tests: `python -m tests.support.features`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def features(page: str) -> dict[str, str]:
    """Every feature of the page by its id."""
    return dict(re.findall(r"^\| ([A-Z]\d+[a-z]?) \| (.+) \| .+ \|$", page, re.MULTILINE))


class Collector:
    """A pytest plugin that notes which feature each test carries, instead of running it."""

    def __init__(self) -> None:
        self.shown: dict[str, Counter[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called once with all tests; parameters are counted, not named."""
        for item in items:
            for feature in (name for marker in item.iter_markers("feature") for name in marker.args):
                self.shown.setdefault(feature, Counter())[item.nodeid.partition("[")[0]] += 1


def report(wanted: Mapping[str, str], shown: Mapping[str, Counter[str]]) -> str:
    """Each feature with its tests, and at the end those that have none."""
    lines: list[str] = []
    for feature in (name for name in wanted if name in shown):
        lines.append(f"{feature:<4}  {wanted[feature]}")
        lines += [f"      {test}{f' ×{count}' if count > 1 else ''}" for test, count in sorted(shown[feature].items())]
    missing = [feature for feature in wanted if feature not in shown]
    lines += ["", f"{len(wanted) - len(missing)} of {len(wanted)} features are shown by a test."]
    return "\n".join([*lines, *([f"Not yet: {' '.join(missing)}"] if missing else [])])


def unknown(wanted: Mapping[str, str], shown: Mapping[str, Counter[str]]) -> list[str]:
    """One sentence for each test that names a feature which the page does not have."""
    return [
        f"{test} names the feature {feature}: {PAGE.name} has no such id."
        for feature in sorted(shown.keys() - wanted.keys())
        for test in sorted(shown[feature])
    ]


def collect() -> dict[str, Counter[str]]:
    """The tests of each feature, as pytest itself finds them."""
    collector, root, said = Collector(), PAGE.parents[1], StringIO()
    with redirect_stdout(said):
        code = pytest.main(["--rootdir", str(root), "--collect-only", "-qq", str(root / "tests")], plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"{said.getvalue()}\nThe tests cannot be collected: mend what pytest says above.")
    return collector.shown


def main() -> None:
    """Print the report; exit 1 where a test names a feature that there is not."""
    wanted, shown = features(PAGE.read_text("utf-8")), collect()
    print(report(wanted, shown))  # noqa: T201
    if found := unknown(wanted, shown):
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()

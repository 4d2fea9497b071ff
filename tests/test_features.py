"""The list of features, and the tests that name them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from tests.support.features import PAGE, features, report, unknown

WANTED = {"N1": "Register", "N9b": "Activate", "X6": "Passed long ago"}


def test_the_page_has_every_id_of_the_deck_once() -> None:
    page = PAGE.read_text("utf-8")
    ids = [
        f"{part}{number}" for part, last in (("N", 22), ("I", 27), ("A", 10), ("X", 6)) for number in range(1, last + 1)
    ]
    wanted = [*ids[:9], "N9b", "N9c", *ids[9:]]
    assert list(features(page)) == wanted
    assert page.count("\n| ") == len(wanted) + 4


def test_the_report_names_the_tests_of_a_feature_and_the_features_without() -> None:
    assert report(WANTED, {"N9b": Counter({"test_b.py::test_x": 1, "test_a.py::test_y": 3})}) == "\n".join(
        [
            "N9b   Activate",
            "      test_a.py::test_y ×3",
            "      test_b.py::test_x",
            "",
            "1 of 3 features are shown by a test.",
            "Not yet: N1 X6",
        ]
    )


def test_a_marker_with_an_unknown_feature_is_named_with_its_test() -> None:
    shown = {"N1": Counter({"test_a.py::test_y": 1}), "N23": Counter({"test_a.py::test_z": 2})}
    assert unknown(WANTED, shown) == ["test_a.py::test_z names the feature N23: features.md has no such id."]


def test_every_feature_that_a_test_names_is_on_the_page() -> None:
    # In a process of its own, so that every test is collected, whichever of them this run was asked for.
    done = subprocess.run([sys.executable, "-m", "tests.support.features"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "N18   The order: " in done.stdout

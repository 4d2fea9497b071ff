"""The table of what each input is compared with: every field of every input has a row, and each row names what is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from graphql import build_schema, is_input_object_type

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/reference/checks.md").read_text("utf-8")
ROWS = [
    (re.findall(r"`([^`]+)`", line.split("|")[1]), line.split("|")[2].strip(), line.split("|")[3].strip().strip("`"))
    for line in TEXT.splitlines()
    if line.startswith("| `")
]
UNJUDGED = re.compile(r"(idempotencyKey|expectedVersion|id|accountId|nurseId|applicationId|confirmed|of|within)$")
"""Keys of rows, and what the step itself judges."""


def fields() -> set[str]:
    """The fields of all inputs of the mutations, by their types."""
    schema = build_schema((ROOT / "graph/schema.graphql").read_text("utf-8"))
    inputs = {name: one for name, one in schema.type_map.items() if is_input_object_type(one)}
    return {
        f"{name}.{field}"
        for name, one in inputs.items()
        if name.endswith("Input")
        for field in one.fields
        if not UNJUDGED.fullmatch(field)
    }


def test_every_field_of_every_input_has_one_row() -> None:
    listed = [field for named, _, _ in ROWS for field in named]
    assert sorted(fields() - set(listed)) == []
    assert sorted(set(listed) - fields()) == []
    assert sorted(one for one in set(listed) if listed.count(one) > 1) == []


@pytest.mark.parametrize("by", sorted({by for _, _, by in ROWS}))
def test_each_row_names_a_rule_or_a_test_that_is_there(by: str) -> None:
    if by.startswith("tests/"):
        path, _, name = by.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8")
    else:
        module, _, name = by.rpartition(".")
        assert callable(getattr(import_module(module), name))


def test_each_row_says_what_the_field_is_compared_with() -> None:
    assert [named for named, beside, _ in ROWS if not beside] == []

"""The table of what each input is compared with: every field of every input has a row, and each row names what is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, get_named_type, is_enum_type, is_input_object_type

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/reference/checks.md").read_text("utf-8")
JUDGED, OTHERS = TEXT.split("## Other values, in words")
ROWS = [
    (re.findall(r"`([^`]+)`", line.split("|")[1]), line.split("|")[2].strip(), line.split("|")[3].strip().strip("`"))
    for line in JUDGED.splitlines()
    if line.startswith("| `")
]
WORDS = dict(re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", OTHERS, re.MULTILINE))
"""Each field whose list has OTHER -> the field for its words."""
UNJUDGED = re.compile(r"(idempotencyKey|expectedVersion|id|accountId|nurseId|applicationId|confirmed|of|within)$")
"""Keys of rows, and what the step itself judges."""


WORDLESS = {"InterruptionStartInput.reason"}
"""A reason that nobody has to give, and never in words: they could name an illness."""


def inputs() -> dict[str, Any]:
    """The fields of all inputs of the mutations with their types, lists and non-null taken off."""
    schema = build_schema((ROOT / "graph/schema.graphql").read_text("utf-8"))
    found: list[tuple[str, Any]] = [(name, one) for name, one in schema.type_map.items() if name.endswith("Input")]
    return {
        f"{name}.{field}": get_named_type(given.type)
        for name, one in found
        if is_input_object_type(one)
        for field, given in one.fields.items()
    }


def fields() -> set[str]:
    """Those that somebody judges."""
    return {one for one in inputs() if not UNJUDGED.fullmatch(one.partition(".")[2])}


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


def test_whoever_picks_what_a_list_does_not_have_can_say_in_words_which_it_is() -> None:
    given = inputs()
    listed = {name: kind.values for name, kind in given.items() if is_enum_type(kind)}
    others = {
        name for name, values in listed.items() if any(one == "OTHER" or one.startswith("OTHER_") for one in values)
    }
    assert others - WORDLESS == set(WORDS)
    assert {given[words].name for words in WORDS.values()} == {"String"}
    assert [name for name, words in WORDS.items() if name.partition(".")[0] != words.partition(".")[0]] == []

"""A change of the schema that breaks clients fails `make check` unless the schema changelog names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema
from typer.testing import CliRunner

from web import sdl
from web.cli import app

BEFORE = """
interface Event { type: String! }
type Taken implements Event { type: String! by: String }
enum Colour { RED BLUE }
union Message = Taken | Lost
type Lost { at: String }
input Search { name: String }
type Query { take(id: ID, of: ID): Taken message: Message colour: Colour find(where: Search): Lost }
"""
CHANGES = {
    "a field goes": ("by: String", "", "Taken.by", "Field Taken.by was removed."),
    "an argument goes": (", of: ID", "", "Query.take(of:)", "Argument Query.take(of:) was removed."),
    "a value goes": (" BLUE", "", "Colour.BLUE", "Enum value Colour.BLUE was removed."),
    "a member of a union goes": ("Taken | Lost", "Taken", "Lost", "Lost was removed from union type Message."),
    "an input asks for more": (
        *("{ name: String }", "{ name: String age: Int! }", "Search.age"),
        "A required field Search.age was added.",
    ),
    "a field may be null": (
        *("take(id: ID, of: ID): Taken", "take(id: ID!, of: ID): Taken", "Query.take(id:)"),
        "Argument Query.take(id:) has changed type from ID to ID!.",
    ),
}


def faults(old: str, new: str, *named: str) -> list[str]:
    """What is wrong with a page that names these."""
    rows = "".join(f"| `{one}` | why | what instead |\n" for one in named)
    page = f"| what | why | what instead |\n|---|---|---|\n{rows}"
    return [*sdl.changelog_faults(build_schema(BEFORE), build_schema(BEFORE.replace(old, new)), page)]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_breaks_clients_is_told_until_the_page_names_its_place(change: str) -> None:
    old, new, place, description = CHANGES[change]
    assert faults(old, new) == [f"schema-changelog.md does not name a change that breaks clients: {description}"]
    assert faults(old, new, place) == []


def test_a_field_of_an_interface_stands_for_the_same_field_of_its_types() -> None:
    assert len(faults("type: String!", "type: Colour!")) == 2
    assert faults("type: String!", "type: Colour!", "Event.type") == []


def test_a_row_that_names_what_breaks_nothing_is_told() -> None:
    assert faults("by: String", "by: String at: String", "Taken.at") == [
        "schema-changelog.md names Taken.at, which breaks nothing."
    ]


def test_make_check_fails_where_the_page_leaves_a_change_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["schema", "--check"]).exit_code == 0
    released = tmp_path / "released.graphql"
    text = sdl.RELEASED.read_text("utf-8")
    released.write_text(text.replace("type Query {\n", "type Query {\n  weather: String\n", 1), "utf-8")
    monkeypatch.setattr(sdl, "RELEASED", released)
    found = CliRunner().invoke(app, ["schema", "--check"])
    assert found.exit_code == 1
    assert found.stderr == (
        "schema-changelog.md does not name a change that breaks clients: Field Query.weather was removed.\n"
    )

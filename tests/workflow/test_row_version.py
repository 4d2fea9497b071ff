"""Of two copies of an object one can say which is newer: everything with a global id counts the changes of its row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import orjson
import pytest
from graphql import GraphQLObjectType, is_non_null_type
from sqlalchemy import Column, update

from db.read.shape import NEVER_CHANGED
from db.read.shapes import SHAPES
from db.store.columns import metadata
from db.store.tables import registration
from graph.context import Services
from graph.root import schema
from rules.application import State, Step
from tests.support.followed_feed import executed, planned
from tests.support.story import Story

pytestmark = pytest.mark.feature("I19")

NODES: Final = sorted(kind.name for kind in schema._schema.get_implementations(schema._schema.type_map["Node"]).objects)  # type: ignore[arg-type]
WRITTEN_ONCE: Final = {"RegistrationHistory", "ReviewDecision", "Material", "Look"}
"""Never shown otherwise than they were written: a material that is removed is not shown any more."""
COUNTED: Final = sorted(name for name, table in metadata.tables.items() if "row_version" in table.c)
FLOORS: Final = ("db", "notify", "papers", "web", "workflow")
ROOT: Final = Path(__file__).parents[2]
FEED: Final = """subscription($after: String) { pendingReviewFeed(after: $after) { ... on PendingReviewChange {
  change application { version rowVersion heldBy nurse { rowVersion registration { rowVersion } }
    institution { rowVersion } authority { rowVersion } } } } }"""


@pytest.mark.parametrize("noun", NODES)
def test_every_object_with_a_global_id_counts_the_changes_of_its_own_row(noun: str) -> None:
    kind = schema._schema.type_map[noun]
    assert isinstance(kind, GraphQLObjectType)
    field = kind.fields["rowVersion"]
    assert is_non_null_type(field.type)
    assert str(field.type) == "Int!"
    assert "newer" in (field.description or "")
    column = SHAPES[noun].fields["rowVersion"]
    if noun in WRITTEN_ONCE:
        assert column is NEVER_CHANGED
        return
    assert isinstance(column, Column)
    of = SHAPES[noun].key.table  # type: ignore[attr-defined]
    assert column is (registration.c.version if noun == "Registration" else of.c.row_version)


def test_the_walk_sees_all_of_them() -> None:
    assert {"Application", "Nurse", "Registration", "Institution", "Authority", "Account", "Departure"} < set(NODES)
    assert {"KeyFactRequest", "Proposal", "CollectiveFiling", "RecoveryRequest", "DeadLetter"} < set(NODES)
    assert len(NODES) > 15


@pytest.mark.parametrize("name", COUNTED)
def test_whoever_changes_a_row_raises_its_number_without_saying_so(name: str) -> None:
    table = metadata.tables[name]
    assert f"row_version={name}.row_version + 1" in str(update(table).values(id=table.c.id))


def test_no_statement_written_by_hand_forgets_the_number() -> None:
    by_hand = re.compile(rf"update ({'|'.join(COUNTED)}) set (.*?)(?:where|\"\"\")", re.DOTALL)
    found = []
    for file in (one for floor in FLOORS for one in (ROOT / floor).rglob("*.py") if "migrations" not in one.parts):
        text = file.read_text("utf-8")
        moved = re.search(r"_MOVED: Final = \((.*?)\n\)", text, re.DOTALL)
        named = moved[1] if moved else ""
        writes = [said.replace("{_MOVED}", named) for _, said in by_hand.findall(text)]
        found += [(file.name, "row_version = row_version + 1" in said) for said in writes]
    assert len(found) > 1
    assert [name for name, raises in found if not raises] == []


def test_every_change_of_a_registration_raises_its_version() -> None:
    changing = re.compile(r"update\(registration\)(.*?)\n\n", re.DOTALL)
    found = [one for file in (ROOT / "db").glob("*.py") for one in changing.findall(file.read_text("utf-8"))]
    assert len(found) >= 3
    assert [one for one in found if "version" not in one] == []


async def test_a_lease_makes_a_newer_copy_of_the_same_version_in_lists_and_feeds(
    services: Services, story: Story
) -> None:
    await story.reach(State.INSTITUTION_REVIEW)
    before = await story.row()
    operator = story.cast.operator
    start = services.feed.cursors.write(operator.actor.party_id, 0)
    for step in (Step.TAKE, Step.PUT_BACK):
        await story.take(step, operator)
    after = await story.row()
    assert (after["version"], after["row_version"]) == (before["version"], before["row_version"] + 2)
    ways = [await way(services, operator, FEED, 4, after=start) for way in (planned, executed)]
    assert ways[0] == ways[1]
    changes = [orjson.loads(one)["pendingReviewFeed"] for one in ways[0][1:]]  # the first is a heartbeat
    assert [one["change"] for one in changes] == ["ADDED", "TAKEN", "PUT_BACK"]
    shown = [one["application"] for one in changes]
    assert {one["rowVersion"] for one in shown} == {after["row_version"]}
    assert all(one["nurse"]["rowVersion"] >= 1 and one["institution"]["rowVersion"] >= 1 for one in shown)

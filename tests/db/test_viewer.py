"""Nothing of a viewer gets into a cached statement but what its key holds: two viewers of one key share one text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from inspect import isfunction, signature
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ColumnElement, Uuid, bindparam, select

from db.read import scope
from db.read.shapes import SHAPES
from db.read.viewer import VIEWER, ScopeViewer, ViewerKey, key_of, shared
from db.store.statement import compiled
from rules.errors import NotAllowed
from rules.people import Actor, Party, Role

SCOPES = {
    name: found
    for name, found in vars(scope).items()
    if not name.startswith("_") and isfunction(found) and found.__module__ == scope.__name__
}
KEYS = [
    *(ViewerKey(party, active) for party in (None, *Party) for active in (True, False)),
    *(ViewerKey(Party.INSTITUTION, True, True, ward_only) for ward_only in (True, False)),
]
ROLES = (frozenset({Role.REVIEWER, Role.MANAGER}), frozenset({Role.PROVINCIAL_ADMIN, Role.HELP_DESK, Role.VIEWER}))


def two_of(key: ViewerKey) -> list[Actor]:
    """Two people of one key who have nothing else in common."""
    return [
        Actor(
            *(uuid4(), key.party, uuid4(), frozenset({Role.WARD_HEAD}) if key.ward_only else roles, key.active),
            *(uuid4(), path),
            units=frozenset({uuid4()}) if key.limited else None,
        )
        for roles, path in zip(ROLES, ("/a", "/b"), strict=True)
    ]


def more(found: Any) -> Iterator[tuple[Any, ...]]:
    """What a scope takes beside the viewer: each place that a list may be within, or a column."""
    taken = list(signature(found).parameters)[1:]
    if not taken:
        yield ()
    elif len(taken) == 1:
        yield (bindparam("column", type_=Uuid()),)
    else:
        yield (None, None)
        yield from ((noun, bindparam("place", type_=Uuid())) for noun in ("Institution", "Authority"))


def text_of(condition: ColumnElement[Any]) -> str:
    return compiled(select(condition), {*VIEWER, "place", "column"})[0]


def texts(found: Any, viewer: ScopeViewer) -> list[str | None]:
    """The scope's SQL for each way to ask; None where it refuses."""
    made: list[str | None] = []
    for given in more(found):
        try:
            made.append(text_of(found(viewer, *given)))
        except NotAllowed:
            made.append(None)
    return made


def test_every_scope_takes_a_viewer_and_no_account() -> None:
    assert len(SCOPES) > 15
    hints = {name: next(iter(get_type_hints(found).values())) for name, found in SCOPES.items()}
    assert {name for name, hint in hints.items() if hint not in (ScopeViewer, ScopeViewer | None)} == set()
    assert {shape.scope.__name__ for shape in SHAPES.values()} <= set(vars(scope))


@pytest.mark.parametrize("name", SCOPES)
def test_two_viewers_of_one_key_are_served_by_one_statement(name: str) -> None:
    for key in KEYS:
        one, other = two_of(key)
        assert key_of(one) == key_of(other) == key
        first, second = (texts(SCOPES[name], shared(ViewerKey.of(actor))) for actor in (one, other))
        assert first == second, key


def test_a_viewers_key_holds_no_id() -> None:
    assert {type(value) for key in KEYS for value in vars(key).values()} <= {bool, Party, type(None)}
    assert UUID not in set(get_type_hints(ViewerKey).values())


DECIDES = {"db/read/scope.py", "db/read/viewer.py"}
"""Where it is decided who reads what."""
FACTS = {"party", "party_id", "roles", "path", "active", "has", "nurse_id", "account_id"}


def facts_read(path: Path) -> set[str]:
    """Which facts of a viewer a module reads, of whatever is called so."""
    nodes = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes if node.attr in FACTS and ast.unparse(node.value).endswith("viewer")}


def test_only_the_scopes_read_who_a_viewer_is() -> None:
    """Whoever else asks for her party or her roles decides beside them."""
    db = Path(scope.__file__).parents[1]
    sources = [*db.glob("*.py"), *(db / "read").rglob("*.py")]
    found = {f"db/{path.relative_to(db)}": facts_read(path) for path in sources}
    assert {path for path, facts in found.items() if facts} == DECIDES

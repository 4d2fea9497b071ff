"""Nothing of a viewer gets into a cached statement but what its key holds: two viewers of one key share one text."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isfunction, signature
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ColumnElement, Uuid, bindparam, select

from db.read import scope
from db.read.shape import SHAPES
from db.read.viewer import VIEWER, ScopeViewer, ViewerKey, key_of, shared
from db.store.statement import compiled
from rules.errors import NotAllowed
from rules.people import Actor, Party, Role

SCOPES = {
    name: found
    for name, found in vars(scope).items()
    if not name.startswith("_") and isfunction(found) and found.__module__ == scope.__name__
}
KEYS = [ViewerKey(party, active) for party in (None, *Party) for active in (True, False)]
ROLES = (frozenset({Role.REVIEWER, Role.MANAGER}), frozenset({Role.PROVINCIAL_ADMIN, Role.HELP_DESK, Role.VIEWER}))


def two_of(key: ViewerKey) -> list[Actor]:
    """Two people of one key who have nothing else in common."""
    return [
        Actor(uuid4(), key.party, uuid4(), roles, key.active, uuid4(), path)
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

"""Lists that clients page through: each is declared once, and read the same way by plans and by the executor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause

from db.read import filter as conditions
from db.read.filter import EVERYTHING, Condition, Spelled
from db.read.viewer import EVERYBODY, Readers, ScopeViewer

NEVER: Final = 1_000_000
PAGE: Final = 20
"""So many rows where a client does not say how many."""
NounKey = tuple[str, UUID]
"""A noun and its key: what a list is within, or whose it is."""
Owned = Callable[[ScopeViewer, str | None, ColumnElement[Any] | None], ColumnElement[bool]]


@dataclass(frozen=True)
class Owner:
    """The argument that names what a list is within, or whose it is, and the nouns that it may name."""

    argument: str
    nouns: tuple[str, ...]


WITHIN: Final = Owner("within", ("Institution", "Authority"))


@dataclass(frozen=True)
class Wide:
    """A source of whole rows, read by their `key` for one page only: many rows are sorted without reading them.

    `alone` is the list's source without the table `beside`, which is joined where an order or a condition names it.
    """

    source: FromClause
    key: ColumnElement[Any]
    alone: FromClause
    beside: FromClause


@dataclass(frozen=True)
class Listing:
    """A list of a noun's rows, for one viewer and the place that she names.

    `arguments` are conditions with an argument of their own, `filters` those of `where`. Rows that are equal in every
    order keep the order of their keys, as do those of a list without one: falling if `newest_first`. A page of a list
    with a `wide` source is found by its keys alone, and only its rows are read from there. What is `narrow` is searched
    through more than one institution only by so many characters, since fewer are in too many rows; NEVER: not at all,
    where no index finds it. `spelled` are texts that have another column to order them by, `…Order`: it gives the
    beginnings of that one's values for a beginning of a text, so that what is searched is found where it is ordered.
    `kept` is the action under which the audit trail keeps every reading of it, before it is read.
    """

    noun: str
    source: FromClause
    owned: Owned
    key: ColumnElement[Any]
    orders: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    order: tuple[tuple[str, bool], ...] = ()
    filters: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    arguments: Mapping[str, tuple[ColumnElement[Any], str]] = field(default_factory=dict)
    owner: Owner | None = None
    newest_first: bool = False
    readers: Readers = EVERYBODY
    wide: Wide | None = None
    narrow: Mapping[str, int] = field(default_factory=dict)
    spelled: Mapping[str, Spelled] = field(default_factory=dict)
    judge: Callable[[Mapping[str, Any]], None] = lambda _: None
    kept: str | None = None

    @property
    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        """Everything that conditions compare, by its name."""
        return {**self.filters, **{name: column for name, (column, _) in self.arguments.items()}}


@dataclass(frozen=True)
class Window:
    """The wanted part of a list: its structure, which shapes the statement, and the values that fill it."""

    size: int
    order: tuple[tuple[str, bool], ...]
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False
    where: Condition = EVERYTHING
    within: NounKey | None = None

    def spelled_out(self, listing: Listing) -> Window:
        """The same window; where it is ordered as a text is spelled, by its conditions on beginnings of that too."""
        ordered = {name for name in listing.spelled if f"{name}Order" in dict(self.order)}
        return replace(self, where=conditions.spelled_out(self.where, ordered, listing.spelled)) if ordered else self

    def structure(self) -> tuple[Any, ...]:
        """The parts that shape the statement, hashable; equal ones share one statement."""
        bounds = (self.after is not None, self.before is not None, self.backwards)
        return (*bounds, self.order, conditions.structure(self.where), self.within and self.within[0])

    def values(self) -> dict[str, Any]:
        """The values by the names that `rows` gives them."""
        named = {"size": self.size, "within": self.within and self.within[1]}
        for name, bound in (("after", self.after), ("before", self.before)):
            named |= {f"{name}_{n}": value for n, value in enumerate(bound or ())}
        return {**named, **{f"where_{n}": value for n, value in enumerate(conditions.values(self.where))}}

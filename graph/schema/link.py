"""Links from one type to another: each is declared once, by noun and key, and the loaders follow it."""

from __future__ import annotations

from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Any, Final, TypeVar, overload

import strawberry

from graph.context import Info

T = TypeVar("T")
LINK: Final = "link"
"""The key under which a field keeps the link that it was made of."""


@dataclass(frozen=True)
class Link:
    """The noun a field leads to, and the attribute that holds the key; a test compares both with db.read.shape."""

    noun: str
    key: str
    many: bool = False


@overload
def link(noun: type[T], key: str, description: str) -> T | None: ...
@overload
def link(noun: str, key: str, description: str) -> object: ...
def link(noun: type[T] | str, key: str, description: str) -> object:
    """The field of the noun with the key in the attribute `key`: null where the viewer may read none.

    A noun that does not stand yet where the link is declared is told by its place, as `lazily` takes it.
    """
    there = Link(_name(noun), key)

    async def follow(self: object, info: Info) -> object:
        return await info.context.load.one(there.noun, getattr(self, key))

    shown = _type(noun) | None
    return strawberry.field(resolver=follow, description=description, graphql_type=shown, metadata={LINK: there})


@overload
def links(noun: type[T], key: str, description: str) -> list[T]: ...
@overload
def links(noun: str, key: str, description: str, *, of: str) -> object: ...
def links(noun: type[T] | str, key: str, description: str, *, of: str = "") -> object:
    """The field of the newest rows that belong to the key in the attribute `key`; the loaders call them `of`."""
    there = Link(of or _name(noun), key, many=True)

    async def follow(self: object, info: Info, first: int = 20) -> object:
        return await info.context.load.many(there.noun, getattr(self, key), info.context.page(first))

    shown = GenericAlias(list, (_type(noun),))
    return strawberry.field(resolver=follow, description=description, graphql_type=shown, metadata={LINK: there})


def _name(noun: type[object] | str) -> str:
    return noun.rpartition(".")[2] if isinstance(noun, str) else noun.__name__


def _type(noun: type[object] | str) -> Any:
    return lazily(noun) if isinstance(noun, str) else noun


def lazily(place: str) -> Any:
    """The type at a place that cannot be imported yet, such as `graph.root.Query`."""
    module, _, name = place.rpartition(".")
    return Annotated[name, strawberry.lazy(module)]

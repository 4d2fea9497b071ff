"""Keyset connections: pages that stay right while rows change, and the fields that answer them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Annotated, Any, Final, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo

from graph.context import Info

T = TypeVar("T")
COUNTED = 10_000


@strawberry.type
class Edge(Generic[T]):
    """A row and its place in the list."""

    cursor: str = strawberry.field(description="Give it as `after` or `before`, in the same order.")
    node: T = strawberry.field(description="The row.")


@strawberry.type
class Connection(Generic[T]):
    """One page of a list."""

    edges: list[Edge[T]] = strawberry.field(description="The rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The rows.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    feed_cursor: str | None = strawberry.field(
        description="Where your feed stood in the same snapshot: follow it `after` this, and nothing falls between. "
        "Null for whoever has no feed, and where rows were only tried."
    )
    counting: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field
    async def total_count(self) -> int:
        """The number of rows: exact up to 10,000, and 10,000 where there are more (`totalCountIsCapped`)."""
        return min(await self.counting(), COUNTED)

    @strawberry.field
    async def total_count_is_capped(self) -> bool:
        """True where there are more rows than `totalCount` says."""
        return await self.counting() > COUNTED


First = Annotated[int | None, strawberry.argument(description="So many from the start, at most 100; 20 unless told.")]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="So many from the end, at most 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]
PAGE_ARGUMENTS: Final[dict[str, Any]] = {"first": First, "after": After, "last": Last, "before": Before}
REQUIRED: Final = Parameter.empty
_PLAIN: Final = Parameter.POSITIONAL_OR_KEYWORD


@dataclass(frozen=True)
class Taken:
    """An argument of a list beside those of its page."""

    kind: Any
    default: Any = None


def listed(name: str, page: type[Connection[Any]], says: str, /, **more: Taken) -> Any:
    """The field of a list: `name` is its row in LISTINGS, `says` its description, `more` its further arguments.

    An underscore behind the name of an argument is only for Python.
    """

    noun, nested, _ = name.partition(".")

    async def resolve(self: Any, info: Info, **given: Any) -> Any:
        plain = {argument.removesuffix("_"): value for argument, value in given.items()}
        return await info.context.load.page(info.context, name, plain, (noun, self.key) if nested else None)

    taken = {**{argument: Taken(kind) for argument, kind in PAGE_ARGUMENTS.items()}, **more}
    only = Parameter.KEYWORD_ONLY
    parameters = [Parameter(n, only, default=one.default, annotation=one.kind) for n, one in taken.items()]
    given = (Parameter("self", _PLAIN), Parameter("info", _PLAIN, annotation=Info))
    resolve.__dict__["__signature__"] = Signature([*given, *parameters], return_annotation=page | None)
    resolve.__doc__ = says
    return strawberry.field(resolver=resolve)

"""Lists of places and people."""

from __future__ import annotations

from typing import Annotated

import strawberry

from db.read.directory import AUTHORITIES, STAFF
from db.read.listing import Listing, Of, Window, read_cursor, require_owner
from graph.context import Context, Info
from graph.listing import PAGE
from graph.resolvers.listing import page_of
from graph.schema.account import Account
from graph.schema.node import key_of
from graph.schema.page import After, Connection, First
from graph.schema.place import Authority

Parent = Annotated[
    strawberry.ID | None, strawberry.argument(description="Whose children, by global id; the nation unless told.")
]


@strawberry.type
class DirectoryQuery:
    """Looking."""

    @strawberry.field
    async def authorities(
        self, info: Info, parent: Parent = None, first: First = None, after: After = None
    ) -> Connection[Authority] | None:
        """The authorities right below one (A9), by code; for institutions and authorities."""
        of = None if parent is None else ("Authority", key_of("Authority", parent))
        return await page_of(info.context, AUTHORITIES, _window(info.context, AUTHORITIES, first, after, of))

    @strawberry.field
    async def staff(self, info: Info, first: First = None, after: After = None) -> Connection[Account] | None:
        """The accounts of your institution or authority (用户管理), by user name."""
        return await page_of(info.context, STAFF, _window(info.context, STAFF, first, after))


def _window(context: Context, listing: Listing, first: int | None, after: str | None, of: Of | None = None) -> Window:
    require_owner(context.actor)
    window = Window(context.page(PAGE if first is None else first), listing.order, of=of)
    return Window(window.size, listing.order, read_cursor(listing, window, "after", after), of=of)

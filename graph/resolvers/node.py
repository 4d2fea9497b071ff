"""Objects by their global ids."""

from __future__ import annotations

import asyncio
from uuid import UUID

import strawberry

from graph.context import Info
from graph.schema.application import Application
from graph.schema.node import BY_ID, Node, parsed
from graph.schema.nurse import Nurse
from graph.schema.place import Institution


async def _read(info: Info, given: str, noun: str | None = None) -> Node | None:
    found = parsed(given)
    if found is None or found[0] not in BY_ID or noun not in (None, found[0]):
        return None
    key: UUID = found[1]
    node: Node | None = await info.context.load.one(found[0], key)
    return node


@strawberry.type
class NodeQuery:
    """Looking. An object that does not exist and one that you may not read are both null."""

    @strawberry.field
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Anything by its global id."""
        return await _read(info, id)

    @strawberry.field
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Several at once, in the order of the ids; null where there is none."""
        info.context.page(len(ids), "ids")
        return await asyncio.gather(*(_read(info, one) for one in ids))

    @strawberry.field
    async def nurse(self, info: Info, id: strawberry.ID) -> Nurse | None:
        """A nurse by her global id."""
        return await _read(info, id, "Nurse")  # type: ignore[return-value]

    @strawberry.field
    async def institution(self, info: Info, id: strawberry.ID) -> Institution | None:
        """An institution by its global id."""
        return await _read(info, id, "Institution")  # type: ignore[return-value]

    @strawberry.field
    async def application(self, info: Info, id: strawberry.ID) -> Application | None:
        """An application by its global id (N19, I19, I20)."""
        return await _read(info, id, "Application")  # type: ignore[return-value]

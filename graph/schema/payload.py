"""What the payloads of mutations have in common."""

from __future__ import annotations

import strawberry

from graph.schema.account import Viewer
from graph.schema.step import ROOT, QueryField


@strawberry.type
class Payload:
    """What a mutation answers."""

    @strawberry.field
    def query(self) -> QueryField:
        """Anything else you want to read after it."""
        return ROOT  # type: ignore[no-any-return]


@strawberry.type
class ViewerPayload(Payload):
    """What a mutation answers about whoever asked."""

    viewer: Viewer = strawberry.field(description="You, as you are now.")

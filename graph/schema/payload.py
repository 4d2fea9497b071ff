"""What the payloads of mutations have in common."""

from __future__ import annotations

import strawberry

from graph.schema.account import Viewer
from graph.schema.query import query_after


@strawberry.type
class Payload:
    """What a mutation answers."""

    query = query_after("Anything else you want to read after it.")


@strawberry.type
class ViewerPayload(Payload):
    """What a mutation answers about whoever asked."""

    viewer: Viewer = strawberry.field(description="You, as you are now.")

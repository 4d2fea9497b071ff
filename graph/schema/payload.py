"""The fields that all payloads of mutations share."""

from __future__ import annotations

import strawberry

from graph.schema.account import Viewer
from graph.schema.query import query_after


@strawberry.type
class Payload:
    """The answer of a mutation."""

    query = query_after("Anything else you want to read after it.")


@strawberry.type
class ViewerPayload(Payload):
    """The answer of a mutation about its own viewer."""

    viewer: Viewer = strawberry.field(description="You, as you are now.")

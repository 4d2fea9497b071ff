"""The door of one process, whatever schema is behind it."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from web.graphql import Endpoint
from web.request_id import identified

ENDPOINT = "/graphql"


class Application(Starlette):
    """The application; requests to the GraphQL endpoint, nearly all, need not be routed."""

    def __init__(self, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(**options)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, socket, or the lifespan."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await identified(self._endpoint if scope["path"] == ENDPOINT else super().__call__, scope, receive, send)

    async def stop(self) -> None:
        """See everyone off before the server closes their connections."""
        await self._endpoint.stop()

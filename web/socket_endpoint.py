"""The endpoint as its sockets see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from strawberry.asgi import GraphQL

from rules.errors import Unauthenticated
from web.connections import Connection, ConnectionRegistry
from web.operations import Operations
from web.socket_messages import Frames

WatchSession = Callable[[Any, Callable[[Unauthenticated], None]], Callable[[], object]]
"""Calls back with the reason when the session of a context is no longer what it was; gives what stops the watching."""


class SocketEndpoint(GraphQL[Connection, None]):
    """The parts of the endpoint that its sockets use."""

    websocket_adapter_class = Frames
    operations: Operations
    connections: ConnectionRegistry
    watch: WatchSession

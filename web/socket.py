"""GraphQL over WebSocket: the graphql-transport-ws protocol. One bad operation ends itself, never its neighbours."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    NextMessage,
    NextMessagePayload,
    SubscribeMessage,
)

from graph.documents import Rejected
from graph.limits import Limits, TooComplex
from rules.errors import RegistryError, Unauthenticated
from rules.people import Actor
from web.answer import Answer, codes, refused, unexpected
from web.ask import Ask
from web.frames import Close, Frames, well_formed
from web.operations import Caller, bearer
from web.refusals import report

if TYPE_CHECKING:
    from web.graphql import Endpoint


@dataclass
class Connection:
    """What is known of one socket; the token comes with connection_init, never in a URL."""

    accept_language: str
    address: str
    token: str | None = None
    owner: Hashable = None

    @property
    def caller(self) -> Caller:
        """Who asks on this socket."""
        return Caller(self.token, self.accept_language)


class Sockets:
    """Counts the open sockets of each account, and of each address that nobody has signed in from."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: Counter[Hashable] = Counter()

    def enter(self, connection: Connection, viewer: Actor | None) -> None:
        """Count a socket in, or refuse the one too many."""
        owner, allowed = (
            (viewer.account_id, self._limits.sockets) if viewer else (connection.address, self._limits.address_sockets)
        )
        if self._open[owner] >= allowed:
            raise Close(4429, f"At most {allowed} sockets may be open at once; close one first.")
        self._open[owner] += 1
        connection.owner = owner

    def leave(self, connection: Connection) -> None:
        """Count a socket out, if it was counted in."""
        if connection.owner is not None:
            self._open[connection.owner] -= 1
            if not self._open[connection.owner]:
                del self._open[connection.owner]
            connection.owner = None


class SocketHandler(BaseGraphQLTransportWSHandler[Connection, None]):
    """Serves one socket."""

    view: Endpoint
    websocket: Frames
    context: Connection
    watch: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        """Read messages until the client goes or something closes the socket."""
        self.on_request_accepted()
        try:
            async for message in self.websocket.iter_json():
                await self.handle_message(well_formed(message))
        except Exception as error:
            await self._end(error)
        finally:
            self.view.sockets.leave(self.context)
            if self.watch:
                self.watch.cancel()
            await self.shutdown()

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Sign in with the payload's `authorization`, then acknowledge."""
        if not self.connection_init_received:
            await self._sign_in(message.get("payload") or {})
        await super().handle_connection_init(message)

    async def _sign_in(self, payload: dict[str, Any]) -> None:
        authorization = payload.get("authorization", "")
        if not isinstance(authorization, str):
            raise Close(4400, "`authorization` must be a string.")
        self.context.token = bearer(authorization)
        operations = self.view.operations
        context = await operations.open_context(self.context.token, self.context.accept_language)
        self.view.sockets.enter(self.context, context.viewer)
        if self.context.token:
            self.watch = asyncio.create_task(self._watch_session(operations.limits.session_seconds))

    async def _watch_session(self, seconds: float) -> None:
        """Close the socket soon after its session has ended, also when nothing is sent on it."""
        ended = None
        while ended is None:
            await asyncio.sleep(seconds)
            try:
                await self.view.operations.open_context(self.context.token, self.context.accept_language)
            except Unauthenticated as refusal:
                ended = refusal
            except Exception:  # the database is away: the next look will tell, and every request says so
                continue
        await self._end(ended)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation; the one too many gets an error of its own."""
        allowed, found = self.view.operations.limits.socket_operations, len(self.operations) + 1
        if self.connection_acknowledged and found > allowed and message["id"] not in self.operations:
            errors = refused(TooComplex("socket_operations", allowed, found), self.context.caller.language)["errors"]
            await self.send_message({"id": message["id"], "type": "error", "payload": errors})
        else:
            await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Connection, None]) -> None:
        """Run one operation to its end, in a context of its own."""
        language = self.context.caller.language
        try:
            await self._run(operation)
        except (WebSocketDisconnected, Close) as end:
            await self._end(end)
        except Unauthenticated as refusal:
            # With a token the session has ended, and with it the socket; without one it is only this operation.
            if self.context.token:
                await self._end(refusal)
            else:
                await self._fail(operation, refused(refusal, language))
        except (RegistryError, Rejected) as refusal:
            await self._fail(operation, refused(refusal, language))
        except Exception as bug:
            await self._fail(operation, unexpected(bug, language))

    async def _run(self, operation: Operation[Connection, None]) -> None:
        operations = self.view.operations
        asked = operations.read(Ask(operation.query, operation.operation_name or None, operation.variables))
        context = await operations.admit(asked, self.context.caller)
        async with aclosing(operations.stream(asked, context)) as answers:
            async for body in answers:
                if self.context.token and Unauthenticated.code in codes(body):
                    raise Close.because(Unauthenticated())
                if "data" not in body:
                    await self._fail(operation, body)
                    return
                payload = cast("NextMessagePayload", body)
                await operation.send_operation_message(NextMessage(id=operation.id, type="next", payload=payload))
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _fail(self, operation: Operation[Connection, None], body: Answer) -> None:
        """End one operation with the errors that kept it from running."""
        await operation.send_operation_message({"id": operation.id, "type": "error", "payload": body["errors"]})

    async def _end(self, error: Exception) -> None:
        """Close the socket for the reason that the error gives."""
        match error:
            case WebSocketDisconnected():
                return
            case Close():
                close = error
            case RegistryError():
                close = Close.because(error)
            case _:
                close = Close(1011, f"Something went wrong on our side; its number is {report(error)}.")
        await self.websocket.close(close.code, close.reason)

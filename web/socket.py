"""GraphQL over WebSocket: the graphql-transport-ws protocol. One bad operation ends itself, never its neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

from graphql import OperationType
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    PongMessage,
    SubscribeMessage,
)

from db.store.outage import OUTAGES, is_away
from graph.documents import Rejected
from graph.limits import TooComplex
from rules.errors import RegistryError, Unauthenticated, Unavailable
from web.answer import Answer, codes, refused, unexpected
from web.connections import Connection
from web.operations import bearer
from web.refusals import report
from web.request import Ask
from web.socket_endpoint import SocketEndpoint
from web.socket_messages import Close, Frames, Refused, farewell, require_signed_in, well_formed

ANSWER_SECONDS: Final = 2


class SocketHandler(BaseGraphQLTransportWSHandler[Connection, None]):
    """Serves one socket."""

    view: SocketEndpoint
    websocket: Frames
    context: Connection
    unwatch: Callable[[], object] | None = None
    ending: asyncio.Task[None] | None = None
    stopping = False
    asked: asyncio.Event | None = None
    """Set by the answer to our ping."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.places: dict[Operation[Connection, None], str | None] = {}
        """The subscriptions, and the last cursor that was sent on each."""

    async def handle(self) -> None:
        """Read messages until the client goes or something closes the socket."""
        self.websocket.begin(self.view.operations.limits)
        self.on_request_accepted()
        with self.view.connections.hosting(self):
            try:
                async for message in self.websocket.iter_json():
                    await self._read(message)
            except Exception as error:
                await self._end(error)
            finally:
                if self.unwatch:
                    self.unwatch()
                await self.shutdown()

    async def _read(self, message: object) -> None:
        try:
            await self.handle_message(well_formed(message))
        except Refused as refused_one:
            payload = refused(refused_one.refusal, self.context.caller.language)["errors"]
            await self.send_message({"id": refused_one.id, "type": "error", "payload": payload})

    async def answers(self) -> bool:
        """True if the client answers a ping in time."""
        self.asked = self.asked or asyncio.Event()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.websocket.send_json({"type": "ping"})
                await self.asked.wait()
        except (TimeoutError, WebSocketDisconnected):
            return False
        finally:
            self.asked = None
        return True

    async def give_way(self) -> None:
        """Close: the client has gone without a word, and would come back if it had not."""
        await self.websocket.close(1013, "Another socket of this account has taken the place.")

    async def handle_pong(self, message: PongMessage) -> None:
        """The client is there."""
        if self.asked:
            self.asked.set()

    async def stop(self) -> None:
        """Begin nothing more, answer what was asked, and close with the place to go on from."""
        self.stopping = True
        asked = [one.task for one in self.operations.values() if one.task and one not in self.places]
        if asked:
            await asyncio.wait(asked)
        await self.websocket.close(1012, farewell(list(self.places.values())))

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Sign in with the payload's `authorization`, then acknowledge."""
        if not self.connection_init_received:
            await self._sign_in(message.get("payload") or {})
        await super().handle_connection_init(message)
        self.connection_init_timeout_task = None  # it waits no more

    async def _sign_in(self, payload: dict[str, Any]) -> None:
        authorization = payload.get("authorization", "")
        if not isinstance(authorization, str):
            raise Close(4400, "`authorization` must be a string.")
        self.context.token = bearer(authorization)
        context = await self.view.operations.open_context(self.context.token, self.context.accept_language)
        await self.view.connections.enter(self, context.viewer, self.context.address)
        self.unwatch = self.view.watch(context, self._sign_out)

    def _sign_out(self, because: Unauthenticated) -> None:
        """The session has ended, or shows something else from now on: close, also when nothing is being sent."""
        self.ending = asyncio.create_task(self._end(because))

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
        if self.stopping:
            return
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
        finally:
            self.places.pop(operation, None)

    async def _run(self, operation: Operation[Connection, None]) -> None:
        operations = self.view.operations
        asked = operations.read(Ask(operation.query, operation.operation_name or None, operation.variables))
        if asked.kind is OperationType.SUBSCRIPTION:
            self.places[operation] = None
        context = await operations.admit(asked, self.context.caller)
        async with aclosing(operations.stream(asked, context)) as answers:
            async for pushed in answers:
                body = pushed.answer
                if "errors" in body and self.context.token:
                    require_signed_in(codes(body))
                if "data" not in body:
                    await self._fail(operation, body)
                    return
                await self.websocket.send_json({"id": operation.id, "type": "next", "payload": body})
                if operation in self.places:
                    self.places[operation] = pushed.cursor
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
            case _ if is_away(error):
                OUTAGES.notice(error)
                close = Close.because(Unavailable())
            case _:
                close = Close(1011, f"Something went wrong on our side; its number is {report(error)}.")
        await self.websocket.close(close.code, close.reason)

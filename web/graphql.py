"""The GraphQL endpoint: GraphQL over HTTP, server-sent events and WebSocket behind one address."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from uuid import uuid4

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from graph.documents import Rejected
from graph.limits import Limits
from rules.errors import Language, RegistryError
from web.answer import HEADERS, Answer, refused, respond, unexpected
from web.ask import from_request
from web.events import event_stream
from web.frames import Frames
from web.negotiate import Media, preferred_language, preferred_media, prefers_page
from web.operations import Caller, OpenContext, Operation, Operations, Planned, bearer
from web.refusals import BadRequest, MethodNotAllowed
from web.socket import Connection, SocketHandler, Sockets

PAGE = "/graphiql"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Endpoint(GraphQL[Connection, None]):
    """Mount it with a `Route` and a `WebSocketRoute` at `/graphql`."""

    websocket_adapter_class = Frames
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        schema: Schema,
        open_context: OpenContext,
        limits: Limits,
        *,
        public: frozenset[str] = frozenset(),
        secrets: frozenset[str] = frozenset(),
        allowed_origins: Sequence[str] = (),
        planned: Planned | None = None,
    ) -> None:
        """`public` are the root fields for everyone; `secrets` those that may stand only once in a document.

        `planned` answers the queries that have a plan.
        """
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=limits.init_seconds),
            max_subscriptions_per_connection=None,  # SocketHandler counts, so that the error has a code
            allowed_origins=allowed_origins,
        )
        self.operations = Operations(schema, open_context, limits, public=public, secrets=secrets, planned=planned)
        self.sockets = Sockets(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or one WebSocket."""
        if scope["type"] == "websocket":
            # uvicorn logs the address of a socket that it accepts; whatever a client put there stays out of the log.
            scope["query_string"] = b""
            await super().__call__(scope, receive, send)
        else:
            request = Request(scope, receive)
            response = await self._respond(request)
            response.headers["X-Request-ID"] = _request_id(request.headers)
            await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Connection:
        """What a socket keeps; each operation on it gets a context of its own."""
        address = request.client.host if request.client else ""
        return Connection(request.headers.get("accept-language", ""), address)

    async def _respond(self, request: Request) -> Response:
        accept = request.headers.get("accept", "")
        if request.method == "GET" and "query" not in request.query_params and prefers_page(accept):
            return RedirectResponse(PAGE, 303, HEADERS)
        language = preferred_language(request.headers.get("accept-language", ""))
        media = Media.JSON
        try:
            media = preferred_media(accept)
            return await self._run(request, media, language)
        except MethodNotAllowed as refusal:
            return respond(refused(refusal, language), media, {"Allow": refusal.allowed})
        except (RegistryError, Rejected) as refusal:
            return respond(refused(refusal, language), media)
        except Exception as bug:
            return respond(unexpected(bug, language), media)

    async def _run(self, request: Request, media: Media, language: Language) -> Response:
        operations = self.operations
        operation = operations.read(await from_request(request, operations.limits))
        _require_carrier(operation, request.method, media)
        headers = request.headers
        caller = Caller(bearer(headers.get("authorization", "")), headers.get("accept-language", ""))
        context = await operations.admit(operation, caller)
        if media is Media.EVENTS:
            stream = event_stream(_to_the_end(operations.stream(operation, context), language))
            return StreamingResponse(stream, headers={**HEADERS, "X-Accel-Buffering": "no"}, media_type=media)
        return respond(await operations.execute(operation, context), media)


async def _to_the_end(answers: AsyncGenerator[Answer, None], language: Language) -> AsyncGenerator[Answer, None]:
    """The answers; what goes wrong once the stream has begun becomes the last one."""
    try:
        async with aclosing(answers):
            async for one in answers:
                yield one
    except RegistryError as refusal:
        yield refused(refusal, language)
    except Exception as bug:
        yield unexpected(bug, language)


def _require_carrier(operation: Operation, method: str, media: Media) -> None:
    """GET changes nothing, and one answer cannot hold a stream."""
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise MethodNotAllowed("POST")
    if operation.kind is OperationType.SUBSCRIPTION and media is not Media.EVENTS:
        raise BadRequest(
            "订阅须通过WebSocket（graphql-transport-ws）或Accept: text/event-stream",
            "A subscription needs a WebSocket (graphql-transport-ws), or Accept: text/event-stream.",
        )


def _request_id(headers: Mapping[str, str]) -> str:
    """The client's own id when it is harmless, otherwise a new one."""
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex

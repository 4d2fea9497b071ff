"""The GraphQL endpoint: GraphQL over HTTP, server-sent events and WebSocket behind one address."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from math import ceil

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from graph.documents import Rejected
from graph.limits import Limits
from rules.errors import Language, RegistryError, Unauthenticated
from web.answer import HEADERS, Answer, Pushed, refused, respond, status_of, unexpected
from web.arrivals import Uploads
from web.connections import Connection, ConnectionRegistry, Restarting
from web.events import EventStream
from web.negotiate import Media, preferred_language, preferred_media, prefers_page
from web.operations import Caller, OpenContext, Operation, OperationContext, Operations, Plans, bearer
from web.refusals import BadRequest, MethodNotAllowed
from web.request import Ask, address_of, combined, from_request
from web.socket import SocketHandler
from web.socket_endpoint import SocketEndpoint, WatchSession
from web.upload import from_multipart, is_upload

PAGE = "/graphiql"
NO_PLANS = Plans()


class Endpoint(SocketEndpoint):
    """Give it every HTTP request and WebSocket for `/graphql`, and call `stop` before the server goes."""

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
        plans: Plans = NO_PLANS,
        watch: WatchSession = lambda context, ended: lambda: None,
    ) -> None:
        """`public` are the root fields for everyone; `secrets` those that may stand only once in a document.

        `plans` are the ways past the ordinary executor, `watch` tells when a session ends.
        """
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=limits.init_seconds),
            max_subscriptions_per_connection=None,  # SocketHandler counts, so that the error has a code
            allowed_origins=allowed_origins,
        )
        self.operations = Operations(schema, open_context, limits, public=public, secrets=secrets, plans=plans)
        self.connections, self.watch, self.uploads = ConnectionRegistry(limits), watch, Uploads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or one WebSocket."""
        if scope["type"] == "websocket":
            # uvicorn logs the address of a socket; whatever a client put there stays out of the log.
            scope["query_string"] = b""
        if self.connections.stopping:
            await self._restarting()(scope, receive, send)
        elif scope["type"] == "websocket":
            await super().__call__(scope, receive, send)
        else:
            response = await self._respond(Request(scope, receive))
            await response(scope, receive, send)

    async def stop(self) -> None:
        """Begin nothing new, finish what has an answer, and tell all sockets and event streams where to go on from."""
        await self.connections.stop()

    def _restarting(self) -> Response:
        """The answer to a new request while the server stops."""
        headers = {**HEADERS, "Retry-After": str(ceil(self.connections.retry / 1000)), "Connection": "close"}
        return JSONResponse(refused(Restarting(), Language.CHINESE), 503, headers)

    async def on_ws_connect(self, context: Connection) -> dict[str, object]:
        """The server's greeting to a client: the milliseconds to wait before it comes back."""
        return {"retry": self.connections.retry}

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Connection:
        """The context of a socket; each operation on it gets a context of its own."""
        return Connection(request.headers.get("accept-language", ""), address_of(request))

    async def _respond(self, request: Request) -> Response:
        accept = combined(request, "accept")
        if request.method == "GET" and "query" not in request.query_params and prefers_page(accept):
            return RedirectResponse(PAGE, 303, HEADERS)
        language = preferred_language(combined(request, "accept-language"))
        media = Media.JSON
        try:
            media = preferred_media(accept)
            return await self._run(request, media, language)
        except MethodNotAllowed as refusal:
            return respond(refused(refusal, language), media, {"Allow": refusal.allowed})
        except (RegistryError, Rejected) as refusal:
            return self._refused(refused(refusal, language), media)
        except Exception as bug:
            return self._refused(unexpected(bug, language), media)

    def _refused(self, body: Answer, media: Media) -> Response:
        """A refusal: with a status of HTTP as JSON, of the document itself as a stream for whoever wants one."""
        if media is Media.EVENTS and status_of(body, Media.JSON) == HTTPStatus.OK:
            return EventStream(_once(body), self.connections.retry)
        return respond(body, media)

    async def _run(self, request: Request, media: Media, language: Language) -> Response:
        operations = self.operations
        operation = operations.read(await self._ask(request))
        _require_carrier(operation, request.method, media)
        headers = request.headers
        signed, spoken = headers.get("authorization", ""), combined(request, "accept-language")
        caller = Caller(bearer(signed), spoken, address_of(request))
        context = await operations.admit(operation, caller, late=media is not Media.EVENTS)
        if media is Media.EVENTS:
            context.last_event_id = headers.get("last-event-id")
            answers = _to_the_end(operations.stream(operation, context), language)
            lasting = operation.kind is OperationType.SUBSCRIPTION
            hosted = partial(self._hosting, context, language) if lasting else nullcontext
            stream = EventStream(answers, self.connections.retry, hosted)
            if lasting:
                await self.connections.enter(stream, context.viewer, context.address)
            return stream
        body = await operations.execute(operation, context)
        return respond(body, media, {"Retry-After": str(context.retry_after)} if context.retry_after else None)

    async def _ask(self, request: Request) -> Ask:
        """The question in a request; a file is accepted only from a signed-in caller, before its first byte is read."""
        limits = self.operations.limits
        if not is_upload(request):
            return await from_request(request, limits)
        context = await self.operations.open_context(bearer(request.headers.get("authorization", "")), "")
        if context.viewer is None:
            raise Unauthenticated
        with self.uploads.one_more(context.viewer.account_id) as arrival:
            return await from_multipart(request, limits, arrival)

    @contextmanager
    def _hosting(self, context: OperationContext, language: Language, stream: EventStream) -> Iterator[None]:
        """While an event stream lasts: it ends with its session, and when the server stops."""
        unwatch = self.watch(context, lambda because: stream.refuse(Pushed(refused(because, language))))
        try:
            with self.connections.hosting(stream):
                yield
        finally:
            unwatch()


async def _once(body: Answer) -> AsyncGenerator[Pushed, None]:
    yield Pushed(body)


async def _to_the_end(answers: AsyncGenerator[Pushed, None], language: Language) -> AsyncGenerator[Pushed, None]:
    """The answers; an error after the begin of the stream becomes the last one."""
    try:
        async with aclosing(answers):
            async for one in answers:
                yield one
    except RegistryError as refusal:
        yield Pushed(refused(refusal, language))
    except Exception as bug:
        yield Pushed(unexpected(bug, language))


def _require_carrier(operation: Operation, method: str, media: Media) -> None:
    """GET changes nothing, and one answer cannot hold a stream."""
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise MethodNotAllowed("POST")
    if operation.kind is OperationType.SUBSCRIPTION and media is not Media.EVENTS:
        raise BadRequest(
            "订阅须通过WebSocket（graphql-transport-ws）或Accept: text/event-stream",
            "A subscription needs a WebSocket (graphql-transport-ws), or Accept: text/event-stream.",
        )

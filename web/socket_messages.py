"""The frames of a WebSocket: read strictly, written as text, and each fault with its close code."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import orjson
from starlette.websockets import WebSocketDisconnect, WebSocketState
from starlette.websockets import WebSocketDisconnected as WebSocketClosed
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message

from graph.limits import Limits
from rules.errors import AccessChanged, RateLimited, RegistryError, Unauthenticated, Unavailable
from web.refusals import BodyTooLarge, PersistedQueryNotSupported
from web.request import decode, from_object, is_object

LONGEST_REASON = 123
"""Bytes that a close frame has room for."""


class Close(Exception):
    """The socket must be closed, with a code of the protocol and a reason for the client's programmer."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason

    @classmethod
    def because(cls, refusal: RegistryError) -> Close:
        """The close that a refusal of the whole socket means."""
        match refusal:
            case AccessChanged():
                return cls(4410, refusal.words.en)
            case Unauthenticated():
                return cls(4403, refusal.words.en)
            case RateLimited() | Unavailable():
                return cls(1013, refusal.words.en)
        return cls(4400, refusal.words.en)


def require_signed_in(codes: Collection[str]) -> None:
    """Raise the close of a socket whose session an answer has found ended, or changed."""
    for end in (AccessChanged, Unauthenticated):
        if end.code in codes:
            raise Close.because(end())


class Refused(Exception):
    """One operation is refused as it comes, and its neighbours go on."""

    def __init__(self, id: str, refusal: RegistryError) -> None:
        super().__init__(id)
        self.id, self.refusal = id, refusal


@dataclass(frozen=True, slots=True)
class TooLong:
    """A message beyond the limit, but not so far beyond that it was not read."""

    message: object
    allowed: int


class Frames(ASGIWebSocketAdapter):
    """Carries messages as JSON in text frames."""

    limits: Limits

    def begin(self, limits: Limits) -> None:
        """Read by these limits, and let go of the headers, which are read by now: a socket may stay for hours."""
        self.limits = limits
        self.ws.scope["headers"] = []
        vars(self.ws).pop("_headers", None)

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """Each message, until the client goes; raises Close at the first frame that is none."""
        while self.ws.application_state is WebSocketState.CONNECTED:
            frame = await self.ws.receive()
            if frame["type"] == "websocket.disconnect":
                return
            text = frame.get("text")
            if text is None:
                raise Close(4400, "Send text frames, not binary ones.")
            message = decode(text, self.limits)
            longest = self.limits.frame_bytes
            yield message if len(text.encode()) <= longest else TooLong(message, longest)

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message; a client that has gone is no error of ours."""
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except (WebSocketDisconnect, WebSocketClosed) as gone:
            raise WebSocketDisconnected from gone

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, unless it is closed already."""
        with suppress(WebSocketDisconnect, WebSocketClosed):
            await self.ws.close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))


def well_formed(message: object) -> Message:
    """The message, if graphql-transport-ws knows one of this form; raises Close otherwise."""
    if isinstance(message, TooLong):
        _refuse_operation(message)
    if not is_object(message):
        raise Close(4400, "A message must be a JSON object.")
    payload = message.get("payload")
    match message.get("type"):
        case "connection_init" | "ping" | "pong":
            if not (payload is None or is_object(payload)):
                raise Close(4400, "`payload` must be an object or null.")
            message["payload"] = payload or {}
        case "subscribe":
            identifier = _require_id(message)
            try:
                from_object(payload)
            except PersistedQueryNotSupported as refusal:
                raise Refused(identifier, refusal) from None
        case "complete":
            _require_id(message)
        case _:
            raise Close(4400, "`type` must be connection_init, ping, pong, subscribe or complete.")
    return cast("Message", message)


def _refuse_operation(long: TooLong) -> NoReturn:
    if is_object(long.message) and long.message.get("type") == "subscribe":
        raise Refused(_require_id(long.message), BodyTooLarge(long.allowed, "frame_bytes"))
    raise Close(1009, f"A message may have at most {long.allowed} bytes.")


def _require_id(message: dict[str, Any]) -> str:
    identifier = message.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise Close(4400, "`id` must be a string that is not empty.")
    return identifier


def farewell(cursors: list[str | None]) -> str:
    """The place to go on from: a close frame has room for one cursor."""
    match cursors:
        case [str(cursor)] if len(reason := f"Restarting; go on after {cursor}") <= LONGEST_REASON:
            return reason
    return "Restarting; go on after the last cursor of each feed"

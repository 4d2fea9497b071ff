"""The watchers: pending reviews over WebSocket or server-sent events, resumed from the last cursor when cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, TypeAlias
from uuid import UUID

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bench.chaos.news import PAUSE_SECONDS, News, codes, may_be_asked_again
from bench.person import PROTOCOL, Differs

REVIEWS: Final = """
subscription Watch($after: String) { feed: pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor at } ... on FeedReset { reason }
  ... on PendingReviewChange { change applicationId application { version }
    event { id ... on ApplicationEvent { version } } } } }"""
TYPES: Final = (
    *("registration.interrupted", "registration.interruption_ended", "conduct.proposed", "question.asked"),
    *("registration.expiring", "registration.expired", "registration.restored"),
)
"""What else is watched: what tellers tell, and what comes by time alone."""
_WANTED: Final = " ".join(one.upper().replace(".", "_") for one in TYPES)
NEWS: Final = f"""
subscription Watch($after: String) {{ feed: eventFeed(after: $after, types: [{_WANTED}]) {{ __typename
  ... on FeedMessage {{ cursor at }} ... on FeedReset {{ reason }} ... on Event {{ id }} }} }}"""
OPEN_SECONDS: Final = 5.0
# A heartbeat comes after 15 seconds at the latest.
SILENCE_SECONDS: Final = 25.0
REFUSALS: Final = frozenset({4400, 4401, 4403, 4429})


class Cut(Exception):
    """The stream has ended and may be begun again."""


CUTS: Final = (Cut, OSError, WebSocketException, httpx.TransportError)

Stream: TypeAlias = Callable[[str, str, str, str | None], AsyncGenerator[dict[str, Any], None]]
"""The messages of a feed at an origin, by a token, as a document asks for them, after a cursor."""


@dataclass(frozen=True)
class Noted:
    """One event, or change of the pending reviews, as it was received or as it stands in the table."""

    event: str
    application: str = ""
    change: str = ""
    version: int = 0


@dataclass
class Watcher:
    """Somebody before a screen; `received` is everything it got, `recovered` when it got what it was to wait for."""

    name: str
    scope: UUID
    origin: str
    token: str
    stream: Stream
    random: Random
    news: News
    document: str = REVIEWS
    cursor: str | None = None
    received: list[Noted] = field(default_factory=list)
    cuts: int = 0
    marked: datetime | None = None
    recovered: datetime | None = None

    @property
    def watched(self) -> tuple[UUID, str]:
        """The feed as it is asked for: its scope, and the document."""
        return self.scope, self.document

    async def watch(self) -> None:
        """Follow the feed, and again from the last cursor whenever it is cut, until cancelled."""
        while True:
            begun = False
            try:
                async with aclosing(self.stream(self.origin, self.token, self.document, self.cursor)) as messages:
                    async for message in messages:
                        self._note(message)
                        begun = True
            except CUTS:
                pass
            self.cuts += begun
            await asyncio.sleep(self.random.uniform(*PAUSE_SECONDS))

    def has(self, table: Collection[Noted]) -> bool:
        """True if it has received all of these."""
        return set(self.received).issuperset(table)

    def mark(self, moment: datetime) -> None:
        """From now on wait for the first event that was begun, and so committed, after this moment."""
        self.marked, self.recovered = moment, None

    def _note(self, message: dict[str, Any]) -> None:
        noted = self._noted(message)
        if noted is not None:
            self.received.append(noted)
            if self.marked and not self.recovered and datetime.fromisoformat(message["at"]) > self.marked:
                self.recovered = datetime.now(UTC)
        self.cursor = message["cursor"]
        self.news.tell()

    def _noted(self, message: dict[str, Any]) -> Noted | None:
        """The event of a message, None for a heartbeat; nothing else may come."""
        kind = message["__typename"]
        if kind == "FeedHeartbeat":
            return None
        if kind == "PendingReviewChange":
            event, shown = message["event"], message["application"]
            if shown is None or shown["version"] < event["version"]:
                raise Differs(f"{self.name} heard of version {event['version']} and was shown {shown}.")
            return Noted(event["id"], message["applicationId"], message["change"], event["version"])
        if "id" not in message:
            raise Differs(f"{self.name} got {message} after the cursor {self.cursor}.")
        return Noted(message["id"])


async def by_socket(origin: str, token: str, document: str, after: str | None) -> AsyncGenerator[dict[str, Any], None]:
    """The feed over WebSocket (graphql-transport-ws)."""
    address = f"{origin.replace('http', 'ws', 1)}/graphql"
    async with connect(
        address, subprotocols=[PROTOCOL], proxy=None, open_timeout=OPEN_SECONDS, close_timeout=1
    ) as socket:
        try:
            await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    message = json.loads(await socket.recv())
                match message["type"]:
                    case "connection_ack":
                        await socket.send(
                            json.dumps({"id": "1", "type": "subscribe", "payload": _asked(document, after)})
                        )
                    case "next":
                        yield _read(message["payload"])
                    case "error":
                        _read({"errors": message["payload"]})
                    case "complete":
                        raise Cut
        except ConnectionClosed as end:
            if end.rcvd is not None and end.rcvd.code in REFUSALS:
                raise Differs(f"A socket was closed with {end.rcvd.code} {end.rcvd.reason!r}.") from None
            raise


async def by_events(origin: str, token: str, document: str, after: str | None) -> AsyncGenerator[dict[str, Any], None]:
    """The feed as server-sent events, resumed as an EventSource does, by the id of the last one."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    headers |= {"Last-Event-ID": after} if after else {}
    timeout = httpx.Timeout(OPEN_SECONDS, read=SILENCE_SECONDS)
    async with (
        httpx.AsyncClient(timeout=timeout, trust_env=False) as client,
        client.stream("POST", f"{origin}/graphql", json=_asked(document, None), headers=headers) as response,
    ):
        if not response.headers["content-type"].startswith("text/event-stream"):
            _read(json.loads(await response.aread()))
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "data" and value:
                yield _read(json.loads(value))


def _asked(document: str, after: str | None) -> dict[str, Any]:
    return {"query": document, "variables": {"after": after}}


def _read(answer: dict[str, Any]) -> dict[str, Any]:
    """A message of the feed; Cut where it may be asked for again."""
    if may_be_asked_again(answer):
        raise Cut
    if codes(answer):
        raise Differs(f"The feed was refused: {answer['errors']}.")
    message: dict[str, Any] = answer["data"]["feed"]
    return message

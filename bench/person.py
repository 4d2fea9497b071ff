"""Somebody at a front end: HTTP for what she asks, a WebSocket for what she watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE: Final = 10.0
PROTOCOL: Final = Subprotocol("graphql-transport-ws")
SIGN_IN: Final = """
mutation SignIn($input: SignInInput!) { signIn(input: $input) {
  ... on SignInPayload { token viewer { displayName } } ... on Problem { code message }
  ... on RateLimitedProblem { retryAfter } } }"""
FEED: Final = """
subscription Feed($after: String) { pendingReviewFeed(after: $after) { __typename
  ... on FeedMessage { cursor at } ... on FeedReset { reason }
  ... on PendingReviewChange { change applicationId event { id type } } } }"""


class Differs(Exception):
    """The register did something else than it should; the text says what."""


def expect(what: str, found: object, wanted: object) -> None:
    """Go on only if what was found is what was wanted."""
    if found != wanted:
        raise Differs(f"{what}: expected {wanted!r}, found {found!r}.")


@dataclass(frozen=True)
class Change:
    """One change of the pending reviews as a screen shows it, and when it came."""

    change: str
    type: str
    event_id: str
    cursor: str
    at: datetime
    arrived: datetime

    @property
    def milliseconds(self) -> int:
        """From the database's time of the step until it was on the screen."""
        return round((self.arrived - self.at).total_seconds() * 1000)


@dataclass
class Screen:
    """The live list of one reviewer's pending reviews (待办推送); `shown` is everything it ever got."""

    socket: ClientConnection
    cursor: str = ""
    shown: list[Change] = field(default_factory=list)

    async def begin(self) -> None:
        """The first message of a feed is a heartbeat with the cursor where it begins."""
        message, _ = await self._message()
        expect("The first message of the feed", message["__typename"], "FeedHeartbeat")
        self.cursor = message["cursor"]

    async def change(self) -> Change:
        """The next change; heartbeats pass by."""
        message, arrived = await self._message()
        while message["__typename"] == "FeedHeartbeat":
            message, arrived = await self._message()
        expect("A message of the feed", message["__typename"], "PendingReviewChange")
        event, at = message["event"], datetime.fromisoformat(message["at"])
        found = Change(message["change"], event["type"], event["id"], message["cursor"], at, arrived)
        self.cursor = found.cursor
        self.shown.append(found)
        return found

    async def _message(self) -> tuple[dict[str, Any], datetime]:
        try:
            async with asyncio.timeout(PATIENCE):
                message = json.loads(await self.socket.recv())
        except TimeoutError:
            raise Differs(f"The feed said nothing for {PATIENCE:.0f} seconds.") from None
        arrived = datetime.now(UTC)
        expect("A message on the socket", message["type"], "next")
        if "errors" in message["payload"]:
            raise Differs(f"The feed failed: {message['payload']['errors']}.")
        return message["payload"]["data"]["pendingReviewFeed"], arrived


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in at `origin`, and the name her colleagues see; nobody yet without a token."""

    http: httpx.AsyncClient
    origin: str
    token: str
    name: str

    async def ask(self, query: str, /, **variables: Any) -> Any:
        """The data of an answer; Differs where it has errors."""
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await _post(self.http, self.origin, query, variables, signed)

    @asynccontextmanager
    async def screen(self, after: str | None = None) -> AsyncIterator[Screen]:
        """Her pending reviews, live, on a socket of their own: from now on, or all that came `after` a cursor."""
        address = f"{self.origin.replace('http', 'ws', 1)}/graphql"
        async with connect(address, subprotocols=[PROTOCOL], proxy=None) as socket:
            payload = {"authorization": f"Bearer {self.token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            expect("The answer to connection_init", json.loads(await socket.recv())["type"], "connection_ack")
            subscription = {"query": FEED, "variables": {"after": after}}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": subscription}))
            found = Screen(socket)
            await found.begin()
            yield found


TRIES: Final = 10


async def sign_in(http: httpx.AsyncClient, origin: str, user_name: str, password: str) -> Person:
    """Sign in by user name and password, as often as a busy server asks to come again."""
    given = {"input": {"userName": user_name, "password": password}}
    for _ in range(TRIES):
        done = (await _post(http, origin, SIGN_IN, given, {}))["signIn"]
        if "retryAfter" not in done:
            break
        await asyncio.sleep(done["retryAfter"])
    if "token" not in done:
        raise Differs(f"{user_name} cannot sign in: {done['message']} ({done['code']}).")
    return Person(http, origin, done["token"], done["viewer"]["displayName"])


async def _post(
    http: httpx.AsyncClient, origin: str, query: str, variables: dict[str, Any], headers: dict[str, str]
) -> Any:
    answer = await http.post(f"{origin}/graphql", json={"query": query, "variables": variables}, headers=headers)
    body = answer.json()
    if "errors" in body:
        raise Differs(f"The register answered {answer.status_code} with {body['errors']}.")
    return body["data"]

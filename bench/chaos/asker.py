"""The client of those who act: it asks under one key until it is acknowledged, and gives up early now and then."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import httpx

from bench.cast import Person
from bench.chaos.news import PAUSE_SECONDS, News, codes, may_be_asked_again
from bench.chaos.register import Case
from bench.person import Differs

PATIENCE_SECONDS: Final = 10.0
# A client that gives up early, while its request is still at work, and asks anew.
HASTE_SECONDS: Final = (0.002, 0.03)
HASTY: Final = 0.05


@dataclass(frozen=True)
class Place:
    """The part that all who act share: the client and the server it asks, the news, and the end of it all."""

    client: httpx.AsyncClient
    origin: str
    news: News
    stopping: asyncio.Event


@dataclass
class Asker:
    """Somebody who acts for the nurses of one desk until told to stop; `requests` is how often she asked."""

    place: Place
    random: Random
    cases: deque[Case]
    requests: int = field(default=0, init=False)

    async def acknowledged(self, person: Person, request: dict[str, Any], what: str) -> tuple[dict[str, Any], datetime]:
        """The noun as the mutation left it, however often that must be asked, and when that request went out."""
        patience = self.random.uniform(*HASTE_SECONDS) if self.random.random() < HASTY else PATIENCE_SECONDS
        while True:
            self.requests += 1
            sent = datetime.now(UTC)
            try:
                answer = _read(await self._post(person, request, patience), what)
            except (httpx.TransportError, TimeoutError):
                answer = None
            if answer is not None:
                return answer, sent
            patience = PATIENCE_SECONDS
            await asyncio.sleep(self.random.uniform(*PAUSE_SECONDS))

    async def _post(self, person: Person, request: dict[str, Any], patience: float) -> httpx.Response:
        headers = {"Authorization": f"Bearer {person.token}"}
        async with asyncio.timeout(patience):
            return await self.place.client.post(f"{self.place.origin}/graphql", json=request, headers=headers)


def _read(response: httpx.Response, what: str) -> dict[str, Any] | None:
    """The noun of a success, None for what may be asked again; nothing else may come."""
    body = response.json()
    if may_be_asked_again(body):
        return None
    found = (body.get("data") or {}).get("done") or {}
    if codes(body) or what not in found:
        raise Differs(f"What was asked for under one key was refused: {response.status_code} {body}.")
    noun: dict[str, Any] = found[what]
    return noun

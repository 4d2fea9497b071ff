"""Answers as server-sent events."""

from __future__ import annotations

import json

import httpx

from graph.limits import Limits
from tests.web.door import ENGLISH, NEW, OLD, WANG, ask, codes, http
from tests.web.toy import WORLD


async def test_a_subscription_needs_a_stream(client: httpx.AsyncClient) -> None:
    response = await ask(client, "subscription { live { n } }", WANG | ENGLISH)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert response.json()["errors"][0]["message"] == (
        "A subscription needs a WebSocket (graphql-transport-ws), or Accept: text/event-stream."
    )
    assert WORLD.streams_open == 0


async def test_a_stream_of_events(client: httpx.AsyncClient) -> None:
    headers = WANG | {"Accept": "text/event-stream"}
    response = await ask(client, "subscription { ticks(to: 2) { n cursor } }", headers)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert response.content == (
        b'id: c1\nevent: next\ndata: {"data":{"ticks":{"n":1,"cursor":"c1"}}}\n\n'
        b'id: c2\nevent: next\ndata: {"data":{"ticks":{"n":2,"cursor":"c2"}}}\n\n'
        b"event: complete\ndata:\n\n"
    )


async def test_a_query_may_come_as_a_stream_of_one(client: httpx.AsyncClient) -> None:
    response = await ask(client, "{ viewer }", WANG | {"Accept": f"text/event-stream, {OLD};q=0.5"})
    assert response.text == 'event: next\ndata: {"data":{"viewer":"wang"}}\n\nevent: complete\ndata:\n\n'


async def test_a_refusal_before_the_stream_is_plain_json(client: httpx.AsyncClient) -> None:
    response = await ask(client, "subscription { ticks(to: 2) { n } }", {"Accept": "text/event-stream"})
    assert (response.status_code, response.headers["Content-Type"]) == (401, f"{NEW}; charset=utf-8")


async def test_what_goes_wrong_in_a_stream_is_its_last_message() -> None:
    async with http(Limits(deadline_seconds=0.1)) as client:
        response = await ask(client, "{ endless }", WANG | {"Accept": "text/event-stream"})
        *_, last, complete, end = response.text.split("\n\n")
        assert json.loads(last.split("data: ")[1])["errors"][0]["extensions"] == {"code": "DEADLINE"}
        assert (complete, end) == ("event: complete\ndata:", "")


async def test_a_client_that_goes_ends_its_stream(client: httpx.AsyncClient) -> None:
    body, headers = {"query": "subscription { live { n } }"}, WANG | {"Accept": "text/event-stream"}
    async with client.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert await anext(response.aiter_lines()) == "event: next"
        assert WORLD.streams_open == 1
    await WORLD.all_streams_ended()

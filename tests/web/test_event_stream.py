"""Answers as server-sent events."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import ENGLISH, NEW, OLD, WANG, ask, codes, http


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
    retry, _, rest = response.content.partition(b"\n")
    assert re.fullmatch(rb"retry: 50[01]", retry)
    assert rest == (
        b'id: c1\nevent: next\ndata: {"data":{"ticks":{"n":1,"cursor":"c1"}}}\n\n'
        b'id: c2\nevent: next\ndata: {"data":{"ticks":{"n":2,"cursor":"c2"}}}\n\n'
        b"event: complete\ndata:\n\n"
    )


async def test_a_query_may_come_as_a_stream_of_one(client: httpx.AsyncClient) -> None:
    response = await ask(client, "{ viewer }", WANG | {"Accept": f"text/event-stream, {OLD};q=0.5"})
    _, _, rest = response.text.partition("\n")
    assert rest == 'event: next\ndata: {"data":{"viewer":"wang"}}\n\nevent: complete\ndata:\n\n'


async def test_a_refusal_before_the_stream_is_plain_json(client: httpx.AsyncClient) -> None:
    response = await ask(client, "subscription { ticks(to: 2) { n } }", {"Accept": "text/event-stream"})
    assert (response.status_code, response.headers["Content-Type"]) == (401, f"{NEW}; charset=utf-8")


@pytest.mark.parametrize("query", ["{", "{ nothing }", "{ viewer } { viewer }", "{ " + "viewer " * 301 + "}"])
async def test_a_refused_document_is_told_as_a_stream_to_whoever_wants_one(
    client: httpx.AsyncClient, query: str
) -> None:
    """The protocol of graphql-sse: `next` with the errors, and `complete`."""
    response = await ask(client, query, WANG | {"Accept": "text/event-stream"})
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    _, _, rest = response.text.partition("\n")
    event, complete, end = rest.split("\n\n")
    name, _, data = event.partition("\ndata: ")
    assert (name, complete, end) == ("event: next", "event: complete\ndata:", "")
    assert list(json.loads(data)) == ["errors"]


async def test_what_goes_wrong_in_a_stream_is_its_last_message() -> None:
    async with http(Limits(deadline_seconds=0.1)) as client:
        response = await ask(client, "{ endless }", WANG | {"Accept": "text/event-stream"})
        *_, last, complete, end = response.text.split("\n\n")
        assert json.loads(last.split("data: ")[1])["errors"][0]["extensions"] == {"code": "DEADLINE"}
        assert (complete, end) == ("event: complete\ndata:", "")


async def test_a_client_that_goes_ends_its_stream(client: httpx.AsyncClient) -> None:
    body, headers = {"query": "subscription { live { n } }"}, WANG | {"Accept": "text/event-stream"}
    async with client.stream("POST", "/graphql", json=body, headers=headers) as response:
        lines = response.aiter_lines()
        assert [await anext(lines) for _ in range(3)][1:] == ["id: c0", "event: next"]
        assert WORLD.streams_open == 1
    await WORLD.all_streams_ended()


async def read(response: httpx.Response) -> list[list[str]]:
    """The events of a stream, each as its lines; the line about coming back is left out."""
    _, _, text = (await response.aread()).decode().partition("\n")
    return [event.split("\n") for event in text.removesuffix("\n\n").split("\n\n")]


async def test_a_stream_goes_on_after_the_last_event_that_a_client_has_seen(client: httpx.AsyncClient) -> None:
    headers = WANG | {"Accept": "text/event-stream", "Last-Event-ID": "c2"}
    response = await ask(client, "subscription { ticks(to: 4) { n } }", headers)
    assert await read(response) == [
        ["id: c3", "event: next", 'data: {"data":{"ticks":{"n":3}}}'],
        ["id: c4", "event: next", 'data: {"data":{"ticks":{"n":4}}}'],
        ["event: complete", "data:"],
    ]


async def test_a_stream_ends_with_its_session_and_says_so(client: httpx.AsyncClient) -> None:
    body = {"query": "subscription { live { n } }"}
    headers = ENGLISH | {"Authorization": "Bearer li", "Accept": "text/event-stream"}
    async with client.stream("POST", "/graphql", json=body, headers=headers) as response:
        lines = response.aiter_lines()
        first = [await anext(lines) for _ in range(5)]
        assert first[1:4] == ["id: c0", "event: next", 'data: {"data":{"live":{"n":0}}}']
        try:
            WORLD.end("li")
            rest = [line async for line in lines]
        finally:
            WORLD.ended.clear()
    error = {"message": "Sign in first.", "extensions": {"code": "UNAUTHENTICATED"}}
    assert (rest[0], json.loads(rest[1].removeprefix("data: "))) == ("event: next", {"errors": [error]})
    assert rest[2:] == ["", "event: complete", "data:", ""]
    assert (WORLD.streams_open, WORLD.watching) == (0, {})

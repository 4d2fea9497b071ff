"""Who gets what over HTTP, how much of it, and what the log says of it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.support.small_schema import WORLD
from tests.support.small_server import ENGLISH, NEW, OLD, WANG, ask, codes, http


@pytest.mark.parametrize("media", [NEW, OLD])
@pytest.mark.parametrize(
    "query", ["{ echo }", "{ ...F } fragment F on Query { ...G } fragment G on Query { viewer: echo }"]
)
async def test_a_stranger_gets_nothing_but_what_is_public(client: httpx.AsyncClient, query: str, media: str) -> None:
    response = await ask(client, query, {"Accept": media})
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="hushi"')
    assert response.json() == {"errors": [{"message": "请先登录", "extensions": {"code": "UNAUTHENTICATED"}}]}


async def test_a_stranger_changes_nothing_even_beside_a_public_field(client: httpx.AsyncClient) -> None:
    before = list(WORLD.notes)
    response = await ask(client, 'mutation { signIn(name: "wang") note(text: "x") }', {})
    assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])
    assert before == WORLD.notes


@pytest.mark.parametrize(
    "query",
    ["{ viewer }", "{ __typename }", "{ __schema { queryType { name } } }", 'mutation { signIn(name: "wang") }'],
)
async def test_what_is_public_is_for_strangers_too(client: httpx.AsyncClient, query: str) -> None:
    response = await ask(client, query, {})
    assert (response.status_code, list(response.json())) == (200, ["data"])


async def test_a_refusal_of_one_operation_looks_at_that_operation_only(client: httpx.AsyncClient) -> None:
    two = "query Open { viewer } query Closed { echo }"
    assert (await ask(client, two, {}, operationName="Open")).status_code == 200
    assert (await ask(client, two, {}, operationName="Closed")).status_code == 401


@pytest.mark.parametrize("authorization", ["Bearer nobody", "Bearer", "Basic d2FuZzp4", "wang"])
async def test_a_token_that_is_none_is_refused_even_for_what_is_public(
    client: httpx.AsyncClient, authorization: str
) -> None:
    response = await ask(client, "{ viewer }", {"Authorization": authorization})
    assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])


async def test_one_document_tries_one_password(client: httpx.AsyncClient) -> None:
    response = await ask(client, 'mutation { a: signIn(name: "wang") b: signIn(name: "li") }', ENGLISH)
    assert response.json() == {
        "errors": [
            {
                "message": "The request is too complex: sign-in or code fields may be at most 1, here 2. Ask for less at once.",
                "extensions": {"code": "QUERY_TOO_COMPLEX", "limit": "secrets", "allowed": 1, "found": 2},
            }
        ]
    }


async def test_an_operation_ends_at_the_deadline() -> None:
    async with http(Limits(deadline_seconds=0.1)) as client:
        response = await ask(client, "{ endless }", WANG | ENGLISH | {"Accept": NEW})
        assert (response.status_code, response.json()) == (
            200,
            {
                "data": None,
                "errors": [
                    {
                        "message": "The operation was stopped after 0.1 seconds. Ask for less, or try again.",
                        "extensions": {"code": "DEADLINE"},
                    }
                ],
            },
        )


async def test_a_monster_is_refused_while_others_are_served(client: httpx.AsyncClient) -> None:
    links = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    monster = f"{{ ...F0 }} {links} fragment F40 on Query {{ a {{ b }} }}"
    async with asyncio.timeout(10):  # walking all of it would take days
        response, *others = await asyncio.gather(ask(client, monster), *(ask(client, "{ viewer }") for _ in range(5)))
    extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "fields", "allowed": 300, "found": 2**41}
    assert response.json()["errors"][0]["extensions"] == extensions
    assert [other.json() for other in others] == [{"data": {"viewer": "wang"}}] * 5


async def test_a_bug_is_a_number_to_the_client_and_a_place_to_the_log(client: httpx.AsyncClient) -> None:
    WORLD.broken = True
    try:
        with capture_logs() as logs:
            response = await ask(client, "{ viewer }", ENGLISH)
    finally:
        WORLD.broken = False
    [entry] = logs
    incident = entry["incident"]
    message = f"Something went wrong on our side; its number is {incident}."
    extensions = {"code": "INTERNAL", "incident": incident}
    assert (response.status_code, response.json()) == (
        500,
        {"errors": [{"message": message, "extensions": extensions}]},
    )
    assert (entry["event"], entry["error"]) == ("unexpected error", "RuntimeError")
    assert entry["where"][-1].endswith("open_context")
    assert "secret1" not in str(logs)


async def test_the_log_of_a_refusal_says_nothing_of_what_was_asked(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await ask(client, '{ echo(text: "110101199003078515") }', {})
        await ask(client, '{ echo(text: "110101199003078515" }')
        await ask(client, "query ($t: Int) { echo(text: $t) }", variables={"t": "110101199003078515"})
        await client.get("/graphql", params={"query": '{ missing(text: "110101199003078515") }'})
    refusals = ["UNAUTHENTICATED", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VALIDATION_FAILED"]
    assert logs == [{"event": "refused", "code": code, "log_level": "info"} for code in refusals]

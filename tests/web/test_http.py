"""GraphQL over HTTP, asked by a real client on a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.small_schema import WORLD
from tests.support.small_server import NEW, OLD, WANG, ask, codes


async def test_a_query_by_post(client: httpx.AsyncClient) -> None:
    response = await ask(client, "query A($t: String!) { echo(text: $t) }", variables={"t": "护士"}, operationName="A")
    assert (response.status_code, response.json()) == (200, {"data": {"echo": "护士"}})


async def test_a_query_by_get(client: httpx.AsyncClient) -> None:
    query = {"query": "query A($t: String!) { echo(text: $t) }", "variables": '{"t": "护士"}', "operationName": "A"}
    response = await client.get("/graphql", params=query, headers=WANG)
    assert (response.status_code, response.json()) == (200, {"data": {"echo": "护士"}})


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        (NEW, NEW),
        (OLD, OLD),
        (f"{NEW}, {OLD};q=0.9", NEW),
        (f"{NEW};q=0.8, {OLD};q=0.9", OLD),
        (f"{OLD};q=0, {NEW};q=0.1", NEW),
        (f"{NEW}, application/graphql+json, {OLD}, text/event-stream, multipart/mixed", NEW),
        (f"image/png, {OLD};charset=utf-8", OLD),
        ("APPLICATION/JSON", OLD),
    ],
)
async def test_the_answer_has_the_form_that_the_client_prefers(
    client: httpx.AsyncClient, accept: str | None, media: str
) -> None:
    request = client.build_request("POST", "/graphql", json={"query": "{ viewer }"})
    del request.headers["Accept"]
    if accept:
        request.headers["Accept"] = accept
    response = await client.send(request)
    assert (response.status_code, response.headers["Content-Type"]) == (200, f"{media}; charset=utf-8")


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{OLD};q=0", f"{OLD};q=none", "multipart/mixed"])
async def test_a_client_that_takes_no_form_of_ours_is_told(client: httpx.AsyncClient, accept: str) -> None:
    response = await ask(client, "{ viewer }", {"Accept": accept})
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize("media", [NEW, OLD])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{ echo"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ missing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { echo } query B { echo }"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "{ echo }", "operationName": "C"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query ($t: String!) { echo(text: $t) }"}, "BAD_USER_INPUT"),
        ({"query": "query ($t: String!) { echo(text: $t) }", "variables": {"t": 1}}, "BAD_USER_INPUT"),
        ({"query": "{" + " echo" * 301 + " }"}, "QUERY_TOO_COMPLEX"),
    ],
)
async def test_a_document_at_fault_has_a_code_and_no_data(
    client: httpx.AsyncClient, body: dict[str, Any], code: str, media: str
) -> None:
    response = await client.post("/graphql", json=body, headers={**WANG, "Accept": media})
    assert (response.status_code, codes(response)) == (400 if media == NEW else 200, [code])
    assert "data" not in response.json()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql", json={"query": "{ viewer }"})
    assert (response.status_code, response.headers["Allow"], codes(response)) == (
        405,
        "GET, POST",
        ["METHOD_NOT_ALLOWED"],
    )


async def test_a_get_changes_nothing(client: httpx.AsyncClient) -> None:
    before = list(WORLD.notes)
    response = await client.get("/graphql", params={"query": 'mutation { note(text: "x") }'}, headers=WANG)
    assert (response.status_code, response.headers["Allow"], codes(response)) == (405, "POST", ["METHOD_NOT_ALLOWED"])
    assert before == WORLD.notes


@pytest.mark.parametrize(
    ("accept_language", "message"),
    [
        ("", "请先登录"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "请先登录"),
        ("en-GB,en;q=0.9,zh;q=0.8", "Sign in first."),
        ("fr, en;q=0.1", "Sign in first."),
        ("fr", "请先登录"),
        ("en;q=0, zh", "请先登录"),
    ],
)
async def test_refusals_speak_the_language_of_the_client(
    client: httpx.AsyncClient, accept_language: str, message: str
) -> None:
    response = await ask(client, "{ echo }", {"Accept-Language": accept_language})
    assert response.json()["errors"][0]["message"] == message


async def test_every_operation_has_a_context_of_its_own(client: httpx.AsyncClient) -> None:
    numbers = [(await ask(client, "{ context }")).json()["data"]["context"] for _ in range(3)]
    assert len(set(numbers)) == 3


async def test_every_answer_carries_the_headers_of_safety(client: httpx.AsyncClient) -> None:
    for query in ("{ viewer }", "{ echo }", "{"):
        headers = (await ask(client, query, {})).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Vary"] == "Accept, Accept-Language"
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("given", ["a", "trace-01.A_z", "x" * 64])
async def test_a_harmless_request_id_comes_back(client: httpx.AsyncClient, given: str) -> None:
    assert (await ask(client, "{ viewer }", {"X-Request-ID": given})).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "<script>"])
async def test_any_other_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    made = (await ask(client, "{ viewer }", {"X-Request-ID": given})).headers["X-Request-ID"]
    assert made != given
    assert len(made) == 32


async def test_a_browser_is_sent_to_graphiql(client: httpx.AsyncClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    response = await client.get("/graphql", headers=browser)
    assert (response.status_code, response.headers["Location"]) == (303, "/graphiql")
    asked = await client.get("/graphql", params={"query": "{ viewer }"}, headers=browser)
    assert asked.json() == {"data": {"viewer": None}}

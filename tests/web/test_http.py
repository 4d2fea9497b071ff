"""GraphQL over HTTP, asked by a real client on a real socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.web.toy import WORLD, http, serving

NEW, OLD = "application/graphql-response+json", "application/json"
WANG = {"Authorization": "Bearer wang"}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with http() as client:
        yield client


async def ask(client: httpx.AsyncClient, query: str, headers: dict[str, str] = WANG, **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **more}, headers=headers)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


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


BAD_BODIES = [
    b"",
    b"null",
    b"1",
    b"true",
    b'"x"',
    b"[]",
    b'[{"query": "{ viewer }"}]',
    b"{}",
    b"{",
    b'{"query": null}',
    b'{"query": 1}',
    b'{"query": {"a": 1}}',
    b'{"query": "{ viewer }", "operationName": 1}',
    b'{"query": "{ viewer }", "variables": "x"}',
    b'{"query": "{ viewer }", "variables": [1]}',
    b'{"query": "{ viewer }", "extensions": 0}',
    b'{"query": "{ viewer }", "variables": {"a": NaN}}',
    b'{"query": "{ viewer }", "variables": {"a": ' + b"1" * 5000 + b"}}",
    b'{"query": "{ viewer }", "variables": {"a": "\\ud800"}}',
    b'{"query": "{ viewer }", "variables": {"a": "\\u0000"}}',
    b'{"query": "{ viewer }", "variables": {"\\u0000": 1}}',
    b'{"query": "{ viewer \xff }"}',
    b"[" * 60_000,
    b'{"query": "{ viewer }", "variables": {"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}}",
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
async def test_a_body_that_is_no_request_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/graphql", content=body, headers={"Content-Type": OLD, "Accept": NEW})
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


async def test_json_may_be_nested_as_deep_as_the_limit(client: httpx.AsyncClient) -> None:
    for depth, found in ((30, None), (31, 33)):
        body = f'{{"query": "{{ viewer }}", "variables": {{"a": {"[" * depth}{"]" * depth}}}}}'
        response = await client.post("/graphql", content=body, headers={"Content-Type": OLD, "Accept": NEW})
        if found:
            extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "json_depth", "allowed": 32, "found": found}
            assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, extensions)
        else:
            assert response.status_code == 200


@pytest.mark.parametrize("variables", ["{", "null", "", "[1]", '{"a": NaN}'])
async def test_variables_in_the_query_string_are_read_as_strictly(client: httpx.AsyncClient, variables: str) -> None:
    response = await client.get("/graphql", params={"query": "{ viewer }", "variables": variables})
    assert response.status_code == (200 if variables in {"null", ""} else 400)


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/graphql", "multipart/form-data; boundary=x", "application/json; charset=gbk"],
)
async def test_only_json_in_utf8_is_read(client: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = await client.post("/graphql", content=b'{"query": "{ viewer }"}', headers=headers)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


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


async def test_a_subscription_needs_a_stream(client: httpx.AsyncClient) -> None:
    response = await ask(client, "subscription { live { n } }", WANG | ENGLISH)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert response.json()["errors"][0]["message"] == (
        "A subscription needs a WebSocket (graphql-transport-ws), or Accept: text/event-stream."
    )
    assert WORLD.streams_open == 0


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_too_large_is_answered_before_it_has_arrived(declared: bool) -> None:
    """The client sends the limit and one byte of 30 MB, and waits."""
    async with serving() as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: {OLD}\r\n"
        if declared:
            writer.write(f"{head}Content-Length: {30 * 1024 * 1024}\r\n\r\n".encode())
        else:
            writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n{65537:x}\r\n{'x' * 65537}\r\n".encode())
        assert await reader.readline() == b"HTTP/1.1 413 Content Too Large\r\n"
        assert b'"code":"PAYLOAD_TOO_LARGE","limit":"body_bytes","allowed":65536' in await reader.readuntil(b"}}]}")
        writer.close()


async def test_a_body_of_just_the_limit_is_read(client: httpx.AsyncClient) -> None:
    body = b'{"query": "{ viewer }"}'.ljust(65536)
    response = await client.post("/graphql", content=body, headers={"Content-Type": OLD})
    assert response.json() == {"data": {"viewer": None}}


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with serving(Limits(deadline_seconds=0.1)) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(
            f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: {OLD}\r\nContent-Length: 9\r\n\r\n{{".encode()
        )
        assert await reader.readline() == b"HTTP/1.1 408 Request Timeout\r\n"
        writer.close()


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
    begun = time.perf_counter()
    response, *others = await asyncio.gather(ask(client, monster), *(ask(client, "{ viewer }") for _ in range(5)))
    assert time.perf_counter() - begun < 0.05 * 3
    extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "fields", "allowed": 300, "found": 2**41}
    assert response.json()["errors"][0]["extensions"] == extensions
    assert [other.json() for other in others] == [{"data": {"viewer": "wang"}}] * 5


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
    WORLD.stream_closed.clear()
    body, headers = {"query": "subscription { live { n } }"}, WANG | {"Accept": "text/event-stream"}
    async with client.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert await anext(response.aiter_lines()) == "event: next"
        assert WORLD.streams_open == 1
    await asyncio.wait_for(WORLD.stream_closed.wait(), 5)
    assert WORLD.streams_open == 0


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
    assert (entry["event"], entry["error"]) == ("unexpected error", "ConnectionError")
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

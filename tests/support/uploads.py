"""A file sent as a front end sends it."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.live import Live
from tests.support.world import Person

UPLOAD = """mutation($input: MaterialUploadInput!) { materialUpload(input: $input) { __typename
  ... on MaterialUploadPayload { material { code fileName mediaType size } application { version } }
  ... on Problem { code } ... on ValidationProblem { fields { path code } } } }"""
ASKED = {"apollo-require-preflight": "1"}


async def send(
    live: Live, person: Person | None, draft: str, content: bytes, code: str = "CERTIFICATE", **headers: str
) -> httpx.Response:
    """Hand in a file as a front end does."""
    variables = {"input": {"applicationId": draft, "code": code, "file": None}}
    fields = {
        "operations": json.dumps({"query": UPLOAD, "variables": variables}),
        "map": json.dumps({"0": ["variables.input.file"]}),
    }
    signed = {"Authorization": f"Bearer {person.token}"} if person else {}
    async with httpx.AsyncClient(base_url=live.origin, timeout=30) as client:
        files = {"0": ("执业证书.pdf", content, "text/html")}
        return await client.post("/graphql", data=fields, files=files, headers={**ASKED, **signed, **headers})


async def send_list(
    live: Live, person: Person, query: str, content: bytes, name: str = "名单.csv", **given: object
) -> Any:
    """Hand in a list of people with a mutation; what it answers."""
    fields = {
        "operations": json.dumps({"query": query, "variables": {"input": {**given, "csv": None}}}),
        "map": json.dumps({"0": ["variables.input.csv"]}),
    }
    headers = {"Authorization": f"Bearer {person.token}", **ASKED}
    async with httpx.AsyncClient(base_url=live.origin, timeout=60) as client:
        answer = await client.post("/graphql", data=fields, files={"0": (name, content, "text/csv")}, headers=headers)
    body = answer.json()
    assert "errors" not in body, body
    (found,) = body["data"].values()
    return found

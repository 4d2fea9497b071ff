"""The mutations of the authorization matrix: what each needs, how to take it, and how to read the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx
from graphql import get_named_type

from graph.root import schema
from rules.application import State
from rules.form import form_to_json
from tests.support.authority_matrix import EVERYBODY, SECTIONS
from tests.support.authority_stage import FILLED, PASSWORD, QUICK_HASH, Stage, put
from tests.support.authority_subjects import fields_of
from tests.support.live import Client
from tests.support.world import TODAY, Cast, Person, World

Key = tuple[str, str]
"""A section of the table, and a mutation."""
TABLE: Final[Mapping[Key, str]] = {
    (section.subject, name): cells
    for section in SECTIONS
    if section.types == ("Mutation",)
    for name, cells in section.cells.items()
}
FIELDS: Final = {
    kind: [*section.cells] for section in SECTIONS for kind in section.types if EVERYBODY in section.cells.values()
}
HEALTH: Final = {"healthStatus": "GOOD", "healthExaminedOn": TODAY.isoformat()}
RENEWAL: Final = {**HEALTH, "department": "WARD", "title": "NURSE"}
FORM: Final = {"form": {"renewal": RENEWAL}}
CHANGE: Final = {
    "form": {"change": {**HEALTH, "department": "OUTPATIENT", "changeReason": "工作调动"}},
}
MARK: Final = {"reasons": ["FIELD_INCOMPLETE"], "markedFields": ["department"]}
ANSWER: Final = {"form": {"renewal": form_to_json(FILLED)}, "confirmedFields": ["department"]}
LETTERS: Final = {"NotFoundProblem": "F", "NotAllowedProblem": "A", "WrongStateProblem": "W"}
PLAIN: Final = {"NotFoundProblem": "NOT_FOUND", "NotAllowedProblem": "NOT_ALLOWED", "WrongStateProblem": "WRONG_STATE"}


def document(mutation: str) -> str:
    """A mutation, asking for everything that any answer to it holds."""
    field = schema._schema.mutation_type.fields[mutation]  # type: ignore[union-attr]
    fragments = []
    for kind in get_named_type(field.type).types:
        selected = fields_of(kind.name)
        fragments.append(f"... on {kind.name} {{ {' '.join(selected[name] for name in FIELDS[kind.name])} }}")
    head = f"($input: {field.args['input'].type})" if field.args else ""
    given = "(input: $input)" if field.args else ""
    return f"mutation It{head} {{ it: {mutation}{given} {{ __typename {' '.join(fragments)} }} }}"


def inputs_of(mutation: str) -> frozenset[str]:
    """What a mutation asks for, by name."""
    field = schema._schema.mutation_type.fields[mutation]  # type: ignore[union-attr]
    return frozenset(get_named_type(field.args["input"].type).fields)


def wanted(mutation: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of what there is to say, what a mutation asks for."""
    return {name: value for name, value in given.items() if name in inputs_of(mutation)}


async def take(
    client: Client, mutation: str, input: Mapping[str, Any] | None, *, plain: bool = True
) -> tuple[str, Any]:
    """The letter of the answer, and the answer; a `plain` refusal gives no reason besides who asks."""
    body = (await sent(client, document(mutation), input)).json()
    if "errors" in body:
        assert [error["extensions"]["code"] for error in body["errors"]] == ["UNAUTHENTICATED"]
        return "U", None
    it = body["data"]["it"]
    if it["__typename"] not in LETTERS:
        return "P" if it["__typename"].endswith("Payload") else it["__typename"], it
    assert not plain or it["code"] in {PLAIN[it["__typename"]], "ACCOUNT_INACTIVE"}
    return LETTERS[it["__typename"]], it


async def sent(client: Client, query: str, input: Mapping[str, Any] | None) -> httpx.Response:
    """As JSON, or with the one file as a form."""
    file = next((name for name, value in (input or {}).items() if isinstance(value, bytes)), None)
    if input is None or file is None:
        return await client.post(query, {} if input is None else {"input": input})
    operations = {"query": query, "variables": {"input": {**input, file: None}}}
    fields = {"operations": json.dumps(operations), "map": json.dumps({"0": [f"variables.input.{file}"]})}
    signed = {"Authorization": f"Bearer {client.token}"} if client.token else {}
    asked = {"apollo-require-preflight": "1", **signed}
    address, files = f"{client.origin}/graphql", {"0": ("材料", input[file])}
    return await client._http.post(address, data=fields, files=files, headers=asked)


async def fresh(stage: Stage, state: State, **more: Any) -> tuple[Cast, Any]:
    """A nurse of her own, and her application in this state."""
    cast = await stage.nurse(f"fresh {state}", stage.cast.hospital, stage.cast.district)
    marked = {"marked_fields": MARK["markedFields"]} if state in (State.RETURNED, State.CORRECTION_REQUIRED) else {}
    recommended = {"recommender_id": cast.reviewer.account_id} if state is State.ACCEPTED else {}
    return cast, await put(stage.world, cast, state, **{**marked, **recommended, **more})


async def credentials(world: World, person: Person) -> dict[str, str]:
    """What this person types in."""
    sql = "update account set password_hash = $2 where id = $1 returning user_name"
    return {"userName": await world.owner.fetchval(sql, person.account_id, QUICK_HASH), "password": PASSWORD}

"""A mutation asked for by its name."""

from __future__ import annotations

from typing import Any

from graph.root import schema
from tests.support.live import Client

MUTATIONS = schema._schema.mutation_type.fields if schema._schema.mutation_type else {}
PROBLEM = "... on Problem { code message } ... on ValidationProblem { fields { path code } }"


async def do(client: Client, name: str, selection: str, /, **given: Any) -> Any:
    """What a mutation answers to its input."""
    title, takes = name[0].upper() + name[1:], MUTATIONS[name].args["input"].type
    document = (
        f"mutation($input: {takes}) {{ {name}(input: $input) {{ __typename"
        f" ... on {title}Payload {{ {selection} }} {PROBLEM} }} }}"
    )
    return (await client.ask(document, input=given))[name]

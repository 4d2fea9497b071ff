"""One step, answered by its plan and by the ordinary executor: the bytes must be the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type
from strawberry.types import ExecutionResult

from db.read.shapes import SHAPES
from graph.context import Context, Outcome, Services
from graph.documents import Documents
from graph.limits import Limits
from graph.planned_step import Steps
from graph.root import MUTATIONS, schema
from rules.errors import Language
from rules.material import UploadedFile
from tests.support.world import Person


class StepBothWays:
    """Takes each step once, and has the answer made both ways."""

    def __init__(self, services: Services, language: Language = Language.CHINESE) -> None:
        self.services, self.language = services, language
        self.steps = Steps(schema._schema, services.feed, MUTATIONS)
        self.documents = Documents(schema, Limits())

    def context(self, person: Person | None) -> Context:
        """A fresh one of this person's."""
        return Context(self.services, person.session if person else None, self.language)

    async def executed(
        self, text: str, variables: dict[str, Any], context: Context, name: str | None = None
    ) -> ExecutionResult:
        """The executor's answer in this context."""
        return await schema.execute(self.documents.read(text), variables, context, operation_name=name)

    async def planned(
        self, text: str, variables: dict[str, Any], context: Context, name: str | None = None
    ) -> bytes | None:
        """The plan's answer in this context."""
        document = self.documents.read(text)
        return await self.steps.data(document, document.operation(name), variables, context)

    async def taken(self, person: Person, text: str, **variables: Any) -> tuple[bytes | None, Outcome | None]:
        """Takes the step; whatever the plan answers, the executor answers of the same outcome byte for byte.

        A refusal is the same as that of the executor alone.
        """
        variables = {name: {**one, **_files(one)} if isinstance(one, dict) else one for name, one in variables.items()}
        context = self.context(person)
        data = await self.planned(text, variables, context)
        outcome = context.outcome
        again = self.context(person)
        again.outcome = outcome
        answer = await self.executed(text, variables, again)
        if data is not None:
            assert not answer.errors, answer.errors
            assert data == orjson.dumps(answer.data), (data.decode(), answer.data)
        elif outcome is not None and outcome.raised is not None:
            alone = await self.executed(text, variables, self.context(person))
            assert (answer.data, errors_of(answer)) == (alone.data, errors_of(alone))
        assert again.outcome is None
        return data, outcome


FORMLESS: Final = frozenset({"applicationClaimByIdNumber", "materialRemove"})
"""Steps that the matrix takes on applications without the form of their kind, which only a plan shows."""


def whole(mutation: str) -> str:
    """A mutation that asks for all that its payload shows, of each noun all that has a plan, and for every problem."""
    field = schema._schema.mutation_type.fields[mutation]  # type: ignore[union-attr]
    parts = " ".join(f"... on {kind.name} {{ {_selected(kind)} }}" for kind in get_named_type(field.type).types)
    text = (
        f"mutation It($input: {field.args['input'].type}) {{ it: {mutation}(input: $input) {{ __typename {parts} }} }}"
    )
    return text.replace("form { __typename }", "") if mutation in FORMLESS else text


def _selected(kind: GraphQLObjectType) -> str:
    """All fields: of a noun those that have a plan."""
    return " ".join(f"{name} {_inside(field)}" for name, field in kind.fields.items())


def _inside(field: GraphQLField) -> str:
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    shape = SHAPES.get(kind.name)
    if shape is None or not isinstance(kind, GraphQLObjectType):
        return "{ __typename }" if kind.name == "Query" or shape else f"{{ {_selected(kind)} }}"  # type: ignore[arg-type]
    planned = {**shape.fields, **shape.links}
    return f"{{ __typename {' '.join(_named(name, one) for name, one in kind.fields.items() if name in planned)} }}"


def _named(name: str, field: GraphQLField) -> str:
    first = "(first: 3)" if "first" in field.args else ""
    return f"{name}{first} {'' if is_leaf_type(get_named_type(field.type)) else '{ __typename }'}"


def _files(given: Mapping[str, Any]) -> dict[str, UploadedFile]:
    """The files of an input, as they come in a request of several parts."""
    return {name: UploadedFile(name, one) for name, one in given.items() if isinstance(one, bytes)}


def errors_of(answer: ExecutionResult) -> list[dict[str, Any]]:
    """The errors, as clients see them; an incident has a number of its own."""
    found: list[dict[str, Any]] = [dict(one.formatted) for one in answer.errors or ()]
    for one in found:
        one.get("extensions", {}).pop("incident", None)
    return found

"""The mutations on materials: what they take and what they answer."""

from __future__ import annotations

from typing import Final

import strawberry
from graphql import GraphQLError

from graph.schema.application import Application
from graph.schema.material import Material
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.material import UploadedFile


def _uploaded(value: object) -> UploadedFile:
    """Only what came as a file is one."""
    if not isinstance(value, UploadedFile):
        raise GraphQLError("An Upload is a file of a multipart request, never a value of the document or of JSON.")
    return value


def _never(node: object, variables: object = None) -> UploadedFile:
    return _uploaded(node)


UPLOAD: Final = strawberry.scalar(
    name="Upload",
    description="A file, sent by the GraphQL multipart request specification; one a request, at most 5 MiB.",
    specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
    serialize=_uploaded,
    parse_value=_uploaded,
    parse_literal=_never,
)


@strawberry.input
class MaterialUploadInput(IdempotentInput):
    """A file for one of the materials that are asked for."""

    application_id: strawberry.ID = strawberry.field(description="The application's global id.")
    code: str = strawberry.field(description="For which material of its `checklist`.")
    institution_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The institution you will name when you file it, where that is another one than now: for a "
        "material that is asked for there.",
    )
    file: UploadedFile = strawberry.field(description="PDF, JPEG or PNG, at most 5 MiB.")


@strawberry.input
class MaterialRemoveInput(IdempotentInput):
    """A file that is taken back."""

    id: strawberry.ID = strawberry.field(description="The material's global id.")


@strawberry.input
class MaterialCheckInput(IdempotentInput):
    """The originals that were seen."""

    application_id: strawberry.ID = strawberry.field(description="The application's global id.")
    codes: list[str] = strawberry.field(description="The materials of its `checklist` whose originals were seen.")


@strawberry.interface
class MaterialApplicationPayload:
    """The application after a change of its materials."""

    application: Application = strawberry.field(description="The application as it stands now, with its new `version`.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class MaterialHandedInPayload(MaterialApplicationPayload):
    """A material was handed in."""

    material: Material | None = strawberry.field(description="What was handed in; null where it was removed meanwhile.")

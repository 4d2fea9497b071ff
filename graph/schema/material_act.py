"""The mutations on materials: what they take and what they answer."""

from __future__ import annotations

from datetime import date
from typing import Final

import strawberry
from graphql import GraphQLError

from graph.schema.act import Act
from graph.schema.application import Application
from graph.schema.material import Material, MaterialRequirement
from graph.schema.query import query_after
from graph.schema.step import IdempotentInput
from rules.kinds import Kind
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
    """What the application says of its materials has changed."""

    application: Application = strawberry.field(description="The application as it stands now, with its new `version`.")

    query = query_after("Anything else you want to read after the step.")


@strawberry.interface
class MaterialHandedInPayload(MaterialApplicationPayload):
    """A material was handed in."""

    material: Material | None = strawberry.field(description="What was handed in; null where it was removed meanwhile.")


@strawberry.input
class MaterialRequirementSetInput(IdempotentInput):
    """What your province asks for of a kind, from a day on, instead of what it or the nation asked before."""

    kind: Kind = strawberry.field(description="业务类型.")
    code: str = strawberry.field(description="2 to 40 capital letters, digits and underscores; the same code replaces.")
    title_zh: str = strawberry.field(description="材料名称.")
    title_en: str = strawberry.field(description="The same in English.")
    needed: bool = strawberry.field(description="Whether it must be handed in before the application can be filed.")
    paper: bool = strawberry.field(
        description="需带纸质资料文件: whether the original must be seen; with `needed`, before 受理."
    )
    valid_from: date = strawberry.field(description="生效日期: today or later.")
    valid_until: date | None = strawberry.field(default=None, description="失效日期, its last day.")


@strawberry.input
class MaterialRequirementEndInput(IdempotentInput):
    """What your province asks for no longer; the nation's of the same code holds again."""

    id: strawberry.ID = strawberry.field(description="The requirement's global id.")
    valid_until: date = strawberry.field(description="失效日期, its last day: today or later.")


@strawberry.interface
class MaterialRequirementPayload:
    """What the province asks for has changed."""

    requirement: MaterialRequirement = strawberry.field(description="The requirement as it stands now.")

    query = query_after("Anything else you want to read after the step.")


UPLOAD_MATERIAL: Final = Act(
    "materialUpload",
    MaterialUploadInput,
    MaterialHandedInPayload,
    "Hand in a material (上传材料), as a multipart request: in a draft, or where the materials were marked.",
)
REMOVE_MATERIAL: Final = Act(
    "materialRemove", MaterialRemoveInput, MaterialApplicationPayload, "Take a material back (删除材料)."
)
CHECK_MATERIALS: Final = Act(
    "materialCheck",
    MaterialCheckInput,
    MaterialApplicationPayload,
    "Tick the originals that you have seen (核对原件, N18), as a reviewer of the authority.",
)
SET_REQUIREMENT: Final = Act(
    "materialRequirementSet",
    MaterialRequirementSetInput,
    MaterialRequirementPayload,
    "Say what your province asks for of a kind, from a day on (申请材料目录), as its provincial admin.",
)
END_REQUIREMENT: Final = Act(
    "materialRequirementEnd",
    MaterialRequirementEndInput,
    MaterialRequirementPayload,
    "End what your province asks for; the nation's of the same code holds again.",
)

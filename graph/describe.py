"""Docstrings become GraphQL descriptions, so that code and schema tell one story."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Final

import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, get_named_type
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

ARGUMENTS: Final[Mapping[str, str]] = {
    "first": "How many at most.",
    "id": "Its global id.",
    "ids": "Their global ids.",
    "kind": "业务类型.",
    "nurseId": "The nurse, by her global id.",
}
"""The descriptions of arguments that mean the same at every field."""
HasArguments = (GraphQLObjectType, GraphQLInterfaceType)
HasFields = (*HasArguments, GraphQLInputObjectType)


def describe(schema: strawberry.Schema) -> strawberry.Schema:
    """Copy each docstring to the type or field it documents, and each Chinese label to its enum value."""
    for concrete in schema.schema_converter.type_map.values():
        definition, face = concrete.definition, concrete.implementation
        if isinstance(definition, StrawberryEnumDefinition) and isinstance(face, GraphQLEnumType):
            face.description = face.description or cleandoc(definition.wrapped_cls.__doc__ or "")
            for name, value in face.values.items():
                value.description = getattr(definition.wrapped_cls[name], "label", None)
        if isinstance(definition, StrawberryObjectDefinition) and isinstance(face, HasFields):
            general = definition.concrete_of or definition  # `Connection` documents every connection
            face.description = face.description or cleandoc(general.origin.__doc__ or "")
            for field in definition.fields:
                if field.base_resolver and field.base_resolver.wrapped_func.__doc__:
                    shown = schema.config.name_converter.get_graphql_name(field)
                    face.fields[shown].description = cleandoc(field.base_resolver.wrapped_func.__doc__)
    for face in schema._schema.type_map.values():
        if isinstance(face, HasArguments):
            _describe_arguments(face)
    return schema


def _describe_arguments(face: GraphQLObjectType | GraphQLInterfaceType) -> None:
    """An input is described by its type, an argument that means the same everywhere by its name."""
    for field in face.fields.values():
        for name, argument in field.args.items():
            text = get_named_type(argument.type).description if name == "input" else ARGUMENTS.get(name)
            argument.description = argument.description or text

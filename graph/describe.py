"""Docstrings become GraphQL descriptions, so that code and schema tell one story."""

from __future__ import annotations

from inspect import cleandoc

import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

HasFields = (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)


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
    return schema

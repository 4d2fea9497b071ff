"""Variables that do not fit their types, told by path, in the reader's language, with what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    is_input_type,
    is_required_input_field,
    type_from_ast,
)
from graphql.pyutils import Undefined
from graphql.utilities import coerce_input_value
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition

from rules.errors import Words

MISSING: Final = Words("必须填写", "a value is required")
EXPECTED: Final[Mapping[str, Words]] = {
    "Boolean": Words("应为true或false", "expected true or false"),
    "Date": Words("应为日期，如2026-11-01", "expected a day as 2026-11-01"),
    "DateTime": Words(
        "应为带时区的时间，如2026-11-01T08:00:00+08:00", "expected a moment as 2026-11-01T08:00:00+08:00"
    ),
    "ID": Words("应为编号字符串", "expected an id, a string"),
    "Int": Words("应为整数", "expected a whole number"),
    "String": Words("应为字符串", "expected a string"),
    "Upload": Words("应为文件", "expected a file"),
}
"""The values of each scalar."""


@dataclass(frozen=True)
class Misfit:
    """One value that does not fit: `path` from the variable on, and the values of a closed list."""

    path: str
    words: Words
    allowed: tuple[str, ...] = ()

    @property
    def extensions(self) -> dict[str, object]:
        """The same for programs."""
        return {"code": "BAD_USER_INPUT", "variable": self.path, **({"allowed": self.allowed} if self.allowed else {})}


def misfits(schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, object]) -> Iterator[Misfit]:
    """The values of an operation's variables that do not fit their types."""
    for definition in operation.variable_definitions or ():
        name, kind = definition.variable.name.value, type_from_ast(schema, definition.type)
        if is_input_type(kind) and (name in given or definition.default_value is None):
            yield from _misfits(name, kind, given.get(name))


def _misfits(path: str, kind: GraphQLInputType, value: object) -> Iterator[Misfit]:
    match kind, value:
        case GraphQLNonNull(), None:
            yield _misfit(path, MISSING)
        case GraphQLNonNull(of_type=inner), _:
            yield from _misfits(path, inner, value)
        case _, None:
            pass
        case GraphQLList(of_type=inner), list():
            for nth, one in enumerate(value):
                yield from _misfits(f"{path}.{nth}", inner, one)
        case GraphQLList(of_type=inner), _:
            yield from _misfits(path, inner, value)
        case GraphQLInputObjectType(), _:
            yield from _in_object(path, kind, value)
        case _ if coerce_input_value(value, kind) is Undefined:
            yield _leaf(path, kind)


def _in_object(path: str, kind: GraphQLInputObjectType, value: object) -> Iterator[Misfit]:
    names = (*kind.fields,)
    if not isinstance(value, dict):
        yield _misfit(path, Words("应为对象", "expected an object"), names)
    elif is_one_of(kind) and sum(one is not None for one in value.values()) != 1:
        yield _misfit(
            path, Words(f"须且只能填写其中一项：{'、'.join(names)}", f"give exactly one of {', '.join(names)}"), names
        )
    else:
        for name in (one for one in value if one not in kind.fields):
            yield _misfit(
                f"{path}.{name}",
                Words(f"没有这一项，可用：{'、'.join(names)}", f"there is none, only {', '.join(names)}"),
                names,
            )
        for name, field in kind.fields.items():
            if name in value or is_required_input_field(field):
                yield from _misfits(f"{path}.{name}", field.type, value.get(name))


def is_one_of(kind: GraphQLInputObjectType) -> bool:
    """True for an input of which exactly one field is given."""
    # Strawberry checks it by itself, and does not tell graphql-core.
    definition = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return isinstance(definition, StrawberryObjectDefinition) and definition.is_one_of


def _leaf(path: str, kind: GraphQLInputType) -> Misfit:
    if not isinstance(kind, GraphQLEnumType):
        name = str(kind)
        return _misfit(path, EXPECTED.get(name, Words(f"不是{name}", f"this is no {name}")))
    terms = "、".join(f"{name}（{one.description}）" for name, one in kind.values.items())
    return _misfit(path, Words(f"应为{terms}之一", f"expected one of {', '.join(kind.values)}"), (*kind.values,))


def _misfit(path: str, words: Words, allowed: tuple[str, ...] = ()) -> Misfit:
    return Misfit(
        path, Words(f"变量{path}的值不符合类型：{words.zh}", f"The variable {path} does not fit: {words.en}."), allowed
    )

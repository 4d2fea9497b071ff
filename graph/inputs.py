"""Inputs, made of what graphql-core has coerced, as Strawberry makes them; the way is found once for each type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cache, cached_property
from typing import Any, Final

from strawberry import UNSET
from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.lazy_type import LazyType

_NAMES: Final = NameConverter()
Make = Callable[[Any], Any]


class _Object:
    """An input type; what makes its fields is found when the first value comes, since types may hold themselves."""

    def __init__(self, definition: StrawberryObjectDefinition) -> None:
        self._definition = definition

    @cached_property
    def _fields(self) -> Mapping[str, tuple[str, Make]]:
        found: dict[str, tuple[str, Make]] = {}
        for one in self._definition.fields:
            kind: Any = one.resolve_type(type_definition=self._definition)
            found[_NAMES.from_field(one)] = one.python_name, maker(kind)
        return found

    @cached_property
    def _missing(self) -> Mapping[str, None]:
        """The null for each field that may be left out without a default."""
        fields = self._definition.fields
        bare = (one for one in fields if one.default_value is MISSING and one.default_factory is MISSING)
        return {one.python_name: None for one in bare}

    def __call__(self, value: Any) -> Any:
        """The input of these fields."""
        if value is None or value is UNSET:
            return value
        fields = self._fields
        given = ((*fields[name], one) for name, one in value.items())
        return self._definition.origin(**{**self._missing, **{name: make(one) for name, make, one in given}})


@cache
def maker(kind: Any) -> Make:
    """The way from a coerced value to the value of this type."""
    match kind:
        case StrawberryOptional():
            return maker(kind.of_type)
        case StrawberryList():
            inner = maker(kind.of_type)
            return lambda given: [inner(one) for one in given] if isinstance(given, list) else given
        case LazyType():
            lazy: Any = kind.resolve_type()
            return maker(lazy)
    definition = getattr(kind, "__strawberry_definition__", None)
    return _Object(definition) if isinstance(definition, StrawberryObjectDefinition) else _plain


def _plain(value: Any) -> Any:
    """A scalar or a value of an enumeration, which graphql-core has made already."""
    return value

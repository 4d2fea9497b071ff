"""Inputs as steps get them: made of coerced values as Strawberry makes them."""

from __future__ import annotations

from typing import Any, Final

import pytest
from graphql import coerce_input_value, get_named_type
from graphql.pyutils import Undefined
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.arguments import convert_argument

from graph.inputs import maker
from graph.root import MUTATIONS, schema
from tests.support.generated_inputs import examples

EACH: Final = 25
INPUTS: Final = {one.input.__name__: one.input for one in MUTATIONS if one.input is not None}


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_is_what_strawberry_makes_of_it(name: str) -> None:
    kind: Any = INPUTS[name]
    shape: Any = get_named_type(schema._schema.type_map[name])
    fitted = 0
    for given in examples(EACH, shape):
        try:
            coerced: Any = coerce_input_value(given, shape)
        except StrawberryInputCoercionError:
            continue
        if coerced is Undefined or coerced is None:
            continue
        fitted += 1
        made = convert_argument(coerced, kind, schema.schema_converter.scalar_registry, schema.config)
        assert maker(kind)(coerced) == made
        assert type(maker(kind)(coerced)) is type(made)
    assert fitted > 0

"""The GraphQL name of a Python name."""

import pytest

from rules.casing import camel_case


@pytest.mark.parametrize(
    ("python", "graphql"),
    [("version", "version"), ("id_number", "idNumber"), ("health_examined_on", "healthExaminedOn")],
)
def test_a_python_name_in_camel_case_is_its_graphql_name(python: str, graphql: str) -> None:
    assert camel_case(python) == graphql

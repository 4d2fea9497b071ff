"""Documents are read once, and the good ones are kept."""

from __future__ import annotations

import pytest
import strawberry
from graphql import parse

from graph.documents import Document, Documents, ReadOnce, Rejected, UnknownOperation
from graph.limits import Limits, TooComplex


@strawberry.type
class Query:
    """The one query."""

    @strawberry.field
    def a(self, text: str = "yes") -> str:
        return text


SCHEMA = strawberry.Schema(Query, extensions=[ReadOnce])


@pytest.fixture
def documents() -> Documents:
    return Documents(SCHEMA, Limits(documents=2), frozenset())


def test_a_document_is_read_once(documents: Documents) -> None:
    first = documents.read("{ a }")
    assert documents.read("{ a }") is first
    assert documents.read.cache_info().misses == 1


def test_no_more_documents_are_kept_than_allowed(documents: Documents) -> None:
    for name in "ABC":
        documents.read(f"query {name} {{ a }}")
    assert documents.read.cache_info().currsize == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ a", "GRAPHQL_PARSE_FAILED"),
        ("{ b }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ a(text: "\\u0000") }', "BAD_USER_INPUT"),
        ('{ a(text: "\\u{0}") }', "BAD_USER_INPUT"),
    ],
)
def test_a_bad_document_is_refused_and_not_kept(documents: Documents, text: str, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        documents.read(text)
    assert [error.extensions for error in refusal.value.errors] == [{"code": code}]
    assert documents.read.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("text", "limit", "allowed", "found"),
    [
        ("{ " + "a " * 1000 + "}", "tokens", 1000, 1001),
        ("#\n" * 1001 + "{ a }", "tokens", 1000, 1001),
        ("{ a " * 330 + "}" * 330, "depth", 10, 11),
        ("{ a(text: " + "[" * 490 + "]" * 490 + ") }", "depth", 10, 11),
        ("{ " + "no { such } " * 330, "tokens", 1000, 1001),
    ],
)
def test_reading_stops_at_the_limit(documents: Documents, text: str, limit: str, allowed: int, found: int) -> None:
    with pytest.raises(TooComplex) as refusal:
        documents.read(text)
    assert (refusal.value.limit, refusal.value.allowed, refusal.value.found) == (limit, allowed, found)


def test_too_many_fields_are_refused_before_validation() -> None:
    """The field does not exist, and validation would say so, after half a second."""
    with pytest.raises(TooComplex) as refusal:
        Documents(SCHEMA, Limits(tokens=2000), frozenset()).read("{ " + "no { such } " * 330 + "}")
    assert (refusal.value.limit, refusal.value.found) == ("fields", 660)


def test_an_operation_is_found_by_name_or_when_it_is_the_only_one(documents: Documents) -> None:
    two = documents.read("query A { a } query B { __typename }")
    assert two.roots_of(two.operation("B")) == {"__typename"}
    for name in (None, "C"):
        with pytest.raises(UnknownOperation):
            two.operation(name)
    one = documents.read("{ a }")
    assert one.roots_of(one.operation(None)) == {"a"}


async def test_the_schema_takes_over_what_was_read() -> None:
    """The text is no GraphQL at all: only the tree can have been run."""
    document = Document("what was read")
    document.tree = parse("{ a }")
    assert (await SCHEMA.execute(document)).data == {"a": "yes"}


async def test_a_text_that_nobody_read_is_parsed_and_validated_as_ever() -> None:
    errors = (await SCHEMA.execute("{ b }")).errors or []
    assert [error.message for error in errors] == ["Cannot query field 'b' on type 'Query'. Did you mean 'a'?"]

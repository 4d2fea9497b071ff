"""What a document may ask for, measured before it is validated."""

from __future__ import annotations

import time

import pytest
from graphql import get_introspection_query, parse

from graph.limits import LARGEST_SHOWN, Limits, TooComplex, check
from graph.measure import measure


def chained(length: int) -> str:
    """Fragments that each spread the next one twice: 2^length fields when expanded."""
    links = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(length))
    return f"{{ ...F0 }} {links} fragment F{length} on Query {{ a }}"


def test_the_limits_are_those_we_promise() -> None:
    assert Limits() == Limits(
        address_connections=1000,
        head_bytes=32768,
        head_seconds=10,
        body_bytes=65536,
        material_bytes=5242880,
        body_speed=1024,
        json_depth=32,
        deadline_seconds=5,
        statement_seconds=3,
        print_seconds=120,
        tokens=1000,
        depth=10,
        aliases=15,
        fields=300,
        directives=20,
        operations=10,
        secrets=1,
        introspections=2,
        introspection_depth=20,
        introspection_fields=500,
        page=100,
        init_seconds=5,
        session_seconds=5,
        frame_bytes=65536,
        socket_operations=20,
        sockets=10,
        address_sockets=100,
        address_tries=300,
        stalled_seconds=30,
        documents=200,
    )


OVER = {
    "depth": ("{ a " + "{ a " * 10 + "}" * 11, 10, 11),
    "aliases": ("{ " + " ".join(f"x{n}: a" for n in range(16)) + " }", 15, 16),
    "fields": ("{ " + "a { b } " * 151 + " }", 300, 302),
    "directives": ("{ " + "a @skip(if: false) " * 21 + "}", 20, 21),
    "operations": (" ".join(f"query Q{n} {{ a }}" for n in range(11)), 10, 11),
    "secrets": ("mutation { signIn } mutation B { other: signIn }", 1, 2),
    "introspections": ("{ __schema { a } __type { a } x: __schema { a } }", 2, 3),
    "introspection_depth": ("{ __schema " + "{ a " * 20 + "}" * 21, 20, 21),
    "introspection_fields": ("{ __schema { " + "a " * 500 + "} }", 500, 501),
}


@pytest.mark.parametrize("limit", OVER)
def test_one_too_many_is_refused_with_the_limit_and_the_number(limit: str) -> None:
    text, allowed, found = OVER[limit]
    with pytest.raises(TooComplex) as refusal:
        check(parse(text), Limits(), frozenset({"signIn"}))
    assert (refusal.value.limit, refusal.value.allowed, refusal.value.found) == (limit, allowed, found)
    assert refusal.value.code == "QUERY_TOO_COMPLEX"
    assert str(allowed) in refusal.value.words.zh
    assert str(found) in refusal.value.words.en


def test_as_much_as_is_allowed_passes() -> None:
    deep = "{ a " * 10 + "}" * 10
    wide = "a " * 274 + " ".join(f"x{n}: a" for n in range(15))
    check(parse(f"query A {deep} query B {{ {wide} }}"), Limits())
    with pytest.raises(TooComplex):
        check(parse(f"query A {deep} query B {{ {wide} a a }}"), Limits())


def test_forty_chained_fragments_are_measured_at_once() -> None:
    """2^40 fields; the pass itself reads 81 spreads."""
    document = parse(chained(40))
    begun = time.process_time()
    size, _ = measure(document, frozenset())
    seconds = time.process_time() - begun
    assert size.fields == 2**40
    assert seconds < 0.5
    with pytest.raises(TooComplex) as refusal:
        check(document, Limits())
    assert refusal.value.found == 2**40


def test_the_number_shown_is_one_that_every_client_can_read() -> None:
    with pytest.raises(TooComplex) as refusal:
        check(parse(chained(120)), Limits())
    assert refusal.value.found == LARGEST_SHOWN == 2**53 - 1


@pytest.mark.parametrize(
    "cycle",
    [
        "{ ...A } fragment A on Query { a ...A }",
        "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { a ...A ...A }",
        "{ a } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Missing }",
    ],
)
def test_fragments_that_never_end_are_left_to_validation(cycle: str) -> None:
    assert set(check(parse(cycle), Limits())) == {""}


@pytest.mark.parametrize(
    "text",
    ["{ a } fragment F on Query { %s }", "{ ...F } fragment F on Query { %s } fragment F on Query { a }"],
    ids=["unused", "shadowed"],
)
def test_a_fragment_counts_even_when_no_operation_reaches_it(text: str) -> None:
    """Validation reads it all the same."""
    with pytest.raises(TooComplex) as refusal:
        check(parse(text % ("a { b } " * 330)), Limits())
    assert refusal.value.limit == "fields"


def test_nesting_through_fragments_costs_no_more_stack_than_there_is() -> None:
    chain = " ".join(f"fragment F{n} on Q {{ {'a { ' * 60} ...F{n + 1} {'} ' * 60} }}" for n in range(30))
    with pytest.raises(TooComplex) as refusal:
        check(parse(f"{{ ...F0 }} {chain} fragment F30 on Q {{ a }}"), Limits())
    assert refusal.value.limit == "depth"


@pytest.mark.parametrize("complete", [False, True])
def test_tools_may_introspect(complete: bool) -> None:
    options = ("descriptions", "specified_by_url", "directive_is_repeatable", "schema_description")
    query = get_introspection_query(**dict.fromkeys(options, complete), input_value_deprecation=complete)
    assert check(parse(query, max_tokens=1000), Limits()) == {"IntrospectionQuery": frozenset({"__schema"})}


def test_introspection_does_not_use_up_the_fields_of_the_rest() -> None:
    check(parse("{ __schema { " + "a " * 400 + "} " + "a " * 300 + "}"), Limits())


def test_root_fields_are_named_through_aliases_and_fragments() -> None:
    roots = check(
        parse("""
            query Desk { mine: viewer { name } ... on Query { nurse { id } ...More } }
            mutation In { signIn }
            fragment More on Query { __typename ... { pendingReviews { id } } }
        """),
        Limits(),
    )
    assert roots == {
        "Desk": frozenset({"viewer", "nurse", "__typename", "pendingReviews"}),
        "In": frozenset({"signIn"}),
    }


def test_one_secret_may_be_asked_once_however_it_is_hidden() -> None:
    secrets = frozenset({"signIn"})
    check(parse("mutation { signIn other }"), Limits(), secrets)
    hidden = "mutation { a: signIn ...F } fragment F on Mutation { ... { b: signIn } }"
    with pytest.raises(TooComplex) as refusal:
        check(parse(hidden), Limits(), secrets)
    assert (refusal.value.limit, refusal.value.found) == ("secrets", 2)

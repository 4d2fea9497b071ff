"""Generated subscriptions: each message of a planned feed is byte for byte the executor's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from graphql import ArgumentNode, NameNode, OperationType, StringValueNode, parse, print_ast
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis_graphql import queries

from graph.context import Context, Services
from graph.documents import Rejected
from graph.limits import TooComplex
from graph.live import Live
from graph.root import schema
from tests.support.busy_application import DOCUMENTS, busy, sdl
from tests.support.followed_feed import DOCUMENTS as READ
from tests.support.followed_feed import executed, planned
from tests.support.world import Cast, World

_NOW = re.compile(rb'("[^"]+":)?"20\d\d-[^"]*\+08:00"')


def selections(number: int, feed: str) -> list[str]:
    """So many generated subscriptions to one feed, the same in every run."""
    found: list[str] = []
    # As if the feeds were queries: a generator of queries then makes their selections.
    as_queries = sdl() + "\nschema { query: Subscription }"

    @seed(number)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(queries(as_queries, fields=[feed], print_ast=print_ast, allow_x00=False))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


def from_the_start(text: str, start: str) -> str:
    """The generated selection as a subscription from a cursor on."""
    document: Any = parse(text)
    operation = document.definitions[0]
    after = ArgumentNode(name=NameNode(value="after"), value=StringValueNode(value=start, block=False))
    root = replace(operation.selection_set.selections[0], arguments=(after,))
    only = replace(operation.selection_set, selections=(root,))
    return print_ast(replace(operation, operation=OperationType.SUBSCRIPTION, selection_set=only))


@pytest.mark.parametrize("feed", ["pendingReviewFeed", "eventFeed"])
async def test_generated_subscriptions_give_the_same_bytes(
    services: Services, world: World, cast: Cast, feed: str
) -> None:
    await busy(world, services, cast)
    people = [cast.operator, cast.decider] + ([cast.nurse] if feed == "eventFeed" else [])
    asked = 0
    for text in selections(DOCUMENTS, feed):
        for person in people:
            scope = person.actor.party_id
            assert scope is not None
            whole = from_the_start(text, services.feed.cursors.write(scope, 0))
            try:
                document = READ.read(whole)
            except (TooComplex, Rejected):
                continue
            if (
                Live(schema._schema, services).follow(
                    document, document.operation(None), {}, Context(services, person.session)
                )
                is None
            ):
                continue  # a page that is too large
            ways = [await way(services, person, whole, 4) for way in (planned, executed)]
            assert ways[0][1:] == ways[1][1:], whole
            # The heartbeat was not made at the same moment.
            beats = [_NOW.sub(b"", way[0]) for way in ways]
            assert beats[0] == beats[1], whole
            asked += 1
    assert asked > DOCUMENTS * len(people) * 0.8

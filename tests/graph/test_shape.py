"""What the store shows of each noun is what the schema says of it, and what the rules say on each border day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
import pytest_asyncio
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type
from strawberry.types.base import StrawberryObjectDefinition

from db import registration
from db.read import batch
from db.read.shape import Computed, FeedPosition, Many, One, Sealed
from db.read.shapes import SHAPES
from graph.context import Services
from graph.root import schema
from graph.schema.link import LINK, Link
from rules.application import State
from rules.moment import SHANGHAI
from rules.people import Actor, Party, Role
from rules.registration import RegistrationStatus, Standing, may_practise, standing
from tests.support.authority_stage import put
from tests.support.world import Cast, World

NOUNS = {
    noun: {"NurseApplication": "Application", "WaitingMaterialMark": "MaterialMark", "AnnouncementNews": "Event"}.get(
        noun, noun
    )
    for noun in SHAPES
}
WORKED_OUT = {"Application.availableSteps"}
"""Leaves that the rules work out of the whole row, whichever way it was read."""


@pytest.mark.parametrize("noun", SHAPES)
def test_a_shape_has_exactly_the_leaves_of_its_type(noun: str) -> None:
    shape, kind = SHAPES[noun], schema._schema.type_map[NOUNS[noun]]
    # An interface's shape has the fields of all the types that implement it.
    kinds = schema._schema.get_possible_types(kind) if isinstance(kind, GraphQLInterfaceType) else [kind]
    fields = {name: field for one in kinds if isinstance(one, GraphQLObjectType) for name, field in one.fields.items()}
    leaves = {name for name, field in fields.items() if is_leaf_type(get_named_type(field.type))}
    computed = {name for name, link in shape.links.items() if isinstance(link, Computed | FeedPosition | Sealed)}
    worked_out = {name for name in leaves if f"{kind}.{name}" in WORKED_OUT}
    assert set(shape.fields) == leaves - computed - worked_out
    assert set(shape.links) - computed <= set(fields) - leaves
    assert set(shape.who) <= set(shape.fields)


def links_of(kind: str) -> dict[str, Link]:
    """The links that a type of the schema declares, by their GraphQL names."""
    definition = schema.schema_converter.type_map[kind].definition
    assert isinstance(definition, StrawberryObjectDefinition)
    named = {schema.config.name_converter.get_graphql_name(field): field for field in definition.fields}
    return {name: field.metadata[LINK] for name, field in named.items() if LINK in field.metadata}


SEALED = {("Proposal", "application")}
"""Links whose keys are sealed with the rest of what was proposed: only the executor follows them."""


@pytest.mark.parametrize("noun", SHAPES)
def test_a_type_declares_exactly_the_links_of_its_shape(noun: str) -> None:
    kind = schema._schema.type_map[NOUNS[noun]]
    kinds = schema._schema.get_possible_types(kind) if isinstance(kind, GraphQLInterfaceType) else [kind]
    declared = {name: link for one in kinds for name, link in links_of(one.name).items() if (noun, name) not in SEALED}
    shaped = {name: link for name, link in SHAPES[noun].links.items() if isinstance(link, One)}
    # What a shape calls `id` is `key` on a type, whose `id` is the global one.
    keys = {name: "key" if link.key == "id" else link.key for name, link in shaped.items()}
    assert declared == {name: Link(link.noun, keys[name], many=isinstance(link, Many)) for name, link in shaped.items()}


def test_a_link_leads_from_a_key_of_its_type_to_a_noun_that_has_a_shape() -> None:
    types = [name for name, kind in schema._schema.type_map.items() if isinstance(kind, GraphQLObjectType)]
    types = [name for name in types if name in schema.schema_converter.type_map]
    links = [(name, link) for name in types for link in links_of(name).values()]
    assert {(name, link.noun) for name, link in links if link.noun not in SHAPES} == set()
    assert [(name, link.key) for name, link in links if link.key not in keys_of(name)] == []
    assert len(links) > 43


def keys_of(kind: str) -> set[str]:
    """The attributes of a type, shown or private."""
    definition = schema.schema_converter.type_map[kind].definition
    assert isinstance(definition, StrawberryObjectDefinition)
    return {name for base in definition.origin.__mro__ for name in getattr(base, "__annotations__", {})}


@pytest_asyncio.fixture
async def today(services: Services) -> AsyncIterator[date]:
    """The date in China, by the database's clock."""
    async with services.db.begin() as tx:
        await tx.ask_time()
        yield tx.today


# The last day of validity counts; a year has 365 or 366 days, and 365 is the border whatever the year.
LAST_DAYS = {
    -366: Standing.EXPIRED,
    -1: Standing.EXPIRED,
    0: Standing.EXPIRING,
    1: Standing.EXPIRING,
    364: Standing.EXPIRING,
    365: Standing.EXPIRING,
    366: Standing.VALID,
    1826: Standing.VALID,
}
# A span by its first and last day from today; without a last day it runs on.
SPANS: dict[str, tuple[str, int, int | None, bool]] = {
    "ended yesterday": ("SUSPENSION", -30, -1, False),
    "ends today": ("SUSPENSION", -30, 0, True),
    "only today": ("SUSPENSION", 0, 0, True),
    "starts today": ("SUSPENSION", 0, 180, True),
    "starts tomorrow": ("SUSPENSION", 1, 180, False),
    "without an end": ("SUSPENSION", -1, None, True),
    "an interruption": ("INTERRUPTION", -30, None, False),
    "a dispatch": ("DISPATCH", -30, 30, False),
}


async def agreed(services: Services, cast: Cast, nurse_id: object, today: date) -> tuple[Standing, bool]:
    """Where she stands and whether she may practise: once by SQL, once by the rules, the same."""
    viewer = Actor(cast.reviewer.account_id, Party.AUTHORITY, cast.nation, frozenset({Role.REVIEWER}), path="/")
    shown = (await batch.by_ids(services.db, viewer, "Registration", [nurse_id]))[nurse_id]  # type: ignore[list-item,index]
    async with services.db.begin() as tx:
        entry = (await registration.lock(tx, nurse_id)).registration  # type: ignore[arg-type]
    assert shown["standing"] == standing(entry, today)
    assert shown["may_practise"] is may_practise(entry, today)
    return Standing[shown["standing"]], shown["may_practise"]


@pytest.mark.feature("I10")
@pytest.mark.parametrize("days", LAST_DAYS)
async def test_standing_on_the_borders_of_validity(
    services: Services, world: World, cast: Cast, today: date, days: int
) -> None:
    last = today + timedelta(days=days)
    nurse_id = await world.nurse(cast.hospital, cast.district, valid_until=last)
    assert await agreed(services, cast, nurse_id, today) == (LAST_DAYS[days], days >= 0)


@pytest.mark.parametrize("span", SPANS)
async def test_standing_on_the_borders_of_a_suspension(
    services: Services, world: World, cast: Cast, today: date, span: str
) -> None:
    kind, first, last, suspended = SPANS[span]
    ends = None if last is None else today + timedelta(days=last)
    row = {"nurse_id": cast.nurse_id, "kind": kind, "starts_on": today + timedelta(days=first), "ends_on": ends}
    await world.insert("registration_span", **row, dispatch_kind="SUPPORT" if kind == "DISPATCH" else None)
    expected = Standing.SUSPENDED if suspended else Standing.EXPIRING
    assert await agreed(services, cast, cast.nurse_id, today) == (expected, not suspended)


async def test_a_suspension_no_longer_matters_once_expired(
    services: Services, world: World, cast: Cast, today: date
) -> None:
    nurse_id = await world.nurse(cast.hospital, cast.district, valid_until=today - timedelta(days=1))
    await world.insert("registration_span", nurse_id=nurse_id, kind="SUSPENSION", starts_on=today)
    assert await agreed(services, cast, nurse_id, today) == (Standing.EXPIRED, False)


async def test_standing_of_the_deregistered_the_never_registered_and_the_departed(
    services: Services, world: World, cast: Cast, today: date
) -> None:
    async def stands(**row: object) -> tuple[Standing, bool]:
        institution = row.pop("institution", cast.hospital)
        nurse_id = await world.nurse(institution, cast.district, **row)  # type: ignore[arg-type]
        return await agreed(services, cast, nurse_id, today)

    later = today + timedelta(days=1000)
    never = {"status": RegistrationStatus.NEVER, "certificate_number": None, "valid_until": None}
    ended = {"status": RegistrationStatus.DEREGISTERED, "deregistration_reason": "DEATH", "valid_until": later}
    assert await stands(valid_until=later) == (Standing.VALID, True)
    assert await stands(valid_until=later, institution=None) == (Standing.VALID, False)
    assert await stands(**never) == (Standing.NEVER, False)
    assert await stands(**ended) == (Standing.DEREGISTERED, False)


async def test_a_hidden_field_is_null_for_those_it_is_hidden_from(services: Services, cast: Cast, world: World) -> None:
    until = datetime.now(SHANGHAI) + timedelta(minutes=5)
    key = await put(world, cast, State.ACCEPTED, holder_id=cast.reviewer.account_id, held_until=until)
    shown = {}
    for person in (cast.nurse, cast.operator, cast.reviewer):
        shown[person.actor.party] = (await batch.by_ids(services.db, person.actor, "Application", [key]))[key][
            "held_by"
        ]
    name = cast.reviewer.actor.name
    assert shown == {Party.NURSE: None, Party.INSTITUTION: None, Party.AUTHORITY: name}

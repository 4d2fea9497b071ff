"""Every list, order and condition that clients may combine has an index: no big table is read from end to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from db.collective_choice import naming
from db.read import statistic
from db.read.filter import Combine, Compare, Condition
from db.read.listing import Listing, Window
from db.read.rows import counted, given, rows
from db.read.shapes import LISTINGS, SHAPES
from db.read.viewer import single
from graph.context import Services
from rules.kinds import Kind
from tests.support.world import Cast, Person

BIG = {
    "nurse",
    "registration",
    "application",
    "event",
    "registration_history",
    "review_decision",
    "account",
    "session",
} | {"institution", "certificate_blank", "photo", "blob", "material"}
KEY = UUID(int=7)
NOVEMBER = datetime.fromisoformat("2026-11-01T00:00:00+08:00")
SAMPLES = {date: date(2027, 1, 1), datetime: NOVEMBER, str: "x", bytes: b"x", bool: True, UUID: KEY, int: 7}


def sample(column: Any) -> Any:
    return SAMPLES[column.type.python_type]


def conditions(listing: Listing) -> Iterator[Condition]:
    """Each comparison of each column, and combinations of them."""
    every = []
    for name, column in listing.columns.items():
        # The nurse is named by the index of a number of hers.
        value = SAMPLES[bytes] if name == "idNumber" else sample(column)
        operators = ["eq", "in"] if isinstance(value, str) else ["eq"]
        operators += ["lt", "lte", "gt", "gte"] if isinstance(value, date) else []
        operators += ["startsWith"] if name in ("name", "certificateNumber") else []
        if name.endswith("Part"):
            operators = ["contains"]
        every += [Compare(name, operator, [value] if operator == "in" else value) for operator in operators]
    yield Combine("and", ())
    yield from every
    yield from (Combine("not", (one,)) for one in every)
    yield Combine("or", tuple(every))
    yield Combine("and", tuple(every))


def windows(listing: Listing) -> Iterator[Window]:
    """Each order both ways with a cursor on each side, and each condition."""
    nested = ("CollectiveFiling", KEY) if listing.noun == "CollectiveFilingItem" else None
    plain = Window(50, listing.order, within=nested)
    orders = [((name, falling),) for name in listing.orders for falling in (False, True)]
    for order in orders or [()]:
        place = (*(sample(listing.orders[name]) for name, _ in order), sample(listing.key))
        for backwards in (False, True):
            yield replace(plain, order=order, after=place, before=place, backwards=backwards)
    yield from (replace(plain, where=condition) for condition in conditions(listing))
    if listing.owner is not None:
        yield from (replace(plain, within=(noun, KEY)) for noun in listing.owner.nouns)


async def scanned(services: Services, statement: Any) -> set[str]:
    """The tables that a statement can only read from end to end."""
    sql = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    async with services.db.engine.connect() as connection:
        await connection.exec_driver_sql("set local enable_seqscan = off")
        found = await connection.execute(text(f"explain (format json) {sql}".replace(":", "\\:")))
        plan = found.scalar_one()
    return set(_sequential(plan if isinstance(plan, list) else orjson.loads(plan)))


def _sequential(plan: Any) -> Iterator[str]:
    match plan:
        case list():
            for one in plan:
                yield from _sequential(one)
        case dict():
            if plan.get("Node Type") == "Seq Scan":
                yield plan["Relation Name"]
            for one in plan.values():
                yield from _sequential(one)


@pytest.fixture(params=["operator", "reviewer"])
def person(request: pytest.FixtureRequest, cast: Cast) -> Person:
    found: Person = getattr(cast, request.param)
    return found


@pytest.mark.parametrize("name", list(LISTINGS))
async def test_no_list_reads_a_big_table_from_end_to_end(services: Services, person: Person, name: str) -> None:
    listing, viewer = LISTINGS[name], single(person.actor)
    columns = SHAPES[listing.noun].columns(viewer)
    for window in windows(listing):
        for statement in (
            rows(listing, window, viewer, columns, given),
            counted(listing, window, viewer, given),
        ):
            assert not await scanned(services, statement) & BIG, window


async def test_no_count_reads_a_big_table_from_end_to_end(services: Services, person: Person) -> None:
    for of in (None, ("Institution", KEY), ("Authority", KEY)):
        counting = statistic.Counting(tuple(statistic.GROUPS), zeros=False, within=of)
        statement = statistic.groups(single(person.actor), counting, given)
        assert not await scanned(services, statement) & BIG, of


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.RENEWAL])
async def test_no_list_of_names_reads_a_big_table_from_end_to_end(services: Services, cast: Cast, kind: Kind) -> None:
    asked = naming(cast.operator.actor, kind, [b"x"], ["2011"])
    assert not await scanned(services, asked) & BIG


async def test_the_check_would_see_a_sequential_scan(services: Services) -> None:
    assert await scanned(services, text("select * from nurse where school = 'x'")) == {"nurse"}

"""A place whose officers change key facts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from uuid import UUID

import pytest_asyncio

from rules.identity import check_digit
from rules.people import Party, Role
from tests.support.world import Cast, Person, World

EVIDENCE = "户口簿及身份证原件"


@dataclass
class Place:
    """A cast whose district lies in a province, with the province's admin."""

    cast: Cast
    province: UUID
    admin: Person


@pytest_asyncio.fixture
async def place(world: World) -> Place:
    """A nurse of a hospital in a province."""
    cast = await world.cast()
    province = await world.authority(cast.nation)
    await world.owner.execute("update authority set level = 'PROVINCE' where id = $1", province)
    path = await world.owner.fetchval("select path from authority where id = $1", province)
    below = "update authority set parent_id = $2, path = $3 where id = $1"
    await world.owner.execute(below, cast.district, province, f"{path}{cast.district}/")
    return Place(cast, province, await world.person(Party.AUTHORITY, province, Role.PROVINCIAL_ADMIN))


_SERIALS = iter(random.sample(range(7 * 500), 7 * 500))
"""Each is given once: of 500 numbers drawn by chance, two of 30 are often the same."""


def new_number() -> str:
    """An ID number, which nobody else in this database has, of a man born on 2 March 1991."""
    area, serial = divmod(next(_SERIALS), 500)
    first = f"{110101 + area}19910302{serial * 2 + 1:03d}"
    return first + check_digit(first)

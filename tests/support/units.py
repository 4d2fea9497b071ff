"""Units of an institution straight into the tables, who belongs to them, and who is limited to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from rules.people import Party, Role
from tests.support.world import Cast, Person, World


async def put_unit(world: World, institution_id: UUID, **more: Any) -> UUID:
    """A ward of an institution."""
    key = uuid7()
    row = {"id": key, "institution_id": institution_id, "kind": "WARD", "name": f"病区{key}", "department": "WARD"}
    await world.insert("unit", **{**row, **more})
    return key


async def belong(world: World, nurse_id: UUID, unit_id: UUID | None) -> None:
    """A nurse belongs to a unit from now on."""
    await world.owner.execute("update registration set unit_id = $2 where nurse_id = $1", nurse_id, unit_id)


async def limited(world: World, cast: Cast, role: Role, *units: UUID) -> Person:
    """A colleague who is limited to these units."""
    person = await world.person(Party.INSTITUTION, cast.hospital, role)
    await world.owner.execute("update account set unit_ids = $2 where id = $1", person.account_id, [*units])
    return replace(person, actor=replace(person.actor, units=frozenset(units)))

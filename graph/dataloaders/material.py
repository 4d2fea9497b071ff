"""Rows of materials (申请材料), as clients see them, and the checklists of applications."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db import material
from db.material import Place
from db.store.engine import Database
from graph.dataloaders.row import Shown, node, plain
from graph.schema.material import Material, MaterialMark
from graph.schema.requirement import MaterialRequirement
from rules.material import ChecklistItem

SHOWN: Final[Shown] = {
    "Material": node(Material),
    "MaterialMark": plain(MaterialMark),
    "WaitingMaterialMark": plain(MaterialMark),
    "MaterialRequirement": node(MaterialRequirement),
}


async def checklists(db: Database, keys: list[tuple[UUID, UUID | None]]) -> list[list[ChecklistItem]]:
    """The checklist of each of these applications, as if it went to an institution, where one is named.

    It says which materials are needed, and whether they are there.
    """
    found: dict[tuple[UUID, UUID | None], list[ChecklistItem]] = {}
    async with db.read() as reader:
        for named in {place for _, place in keys}:
            place = None if named is None else Place(named)
            listed = await material.checklists(reader, [key for key, other in keys if other == named], place)
            found |= {(key, named): items for key, items in listed.items()}
    return [found[key] for key in keys]

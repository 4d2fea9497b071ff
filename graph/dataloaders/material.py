"""Rows of materials (申请材料), as clients see them, and the checklists of applications."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db import material
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


async def checklists(db: Database, keys: list[UUID]) -> list[list[ChecklistItem]]:
    """The checklist of each of these applications: the materials it needs, and whether they are there."""
    async with db.read() as reader:
        found = await material.checklists(reader, keys)
    return [found[key] for key in keys]

"""Requirements of materials for each kind (申请材料目录): the shape, and the list of those in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Text, func

from db.read import scope
from db.read.listing import Listing, Owner
from db.read.shape import WORDED, Computed, One, Shape, plain, worded
from db.store.tables_application import material_requirement

_r = material_requirement.c


SHAPES: Final[Mapping[str, Shape]] = {
    "MaterialRequirement": Shape(
        material_requirement,
        material_requirement.c.id,
        scope.signed_in,
        {
            "id": _r.id,
            **plain(material_requirement, "kind", "code", "needed", "paper", "validFrom", "validUntil", "rowVersion"),
        },
        {
            "authority_id": _r.authority_id,
            "titles": func.json_build_array(_r.title_zh, _r.title_en).cast(Text()),
        },
        links={"authority": One("Authority", "authority_id"), "title": Computed(WORDED, "titles", worded)},
    ),
}
LISTINGS: Final[Mapping[str, Listing]] = {
    "materialRequirements": Listing(
        "MaterialRequirement",
        material_requirement,
        scope.requirements,
        material_requirement.c.id,
        {"code": _r.code},
        (("code", False),),
        arguments={"kind": (_r.kind, "eq")},
        owner=Owner("authority", ("Authority",)),
    ),
}

"""Requirements of materials for each kind (申请材料目录): the shape, and the list of those in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func

from db.read import scope
from db.read.listing import Listing, Owner
from db.read.shape import WORDED, Computed, One, Shape, base64, plain
from db.store.tables_application import material_requirement

_r = material_requirement.c


def _titles(titles: ColumnElement[Any]) -> ColumnElement[Any]:
    return base64(func.convert_to(titles, "UTF8"))


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
        links={"authority": One("Authority", "authority_id"), "title": Computed(WORDED, "titles", _titles)},
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

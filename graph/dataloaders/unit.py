"""Rows of units (科室病区) and of what their ward heads see, as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node, owner, plain
from graph.schema.unit import PreReview, Unit, UnitLimit, WardApplication, WardNurse

SHOWN: Final[Shown] = {
    "Unit": node(Unit),
    "UnitLimit": plain(UnitLimit),
    "WardNurse": owner(WardNurse),
    "WardApplication": plain(WardApplication),
    "PreReview": plain(PreReview),
}

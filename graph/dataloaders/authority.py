"""Rows of authorities (卫生健康行政部门), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.place import Authority

SHOWN: Final[Shown] = {"Authority": node(Authority)}

"""Rows of deputyships (代理), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.deputy import Deputyship

SHOWN: Final[Shown] = {"Deputyship": node(Deputyship)}

"""Rows of manuals (手册), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.manual import Manual

SHOWN: Final[Shown] = {"Manual": node(Manual)}

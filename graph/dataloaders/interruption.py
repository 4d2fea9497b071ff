"""Rows of interruptions (中断执业), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.interruption import Interruption

SHOWN: Final[Shown] = {"Interruption": node(Interruption)}

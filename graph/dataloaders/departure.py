"""Rows of departures (离职报告), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.departure import Departure

SHOWN: Final[Shown] = {"Departure": node(Departure)}

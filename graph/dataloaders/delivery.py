"""Rows of deliveries (送达), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.delivery import Delivery

SHOWN: Final[Shown] = {"Delivery": node(Delivery)}

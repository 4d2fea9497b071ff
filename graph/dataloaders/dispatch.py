"""Rows of dispatches (派出), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.dispatch import Dispatch

SHOWN: Final[Shown] = {"Dispatch": node(Dispatch)}

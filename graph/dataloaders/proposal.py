"""Rows of proposals (双人决定), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.proposal import Proposal

SHOWN: Final[Shown] = {"Proposal": node(Proposal)}

"""Rows of good and bad records (良好记录、不良记录), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.conduct import ConductRecord

SHOWN: Final[Shown] = {"ConductRecord": node(ConductRecord)}

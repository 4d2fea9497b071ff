"""Rows of messages that could not be sent (死信), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.message import DeadLetter

SHOWN: Final[Shown] = {"DeadLetter": node(DeadLetter)}

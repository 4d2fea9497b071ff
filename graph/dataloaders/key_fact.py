"""Rows of requests to correct key facts (关键信息修改), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.key_fact import KeyFactRequest

SHOWN: Final[Shown] = {"KeyFactRequest": node(KeyFactRequest)}

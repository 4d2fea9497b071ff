"""Rows of recoveries by personal information (账号找回), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.recovery import RecoveryRequest

SHOWN: Final[Shown] = {"RecoveryRequest": node(RecoveryRequest)}

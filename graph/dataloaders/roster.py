"""Rows of a roster beside an institution's own list (名册核对), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.roster import RosterCheck, RosterCheckRow

SHOWN: Final[Shown] = {"RosterCheck": owner(RosterCheck), "RosterCheckRow": plain(RosterCheckRow)}

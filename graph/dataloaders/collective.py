"""Rows of collective filings (集体申请), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.collective import CollectiveFiling, CollectiveFilingItem

SHOWN: Final[Shown] = {"CollectiveFiling": owner(CollectiveFiling), "CollectiveFilingItem": plain(CollectiveFilingItem)}

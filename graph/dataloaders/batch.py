"""Rows of batches (批量办理), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, owner, plain
from graph.schema.batch import ApplicationBatch, ApplicationBatchItem

SHOWN: Final[Shown] = {"ApplicationBatch": owner(ApplicationBatch), "ApplicationBatchItem": plain(ApplicationBatchItem)}

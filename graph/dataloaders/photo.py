"""Rows of photos (个人相片), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.photo import Photo

SHOWN: Final[Shown] = {"Photo": node(Photo)}

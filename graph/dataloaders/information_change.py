"""Rows of changes of information (信息修改), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node
from graph.schema.information_change import InformationChange

SHOWN: Final[Shown] = {"InformationChange": node(InformationChange)}

"""Rows of accounts whose names wait for a province (待核定姓名), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, plain
from graph.schema.exam_name import UndecidedName

SHOWN: Final[Shown] = {"UndecidedName": plain(UndecidedName)}

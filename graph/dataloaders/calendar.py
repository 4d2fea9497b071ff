"""Rows of the working calendar (工作日历), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, plain
from graph.schema.calendar import CalendarDay

SHOWN: Final[Shown] = {"CalendarDay": plain(CalendarDay)}

"""Rows of nurses who may not practise (执业资格预警), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, plain
from graph.schema.practice_alert import PracticeAlert

SHOWN: Final[Shown] = {"PracticeAlert": plain(PracticeAlert)}

"""Rows of accounts to be activated (账号激活), as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, plain
from graph.schema.activation import ActivationCode

SHOWN: Final[Shown] = {"ActivationCode": plain(ActivationCode)}

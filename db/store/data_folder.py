"""The folder of an installation that has no database of the operator's: PostgreSQL's data, its logs and the keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOM: Final = Path("/var/lib/hushi")
"""Our own on a machine where we are root."""


def default_data() -> Path:
    """The data folder if none is chosen."""
    return ROOM / "data" if os.geteuid() == 0 else Path(".data")

"""Rows of looks (查阅), of complaints and of the audit trail, as clients see them."""

from __future__ import annotations

from typing import Final

from graph.dataloaders.row import Shown, node, plain
from graph.schema.look import AuditEntry, Investigation, Look, LookComplaint

SHOWN: Final[Shown] = {
    "Look": node(Look),
    "LookComplaint": node(LookComplaint),
    "Investigation": node(Investigation),
    "AuditEntry": plain(AuditEntry),
}

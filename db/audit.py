"""The audit trail (审计日志): actor, action and subject, kept apart from the register and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables import audit

_RECORD: Final = Statement.insert(audit, "at", "account_id", "nurse_id", "action", "detail")


async def record(
    tx: Tx, action: str, by: UUID | None, detail: Mapping[str, Any] | None = None, *, nurse_id: UUID | None = None
) -> None:
    """Write a step down; `detail` holds ids and codes, never a person's name or number, nor a secret."""
    texts = {name: value and str(value) for name, value in (detail or {}).items()}
    values = {"at": tx.now, "account_id": by, "nurse_id": nurse_id, "action": action, "detail": texts}
    await tx.run(_RECORD, values)

"""Queries on a nurse's objection, and its answer."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from db.opening import THIS
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.statement import Statement
from db.store.tables_application import application

_TEXTS: Final = Statement(
    select(application.c.objection, application.c.objection_answer).where(
        application.c.id == bindparam("application", type_=Uuid())
    ),
    ["application"],
)
AHEAD: Final = Ahead(_TEXTS, application=THIS)


async def texts(tx: Tx, application_id: UUID) -> tuple[str | None, str | None]:
    """The objection to a locked application so far, and its answer."""
    (row,) = await tx.run(_TEXTS, {"application": application_id})
    return row["objection"], row["objection_answer"]

"""The database as something that can be written to: a primary with room on its disk, not only a server that answers."""

from __future__ import annotations

from typing import Final

from db.store.engine import Database
from db.store.tables import attempt

SUBJECT: Final = b"readyz"


async def write(db: Database) -> None:
    """Write a row and take it back, in one transaction; raises where a step could not be taken either."""
    async with db.begin() as tx:
        await tx.execute(attempt.insert().values(subject=SUBJECT))
        await tx.execute(attempt.delete().where(attempt.c.subject == SUBJECT))

"""The end of the files of questions (附件清除): ninety days after a question was closed; what was said is kept."""

from __future__ import annotations

from typing import Final, TypeAlias

import asyncpg

from db.photo_erasing import FILES
from rules.question import ERASED_AFTER

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_CLOSED: Final = """update question_file set blob_id = null, erased_at = now()
where ctid = any (array(
  select one.ctid from question_file one join question on question.id = one.question_id
  where one.blob_id is not null and question.closed_at < $1 limit $2 for update of one skip locked))
returning old.blob_id"""


async def erase(connection: Owner, size: int) -> int:
    """Erase what is due, with a commit after each batch; gives the number of files."""
    now, done, found = await connection.fetchval("select now()"), 0, [None]
    while found:
        async with connection.transaction():
            found = [row["blob_id"] for row in await connection.fetch(_CLOSED, now - ERASED_AFTER, size)]
            await connection.execute(FILES, found)
        done += len(found)
    return done

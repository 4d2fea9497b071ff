"""The end of pictures (相片清除): uploads that were never filed, and what was refused or replaced long ago.

A file goes with the last that needs it: the same picture may be another's, or a paper that was handed in.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import asyncpg

from rules.photo import ERASED_AFTER, NEVER_FILED

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_LIMIT: Final = "limit $2 for update skip locked"
_UNFILED: Final = f"""delete from photo where ctid = any (array(
  select ctid from photo where queued_at is null and created_at < $1 {_LIMIT})) returning blob_id"""
_ENDED: Final = f"""update photo set blob_id = null, row_version = row_version + 1,
  erased_index = (select content_index from blob where blob.id = photo.blob_id)
where ctid = any (array(
  select ctid from photo where ended_at < $1 and blob_id is not null {_LIMIT})) returning old.blob_id"""
# Who is about to refer to such a file holds its row: it is left.
FILES: Final = """delete from blob where id = any (array(select id from blob one where id = any ($1::uuid[])
  and not exists (select from material where blob_id = one.id)
  and not exists (select from photo where blob_id = one.id)
  and not exists (select from information_change where proof_id = one.id)
  and not exists (select from nurse where photo_id = one.id)
  and not exists (select from question_file where blob_id = one.id)
  and not exists (select from manual where blob_id = one.id) for update skip locked))"""


async def erase(connection: Owner, size: int) -> int:
    """Erase what is due, with a commit after each batch; gives the number of photos."""
    now, done = await connection.fetchval("select now()"), 0
    for clear, kept_for in ((_UNFILED, NEVER_FILED), (_ENDED, ERASED_AFTER)):
        found = [None]
        while found:
            async with connection.transaction():
                found = [row["blob_id"] for row in await connection.fetch(clear, now - kept_for, size)]
                await connection.execute(FILES, found)
            done += len(found)
    return done

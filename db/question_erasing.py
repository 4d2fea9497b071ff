"""The end of what was said to the help desk (提问清除): files ninety days after its close, words after months.

The months are a law setting (提问内容的保存月数). What remains is what it was about, when, and which desk had it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import asyncpg

from db.photo_erasing import FILES
from rules.law import QUESTION_TEXT_MONTHS, LawSubject
from rules.question import ERASED_AFTER

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_CLOSED: Final = """update question_file set blob_id = null, erased_at = now()
where ctid = any (array(
  select one.ctid from question_file one join question on question.id = one.question_id
  where one.blob_id is not null and question.closed_at < $1 limit $2 for update of one skip locked))
returning old.blob_id"""
_KEPT: Final = f"""select now() - make_interval(months => coalesce((
  select cast(value[1] as integer) from law_setting
  where subject = '{LawSubject.QUESTION_TEXT_MONTHS}' and authority_id is null and from_day <= current_date
  order by from_day desc limit 1), {QUESTION_TEXT_MONTHS}))"""
# With its words goes the contact of who has no account, and the token by which she came back.
_WORDS: Final = """
with due as (
  select id from question where closed_at < $1 and erased_at is null order by closed_at limit $2 for update skip locked
), said as (
  update question_message set text = '' where question_id in (select id from due)
), named as (
  update question_file set file_name = '' where question_id in (select id from due)
)
update question set title = '', erased_at = now(), row_version = row_version + 1,
  channel = null, contact_key_id = null, contact_sealed = null, contact_masked = null, token_hash = null
where id in (select id from due)
returning id"""


async def erase(connection: Owner, size: int) -> int:
    """Erase the files that are due, with a commit after each batch; gives the number of files."""
    now, done, found = await connection.fetchval("select now()"), 0, [None]
    while found:
        async with connection.transaction():
            found = [row["blob_id"] for row in await connection.fetch(_CLOSED, now - ERASED_AFTER, size)]
            await connection.execute(FILES, found)
        done += len(found)
    return done


async def erase_words(connection: Owner, size: int) -> int:
    """Erase the words that are due, with a commit after each batch; gives the number of questions."""
    before, done, found = await connection.fetchval(_KEPT), 0, [None]
    while found:
        found = await connection.fetch(_WORDS, before, size)
        done += len(found)
    return done

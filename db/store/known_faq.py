"""The frequent questions that this release knows (常见问题), written into a database that has not seen them."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

import asyncpg
import orjson

from rules.faq import FaqState
from rules.known_faq import KNOWN

_SPACE: Final = UUID("5d8a3a5e-6b0f-4c0e-9c61-0f2f5f0a6f10")
_FILL: Final = """with made as (
  insert into faq (id, audience, state, place, question_zh, question_en, answer_zh, answer_en)
  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id
)
insert into faq_version (faq_id, version, content) select id, 1, $9::jsonb from made"""
_NAMES: Final = ("audience", "state", "place", "question_zh", "question_en", "answer_zh", "answer_en")


async def fill(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Put the entries into the table; one that is there stays as its keepers have left it, withdrawn or changed."""
    for one in KNOWN:
        texts = (one.question.zh, one.question.en, one.answer.zh, one.answer.en)
        values = (one.audience, FaqState.PUBLISHED, one.place, *texts)
        content = orjson.dumps(dict(zip(_NAMES, values, strict=True))).decode()
        await connection.execute(_FILL, uuid5(_SPACE, one.question.zh), *values, content)

"""Queries on the frequent questions (常见问题): found by their words, written with each version kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from db.store.engine import Reader, Tx
from db.store.tables_help import faq, faq_version
from rules.errors import NotFound, Words
from rules.faq import MOST, Faq, FaqState, FaqText, HelpAudience

_c: Final = faq.c
_TEXTS: Final = ("question_zh", "question_en", "answer_zh", "answer_en")
_ALL: Final = func.lower(_c.question_zh + "\n" + _c.question_en + "\n" + _c.answer_zh + "\n" + _c.answer_en)


def _faq(row: Row[Any]) -> Faq:
    asked, answer = Words(row.question_zh, row.question_en), Words(row.answer_zh, row.answer_en)
    text = FaqText(HelpAudience(row.audience), row.place, asked, answer)
    return Faq(row.id, FaqState(row.state), row.row_version, text)


async def find(
    reader: Reader, audiences: Collection[HelpAudience], words: Sequence[str], *, published: bool = True
) -> list[Faq]:
    """The entries for these audiences that have all the words, in their order; drafts and withdrawn ones if asked."""
    like = [func.strpos(_ALL, word) > 0 for word in words]
    shown = [_c.state == FaqState.PUBLISHED] if published else []
    query = select(faq).where(_c.audience.in_(sorted(audiences)), *shown, *like)
    return [_faq(row) for row in await reader.execute(query.order_by(_c.place, _c.id).limit(MOST))]


async def get(reader: Reader, key: UUID) -> Faq:
    """An entry, whatever its state."""
    return await _one(reader, key)


async def lock(tx: Tx, key: UUID) -> Faq:
    """An entry, held until the commit."""
    return await _one(tx, key, lock=True)


async def _one(reader: Reader, key: UUID, *, lock: bool = False) -> Faq:
    query = select(faq).where(_c.id == key)
    row = (await reader.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound
    return _faq(row)


async def count(tx: Tx) -> int:
    """The number of entries."""
    return int((await tx.execute(select(func.count()).select_from(faq))).scalar_one())


def _columns(text: FaqText) -> dict[str, Any]:
    texts = (text.question.zh, text.question.en, text.answer.zh, text.answer.en)
    return {"audience": text.audience, "place": text.place, **dict(zip(_TEXTS, texts, strict=True))}


async def insert(tx: Tx, key: UUID, text: FaqText, by: UUID) -> None:
    """A new entry, as a draft."""
    await tx.execute(faq.insert().values(id=key, state=FaqState.DRAFT, created_at=tx.now, **_columns(text)))
    await _keep(tx, key, by)


async def write(tx: Tx, entry: Faq, by: UUID, state: FaqState, text: FaqText | None = None) -> None:
    """A locked entry as it is from now on."""
    columns = _columns(text or entry.text)
    await tx.execute(update(faq).where(_c.id == entry.id).values(state=state, changed_at=tx.now, **columns))
    await _keep(tx, entry.id, by)


async def _keep(tx: Tx, key: UUID, by: UUID) -> None:
    """Keep what an entry says from now on, so that it is known what anybody has read."""
    names = ("audience", "state", "place", *_TEXTS, "row_version")
    row = (await tx.execute(select(*(_c[name] for name in names)).where(_c.id == key))).mappings().one()
    content = {name: row[name] for name in names if name != "row_version"}
    kept = {"faq_id": key, "version": row["row_version"], "content": content, "changed_by": by, "at": tx.now}
    await tx.execute(faq_version.insert().values(kept))


async def versions(reader: Reader, key: UUID) -> list[tuple[datetime, Faq]]:
    """An entry as it was from each moment on, the newest first."""
    query = select(faq_version).where(faq_version.c.faq_id == key).order_by(faq_version.c.version.desc())
    return [(row.at, _of_version(row)) for row in await reader.execute(query)]


def _of_version(row: Row[Any]) -> Faq:
    was = row.content
    asked, answer = Words(was["question_zh"], was["question_en"]), Words(was["answer_zh"], was["answer_en"])
    text = FaqText(HelpAudience(was["audience"]), was["place"], asked, answer)
    return Faq(row.faq_id, FaqState(was["state"]), row.version, text)

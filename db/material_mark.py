"""Queries on marked materials (标注的材料): which were asked for again, and which of them have come since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, text

from db.opening import REVISION, THIS
from db.store.ahead import Ahead
from db.store.engine import Tx
from db.store.statement import Statement
from rules.application import Application
from rules.errors import Words
from rules.marks import MarkedMaterial, MaterialMark
from rules.reasons import Reason

_OF: Final = (bindparam("application", type_=Uuid()), bindparam("revision", type_=Integer()))
_LISTS: Final = ("codes", "titles_zh", "titles_en", "reasons", "notes")
# The decision that marks them has just been kept, on the same revision.
_INSERT: Final = Statement(
    text("""
insert into material_mark (application_id, decision_id, code, title_zh, title_en, reason, note)
select :application, (select d.id from review_decision d
    where d.application_id = :application and d.revision = :revision order by d.id desc limit 1), t.*
from unnest(:codes, :titles_zh, :titles_en, :reasons, :notes) as t
""").bindparams(*_OF, *(bindparam(name, type_=ARRAY(Text())) for name in _LISTS)),
    ("application", "revision", *_LISTS),
)
# An answer raises the revision, so the marks that wait are those on the application's own.
_WAITING: Final = Statement(
    text("""
select m.code, m.title_zh, m.title_en, m.reason, exists (
  select from material f where f.application_id = m.application_id and f.code = m.code
    and f.removed_at is null and f.uploaded_at > d.at) as answered
from material_mark m join review_decision d on d.id = m.decision_id
where m.application_id = :application and d.revision = :revision order by m.code
""").bindparams(*_OF),
    ("application", "revision"),
)


WAITING_AHEAD: Final = Ahead(_WAITING, application=THIS, revision=REVISION)


async def insert(tx: Tx, locked: Application, marks: Sequence[MaterialMark], titles: Sequence[Words]) -> None:
    """Keep the marks of the decision that was just kept, each with the title that its material has now.

    The last is written first: rows are shown newest first, so marks in the order in which they were made.
    """
    marks, titles = marks[::-1], titles[::-1]
    lists = (
        [one.code for one in marks],
        *([title.zh for title in titles], [title.en for title in titles]),
        *([one.reason for one in marks], [one.note for one in marks]),
    )
    values = dict(zip(_LISTS, lists, strict=True))
    await tx.write(_INSERT, {"application": locked.id, "revision": locked.revision, **values})


async def waiting(tx: Tx, locked: Application) -> list[MarkedMaterial]:
    """The marked materials of a locked application that waits for an answer, by their codes."""
    rows = await tx.run(_WAITING, {"application": locked.id, "revision": locked.revision})
    return [
        MarkedMaterial(row["code"], Words(row["title_zh"], row["title_en"]), Reason(row["reason"]), row["answered"])
        for row in rows
    ]

"""The exam library (考试库)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from db.store.engine import Tx
from db.store.tables_account import exam_record
from rules.identity import Identity
from rules.matching import Exam


async def passed(tx: Tx, identity: Identity) -> list[Exam]:
    """The examinations that the holder of a document has passed, the latest first."""
    query = select(exam_record).where(*_of(tx, identity))
    query = query.order_by(exam_record.c.year.desc(), exam_record.c.passed_on.desc())
    return [Exam(row.name, row.year, row.passed_on) for row in await tx.execute(query)]


async def names(tx: Tx, identity: Identity) -> list[str]:
    """The names under which the library has the holder of a document, held until the commit."""
    query = select(exam_record.c.name).where(*_of(tx, identity)).order_by(exam_record.c.id).with_for_update()
    return list((await tx.execute(query)).scalars())


async def settle(tx: Tx, identity: Identity, recorded: Collection[str], name: str, *, by: UUID, evidence: str) -> None:
    """The name in the place of these spellings, which stay beside it with who settled them, when and by what."""
    settled = {"name": name, "recorded_name": exam_record.c.name, "name_evidence": evidence}
    which = (*_of(tx, identity), exam_record.c.name.in_(recorded))
    await tx.execute(update(exam_record).where(*which).values(**settled, name_settled_at=tx.now, name_settled_by=by))


def _of(tx: Tx, identity: Identity) -> tuple[ColumnElement[bool], ...]:
    index = tx.keyring.blind_index(identity.number, "id_number")
    return exam_record.c.document_type == identity.type, exam_record.c.id_number_index == index

"""The exam library (考试库)."""

from __future__ import annotations

from sqlalchemy import select

from db.store.engine import Tx
from db.store.tables_account import exam_record
from rules.identity import Identity
from rules.matching import Exam


async def passed(tx: Tx, identity: Identity) -> list[Exam]:
    """The examinations that the holder of a document has passed, the latest first."""
    mine = (
        exam_record.c.document_type == identity.type,
        exam_record.c.id_number_index == tx.keyring.blind_index(identity.number, "id_number"),
    )
    query = select(exam_record).where(*mine).order_by(exam_record.c.year.desc(), exam_record.c.passed_on.desc())
    return [Exam(row.name, row.year, row.passed_on) for row in await tx.execute(query)]

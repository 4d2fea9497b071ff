"""The nurse of a document number, or the one whose record stands for hers since the two were merged (合并档案)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, LargeBinary, Select, Uuid, any_, func, select

from db.store.tables import nurse

bearer = nurse.alias("bearer")
STANDS: ColumnElement[UUID] = func.coalesce(bearer.c.merged_into, bearer.c.id)
"""The record that stands for a row of `bearer`."""
NUMBER: LargeBinary = LargeBinary()
"""The type of a number's index."""


def nurses_of(index: ColumnElement[bytes] | bytes) -> Select[UUID]:
    """The keys of the nurses with a number, of whatever type of document, as SQL."""
    return select(STANDS).where(bearer.c.id_number_index == index)


def bears(nurse_id: ColumnElement[UUID], index: ColumnElement[bytes]) -> ColumnElement[bool]:
    """True of the nurse with a number, or whose record stands for the one that has it; an index finds her."""
    return nurse_id == any_(func.array(nurses_of(index).scalar_subquery(), type_=ARRAY(Uuid())))

"""The nurse of a document: where her record was merged into another one, the one that stands for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

from db.store.keys import Keyring
from db.store.tables import nurse
from rules.identity import Identity

_bearer = nurse.alias("bearer")
STANDS: ColumnElement[UUID] = func.coalesce(_bearer.c.merged_into, _bearer.c.id)
"""The record that stands for a row of `_bearer`."""


def nurse_of(keyring: Keyring, document: Identity) -> ScalarSelect[UUID]:
    """The key of the nurse of a document, as SQL."""
    index = keyring.blind_index(document.number, "id_number")
    query = select(STANDS).where(_bearer.c.document_type == document.type, _bearer.c.id_number_index == index)
    return query.scalar_subquery()


def nurses_of(index: bytes) -> Select[UUID]:
    """The keys of the nurses with a number, of whatever type of document, as SQL."""
    return select(STANDS).where(_bearer.c.id_number_index == index)

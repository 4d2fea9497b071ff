"""The nurse of a document: where her record was merged into another one, the one that stands for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ScalarSelect

from db.read.bearer import bearer, nurses_of
from db.store.keys import Keyring
from rules.identity import Identity


def nurse_of(keyring: Keyring, document: Identity) -> ScalarSelect[UUID]:
    """The key of the nurse of a document, as SQL."""
    index = keyring.blind_index(document.number, "id_number")
    return nurses_of(index).where(bearer.c.document_type == document.type).scalar_subquery()

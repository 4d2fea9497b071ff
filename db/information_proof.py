"""The proof paper of an institution's edit (信息修改证明材料), for those who may read the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from db import blob as blobs
from db.read import scope
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import blob, registration
from db.store.tables_application import information_change
from rules.people import Actor

_c: Final = information_change.c


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """A proof paper (证明材料) as it was handed in."""

    file_name: str
    media_type: str
    content: bytes


async def proof(reader: Reader, viewer: Actor, key: UUID) -> Proof | None:
    """The proof paper of a change that a person may read; None where there is none."""
    joined = information_change.join(blob, blob.c.id == _c.proof_id).join(
        registration, registration.c.nurse_id == _c.nurse_id
    )
    query = select(_c.proof_file_name, blob.c.media_type, *blobs.CONTENT).select_from(joined)
    shown = query.where(_c.id == key, scope.information_changes(single(viewer)))
    row = (await reader.execute(shown)).mappings().one_or_none()
    content = None if row is None else blobs.content_of(reader.keyring, dict(row))
    return None if row is None or content is None else Proof(row["proof_file_name"], row["media_type"], content)

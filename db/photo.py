"""Queries on photos (个人相片): locked with the nurse; one each waits to be filed, is reviewed, and is on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select, update

from db import blob as blobs
from db.opening import ENTERS_FIRST
from db.read import scope
from db.read.viewer import single
from db.store.ahead import Ahead
from db.store.engine import Reader, Tx
from db.store.statement import Statement
from db.store.tables import blob, nurse, registration
from db.store.tables_application import application, photo
from rules.errors import NotFound
from rules.material import MediaType
from rules.moves import OPEN
from rules.people import Actor
from rules.photo import ENDED, Photo, PhotoState

_c: Final = photo.c
_GET: Final = select(
    *(_c[name] for name in ("id", "nurse_id", "state", "version", "blob_id", "queued_at", "escalated_at"))
)


_PENDING: Final = Statement(
    _GET.where(_c.nurse_id == bindparam("nurse", type_=Uuid()), _c.state == PhotoState.PENDING), ["nurse"]
)
PENDING_AHEAD: Final = Ahead(_PENDING, nurse=ENTERS_FIRST)


async def nurse_of(reader: Reader, key: UUID) -> UUID:
    """The nurse whose photo it is; it never becomes another's while it waits."""
    found: UUID | None = (await reader.execute(select(_c.nurse_id).where(_c.id == key))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def get(tx: Tx, key: UUID) -> Photo:
    """A photo of a locked nurse."""
    found = (await tx.execute(_GET.where(_c.id == key))).mappings().one_or_none()
    if found is None:
        raise NotFound
    return Photo(**{**found, "state": PhotoState(found["state"])})


async def pending(tx: Tx, nurse_id: UUID) -> Photo | None:
    """The photo of a locked nurse that waits for a review."""
    found = await tx.run(_PENDING, {"nurse": nurse_id})
    return Photo(**{**found[0], "state": PhotoState(found[0]["state"])}) if found else None


async def under_way(tx: Tx, nurse_id: UUID) -> list[set[UUID]]:
    """The places of each application of a locked nurse that is under way."""
    query = select(application.c.institution_id, application.c.authority_id)
    rows = await tx.execute(query.where(application.c.nurse_id == nurse_id, application.c.state.in_(sorted(OPEN))))
    return [{one for one in row if one is not None} for row in rows]


async def insert(tx: Tx, key: UUID, nurse_id: UUID, content: bytes, **values: Any) -> None:
    """A new photo of a locked nurse, kept sealed."""
    kept = await blobs.keep(tx, content, MediaType.JPEG)
    row = {"id": key, "nurse_id": nurse_id, "blob_id": kept, "size": len(content)}
    await tx.execute(photo.insert().values({**row, "created_at": tx.now, **values}))


async def move(tx: Tx, one: Photo, state: PhotoState, **values: Any) -> None:
    """Write where a photo of a locked nurse stands now."""
    ended = {"ended_at": tx.now} if state in ENDED else {}
    moved = {"state": state, "version": one.version + 1, **ended, **values}
    await tx.execute(update(photo).where(_c.id == one.id).values(moved))


async def replace(tx: Tx, nurse_id: UUID, state: PhotoState) -> None:
    """End the photo of a locked nurse that stands there, if there is one: another takes its place."""
    ended = {"state": PhotoState.REPLACED, "version": _c.version + 1, "ended_at": tx.now}
    await tx.execute(update(photo).where(_c.nurse_id == nurse_id, _c.state == state).values(ended))


async def put_on_record(tx: Tx, one: Photo, **values: Any) -> None:
    """Make a photo of a locked nurse the one on record, in place of the last."""
    await replace(tx, one.nurse_id, PhotoState.CURRENT)
    await move(tx, one, PhotoState.CURRENT, **values)
    await show(tx, one.nurse_id, one.id)


async def show(tx: Tx, nurse_id: UUID, key: UUID) -> None:
    """Write into the record of a locked nurse which picture is hers."""
    picture = select(_c.blob_id).where(_c.id == key).scalar_subquery()
    await tx.execute(update(nurse).where(nurse.c.id == nurse_id).values(photo_id=picture))


async def pictures(reader: Reader, viewer: Actor, keys: Sequence[UUID]) -> dict[UUID, bytes]:
    """The pictures of these photos that the viewer may see and that are not erased."""
    source = photo.join(registration, registration.c.nurse_id == _c.nurse_id).join(blob, blob.c.id == _c.blob_id)
    query = select(_c.id.label("photo_id"), *blobs.CONTENT).select_from(source)
    rows = await reader.execute(query.where(and_(_c.id.in_(keys), scope.photos(single(viewer)))))
    opened = ((row["photo_id"], blobs.content_of(reader.keyring, dict(row))) for row in rows.mappings())
    return {key: picture for key, picture in opened if picture is not None}

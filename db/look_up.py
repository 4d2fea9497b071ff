"""Queries for one person by the number of a document."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from db.document import nurse_of
from db.read import scope
from db.read.bearer import nurses_of
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import nurse
from db.store.tables_application import application
from rules.identity import Identity
from rules.people import Actor


async def readable(reader: Reader, viewer: Actor, document: Identity) -> UUID | None:
    """The nurse of a document where the viewer may read her: one of others is found as little as one of nobody."""
    return await _found(reader, document, viewer)


async def reads(reader: Reader, viewer: Actor, nurse_id: UUID) -> bool:
    """True if the viewer may read this nurse."""
    query = select(nurse.c.id).where(nurse.c.id == nurse_id, scope.nurses(single(viewer)))
    return (await reader.execute(query)).first() is not None


async def anywhere(reader: Reader, viewer: Actor, document: Identity) -> UUID | None:
    """The nurse of a document, wherever she is registered: for whom she has come to, document in hand."""
    return await _found(reader, document, None)


async def searched(reader: Reader, viewer: Actor, listing: str, number: bytes) -> list[UUID]:
    """The nurses of a number, by its index and whatever the document, whom a list of this viewer may show."""
    on = nurse.c.id.in_(nurses_of(number))
    if listing == "applications":
        query = select(nurse.c.id).distinct().join(application, application.c.nurse_id == nurse.c.id)
        query = query.where(on, scope.applications(single(viewer)))
    else:
        query = select(nurse.c.id).where(on, scope.nurses(single(viewer)))
    return list((await reader.execute(query)).scalars())


async def _found(reader: Reader, document: Identity, viewer: Actor | None) -> UUID | None:
    query = select(nurse.c.id).where(nurse.c.id == nurse_of(reader.keyring, document))
    if viewer is not None:
        query = query.where(scope.nurses(single(viewer)))
    return (await reader.execute(query)).scalar_one_or_none()

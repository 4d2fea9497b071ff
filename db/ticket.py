"""Tickets for downloads, kept as their digest; and whose the files are."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import Row, Select, select, update

from db.read import scope
from db.read.viewer import single
from db.session import digest
from db.store.engine import Reader, Tx
from db.store.tables import nurse
from db.store.tables_application import application, material, ticket
from rules.people import Actor
from rules.ticket import NOUN_OF, TICKET_LIFETIME, FileKind


async def insert(tx: Tx, token: str, *, session: bytes, by: UUID, file: FileKind, subject: UUID) -> None:
    """A new ticket, good for one file, once, as long as the session that asked for it lives."""
    row = {"token_hash": digest(token), "session_hash": session, "account_id": by, "file": file, "subject": subject}
    await tx.execute(ticket.insert().values({**row, "expires_at": tx.now + TICKET_LIFETIME}))


async def burn(tx: Tx, token: str) -> Row[tuple[bytes, str, UUID]] | None:
    """Use a ticket up: its session's digest, its file and subject; None if it is not valid, or no longer."""
    good = (ticket.c.token_hash == digest(token), ticket.c.used_at.is_(None), ticket.c.expires_at > tx.now)
    burned = update(ticket).where(*good).values(used_at=tx.now)
    returned = burned.returning(ticket.c.session_hash, ticket.c.file, ticket.c.subject)
    return (await tx.execute(returned)).one_or_none()


async def nurse_of(reader: Reader, viewer: Actor, file: FileKind, subject: UUID) -> UUID | None:
    """The nurse that a file is about, if the viewer may read it; otherwise None."""
    found: UUID | None = (await reader.execute(_QUERIES[NOUN_OF[file]](viewer, subject))).scalar_one_or_none()
    return found


def _of_application(viewer: Actor, subject: UUID) -> Select[tuple[UUID]]:
    return select(application.c.nurse_id).where(application.c.id == subject, scope.applications(single(viewer)))


def _of_nurse(viewer: Actor, subject: UUID) -> Select[tuple[UUID]]:
    return select(nurse.c.id).where(nurse.c.id == subject, scope.nurses(single(viewer)))


def _of_material(viewer: Actor, subject: UUID) -> Select[tuple[UUID]]:
    joined = material.join(application, application.c.id == material.c.application_id)
    query = select(application.c.nurse_id).select_from(joined)
    return query.where(material.c.id == subject, scope.materials(single(viewer)))


_QUERIES: Final = {"Application": _of_application, "Nurse": _of_nurse, "Material": _of_material}

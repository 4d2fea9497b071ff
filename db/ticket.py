"""Tickets for downloads, kept as their digest; and whose the files are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, cast, null, select, update

from db.read import scope
from db.read.viewer import single
from db.session import digest
from db.store.engine import Reader, Tx
from db.store.tables import account, nurse, registration
from db.store.tables_application import application, information_change, material, photo, ticket
from db.store.tables_help import manual, question, question_file
from rules.people import Actor
from rules.ticket import NOUN_OF, Downloaded, lifetime

Kept = Row[tuple[bytes | None, str, list[UUID], datetime]]
_KEPT: Final = (ticket.c.session_hash, ticket.c.file, ticket.c.subjects, ticket.c.used_at)


async def insert(
    tx: Tx, token: str, *, session: bytes | None, by: UUID | None, file: Downloaded, subjects: Sequence[UUID]
) -> None:
    """A new ticket, good for one file, once, as long as the session that asked for it lives, if one has."""
    row = {"token_hash": digest(token), "session_hash": session, "account_id": by, "file": file}
    ends = tx.now + lifetime(file, len(subjects))
    await tx.execute(ticket.insert().values({**row, "subjects": [*subjects], "expires_at": ends}))


async def burn(tx: Tx, token: str) -> Kept | None:
    """Use a ticket up: its session's digest, its file and subjects, and when that was; None if it is not good."""
    good = (ticket.c.token_hash == digest(token), ticket.c.used_at.is_(None), ticket.c.expires_at > tx.now)
    burned = update(ticket).where(*good).values(used_at=tx.now)
    return (await tx.execute(burned.returning(*_KEPT))).one_or_none()


async def burned(tx: Tx, token: str) -> Kept | None:
    """The same of a ticket that was used up, while it would still be good."""
    used = (ticket.c.token_hash == digest(token), ticket.c.used_at.is_not(None), ticket.c.expires_at > tx.now)
    return (await tx.execute(select(*_KEPT).where(*used))).one_or_none()


async def nurses_of(
    reader: Reader, viewer: Actor, file: Downloaded, subjects: Sequence[UUID]
) -> dict[UUID, UUID | None]:
    """The nurse that each subject of a file is about, if one, as far as the viewer may read them."""
    found = await reader.execute(_QUERIES[NOUN_OF[file]](viewer, subjects))
    return {row.subject: row.nurse_id for row in found}


def _of_applications(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    query = select(application.c.id.label("subject"), application.c.nurse_id)
    return query.where(application.c.id.in_(subjects), scope.applications(single(viewer)))


def _of_nurses(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    query = select(nurse.c.id.label("subject"), nurse.c.id.label("nurse_id"))
    return query.where(nurse.c.id.in_(subjects), scope.nurses(single(viewer)))


def _of_materials(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    joined = material.join(application, application.c.id == material.c.application_id)
    query = select(material.c.id.label("subject"), application.c.nurse_id).select_from(joined)
    return query.where(material.c.id.in_(subjects), scope.materials(single(viewer)))


def _of_changes(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    its = information_change.c
    joined = information_change.join(registration, registration.c.nurse_id == its.nurse_id)
    query = select(its.id.label("subject"), its.nurse_id).select_from(joined)
    shown = (its.proof_id.is_not(None), scope.information_changes(single(viewer)))
    return query.where(its.id.in_(subjects), *shown)


def _of_photos(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    joined = photo.join(registration, registration.c.nurse_id == photo.c.nurse_id)
    query = select(photo.c.id.label("subject"), photo.c.nurse_id).select_from(joined)
    kept = photo.c.blob_id.is_not(None)
    return query.where(photo.c.id.in_(subjects), kept, scope.photos(single(viewer)))


def _of_question_files(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    its = question_file.c
    joined = question_file.join(question, question.c.id == its.question_id)
    joined = joined.outerjoin(account, account.c.id == question.c.account_id)
    query = select(its.id.label("subject"), account.c.nurse_id).select_from(joined)
    return query.where(its.id.in_(subjects), its.blob_id.is_not(None), scope.questions(single(viewer)))


def _of_manuals(viewer: Actor, subjects: Sequence[UUID]) -> Select[Any]:
    query = select(manual.c.id.label("subject"), cast(null(), Uuid).label("nurse_id"))
    return query.where(manual.c.id.in_(subjects), scope.manuals(single(viewer)))


_QUERIES: Final = {
    "QuestionFile": _of_question_files,
    "Manual": _of_manuals,
    "Application": _of_applications,
    "Nurse": _of_nurses,
    "Material": _of_materials,
    "InformationChange": _of_changes,
    "Photo": _of_photos,
}

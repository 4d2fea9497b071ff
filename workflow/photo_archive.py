"""An institution hands in photos of many of its nurses at once (批量上传相片): tried first, then on record at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from uuid_utils.compat import uuid7

from db import collective_choice as choices
from db import photo as photos
from db import registration
from db import session as sessions
from db.collective_choice import ListedNurse
from db.registration import Entry
from db.session import Session
from db.store.engine import Database, Tx
from rules.errors import FieldProblem, Invalid, NotFound, RateLimited
from rules.identity import DocumentType, Identity, identify
from rules.kinds import Kind
from rules.list_table import is_workbook, text_table
from rules.material import UploadedFile
from rules.own_nurse import ABOUT_YOURSELF, require_own_nurse
from rules.people import Actor, Role, require
from rules.photo import PhotoState, require_photo, require_picture
from rules.photo_archive import (
    Archive,
    PhotoRow,
    missing,
    nobody,
    picture_of,
    require_sound,
    rows_of,
    twice,
    unnamed,
    unpacked,
)
from rules.spelling import same_name
from workflow.collective_file import tables_of
from workflow.decoding import photos_of
from workflow.information_step import heard
from workflow.material import count_file
from workflow.photo import keep
from workflow.step import UNKEPT, USUAL, Command, Lock, Underway, read, take


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """A row of the sheet with all that is wrong with it, and whom it is about, where it is one of theirs."""

    row: PhotoRow
    nurse_id: UUID | None = None


async def file_all(
    db: Database, session: Session, file: UploadedFile, retry: str | None, *, cut: bool, try_only: bool
) -> tuple[list[Judged], tuple[str, ...]]:
    """Put all photos of an archive on record, or none; or only judge as that would now (预检), and file nothing.

    Gives the rows, and the files that none of them names.
    """
    rows, left = await _rows(db, session, file, cut=cut)
    if not try_only:
        await take(db, session, PhotoArchiveFile(file, cut, tuple(rows), idempotency_key=retry))
    async with db.begin() as tx:
        return await _judge(tx, await sessions.require(tx, session), rows), left


async def _rows(
    db: Database, session: Session, file: UploadedFile, *, cut: bool
) -> tuple[list[PhotoRow], tuple[str, ...]]:
    """The rows of an archive, each with the photo made of its picture, and the files that none of them names.

    It is counted before anything is unpacked.
    """
    async with db.begin() as tx:
        require(await sessions.require(tx, session), Role.OPERATOR)
    await count_file(db, session)
    archive = await asyncio.to_thread(unpacked, file.content)
    try:
        workbook = await asyncio.to_thread(is_workbook, archive.sheet)
        tables = await tables_of(archive.sheet) if workbook else [text_table(archive.sheet)]
    except Invalid as refusal:
        raise Invalid(*(replace(one, path="archive") for one in refusal.problems)) from None
    rows = rows_of(tables)
    return await _made(rows, archive, cut=cut), unnamed(rows, archive)


async def _made(rows: Sequence[PhotoRow], archive: Archive, *, cut: bool) -> list[PhotoRow]:
    """The rows with their photos, or with what is wrong with the picture."""
    typed = [_typed(row, archive) for row in rows]
    sound = [row for row in typed if not row.problems]
    made = dict(zip([row.line for row in sound], await photos_of([row.made for row in sound], cut=cut), strict=True))
    shown = []
    for row in typed:
        measured, photo = made.get(row.line, (row.measured, b""))
        try:
            if row.line in made:
                require_photo(measured, len(row.made), cut=cut)
            shown.append(replace(row, measured=measured, made=photo))
        except Invalid as refusal:
            shown.append(replace(row, made=b"", problems=refusal.problems))
    return shown


def _typed(row: PhotoRow, archive: Archive) -> PhotoRow:
    """The row with the file it names, if that is a picture at all."""
    name = picture_of(row, archive)
    if name is None:
        return missing(row)
    try:
        require_picture(archive.pictures[name])
    except Invalid as refusal:
        return replace(row, problems=refusal.problems)
    return replace(row, made=archive.pictures[name])


async def _judge(tx: Tx, actor: Actor, rows: Sequence[PhotoRow]) -> list[Judged]:
    """The rows with the nurses they name, each once, none of them whoever hands it in."""
    documents = {row.line: _document(tx, row) for row in rows}
    people = [one for one in documents.values() if isinstance(one, Identity)]
    known = {one.document: one for one in await choices.named(tx, actor, Kind.RENEWAL, people, ())}
    seen: dict[UUID, int] = {}
    return [_judged(actor, row, _found(tx, row, documents[row.line], known), seen) for row in rows]


Known = Mapping[tuple[str, bytes], ListedNurse]


def _found(tx: Tx, row: PhotoRow, document: Identity | FieldProblem, known: Known) -> ListedNurse | PhotoRow:
    """The nurse that a row names, or the row with what is wrong."""
    if isinstance(document, FieldProblem):
        return row.refused(document)
    found = known.get((document.type, tx.keyring.blind_index(document.number, "id_number")))
    return nobody(row) if found is None or (row.name and not same_name(row.name, found.name)) else found


def _judged(actor: Actor, row: PhotoRow, found: ListedNurse | PhotoRow, seen: dict[UUID, int]) -> Judged:
    if isinstance(found, PhotoRow):
        return Judged(found)
    if found.id in seen:
        return Judged(twice(row, seen[found.id]))
    seen[found.id] = row.line
    hers = row.refused(FieldProblem("nurse", "ABOUT_YOURSELF", ABOUT_YOURSELF)) if actor.is_nurse(found.id) else row
    return Judged(hers, found.id)


def _document(tx: Tx, row: PhotoRow) -> Identity | FieldProblem:
    try:
        return identify(DocumentType.RESIDENT_ID, row.number, tx.today)
    except Invalid as refusal:
        return refusal.problems[0]


@read(Lock.NURSE)
async def entries(step: Underway[PhotoArchiveFile]) -> list[tuple[PhotoRow, Entry]]:
    """The rows with the entries of their nurses, locked in one order; raises Invalid where a row is wrong."""
    require(step.actor, Role.OPERATOR)
    judged = await _judge(step.tx, step.actor, step.command.rows)
    require_sound([one.row for one in judged])
    rows = {one.nurse_id: one.row for one in judged if one.nurse_id is not None}
    return [(rows[key], await registration.lock(step.tx, key)) for key in sorted(rows)]


@dataclass(frozen=True, slots=True, repr=False)
class PhotoArchiveFile(Command):
    """An operator's wish to put photos of many nurses of theirs on record: all of them, or none."""

    archive: UploadedFile
    cut: bool
    rows: tuple[PhotoRow, ...] = field(metadata=UNKEPT)
    refuses = USUAL - {NotFound} | {RateLimited}
    reads = (entries,)
    writes = frozenset({"photo", "blob", "nurse"})

    async def take(self, step: Underway[PhotoArchiveFile]) -> None:
        """Each is on record in place of the last, and each nurse is told: she can file another."""
        tx = step.tx
        for row, her in step[entries]:
            require_own_nurse(step.actor, her.registration, Role.OPERATOR)
            nurse_id, key = her.registration.nurse_id, uuid7()
            when = {"queued_at": tx.now, "decided_at": tx.now, "decided_by": step.actor.account_id}
            await photos.replace(tx, nurse_id, PhotoState.CURRENT)
            await keep(step, key, nurse_id, row.measured, row.made, state=PhotoState.CURRENT, cut=self.cut, **when)
            await photos.show(tx, nurse_id, key)
            step.news += heard("photo.entered", her, step.actor)
        step.detail = {"photos": len(step[entries])}

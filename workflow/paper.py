"""Printing (打印, I18): who reads a full ID number on paper is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from db import audit, deregistration_letter, letter, period_letter
from db import hand_out as hand_outs
from db import paper as pages
from db.expiry_notice import notices
from db.period_letter import OF_PERIOD
from db.read.batch import Row
from db.store.engine import Database, Reader, Tx
from rules.identity import DocumentType, identify
from rules.look_up import Look
from rules.people import Actor, Party, Role
from rules.ticket import NO_BLANK, UNPRINTABLE, FileKind, require_all
from workflow.receipt import Stamp

_READS_NUMBERS: Final = (Role.OPERATOR, Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN)


@dataclass(frozen=True, slots=True)
class Filed:
    """The values of an application's official form."""

    application: Row
    id_number: str
    decisions: Sequence[Row]
    in_full: bool = False
    """True where the number is not masked."""


async def application_forms(
    db: Database, viewer: Actor, keys: Sequence[UUID], stamp: Stamp | None = None
) -> list[Filed]:
    """Applications to be printed; the full ID number for the nurse herself and for those who act on it.

    Before her account is active she reads what she gave herself. Everybody else prints it masked, as everybody does the
    old number where one was corrected since; a full one is written down with who printed it. As all papers: in the
    order of the keys; NotFound, or Invalid naming which of several, where one has nothing for this viewer.
    """
    async with db.begin() as tx:
        await tx.ask_time()
        rows = await pages.application_forms(tx, viewer, keys)
        require_all(keys, rows)
        decisions = await pages.decisions(tx, viewer, keys)
        ordered = await _stamped(tx, [rows[key] for key in keys], stamp)
        filed = [await _filed(tx, viewer, row, decisions.get(row["id"], ())) for row in ordered]
        await _audit(tx, viewer, [one.application for one in filed if one.in_full])
    return filed


async def _audit(tx: Tx, viewer: Actor, shown: Sequence[Row]) -> None:
    """Whose full number somebody else prints: one entry, which each finds."""
    if not shown or viewer.party is Party.NURSE:
        return
    papers = {"application": shown[0]["id"]} if len(shown) == 1 else {"applications": [row["id"] for row in shown]}
    people = audit.of_people([row["nurse_id"] for row in shown])
    await audit.record(tx, Look.NUMBER_PRINTED, viewer.account_id, papers, **people)


async def _filed(tx: Tx, viewer: Actor, row: Row, decisions: Sequence[Row]) -> Filed:
    herself = viewer.party is Party.NURSE
    given = await pages.stated(tx, viewer.account_id) if herself and not viewer.active else None
    if given is not None:
        return Filed({**row, **_facts_of(*given, tx.today)}, given[1], decisions)
    acts = herself or any(viewer.has(role) for role in _READS_NUMBERS)
    if not acts or not row["number_stands"]:
        return Filed(row, row["id_number_masked"], decisions)
    return Filed(row, pages.id_number(tx, row), decisions, in_full=True)


def _facts_of(document: DocumentType, number: str, today: date) -> Row:
    """Facts from her own document, while nobody has vouched for her and her record is not hers to read."""
    identity = identify(document, number, today)
    return {"document_type": document, "sex": identity.sex, "birth_date": identity.birth_date}


async def letters(db: Database, viewer: Actor, keys: Sequence[UUID], file: FileKind) -> list[Row]:
    """The authority's letters of one kind on applications (决定书、通知书)."""
    async with db.read() as reader:
        read = period_letter.notices if file in OF_PERIOD else letter.letters
        found = await read(reader, viewer, keys, file)
    return _ordered(keys, found)


async def deregistration_letters(db: Database, viewer: Actor, nurse_ids: Sequence[UUID]) -> list[Row]:
    """The decisions to end nurses' registrations by office (依职权注销决定书, A8)."""
    async with db.read() as reader:
        found = await deregistration_letter.decisions(reader, viewer, nurse_ids)
    return _ordered(nurse_ids, found)


async def certificate_pages(
    db: Database, viewer: Actor, nurse_ids: Sequence[UUID], stamp: Stamp | None = None
) -> list[Row]:
    """Nurses' certificates in force."""
    async with db.read() as reader:
        found = await pages.certificate_pages(reader, viewer, nurse_ids)
        return await _stamped(reader, _ordered(nurse_ids, found), stamp)


async def _stamped(reader: Reader, rows: Sequence[Row], stamp: Stamp | None) -> list[Row]:
    """The same rows, each with the text of its code (`code`) where there is one."""
    codes = [None] * len(rows) if stamp is None else await stamp.receipts.codes(reader, rows, stamp.at)
    return [{**row, "code": code} for row, code in zip(rows, codes, strict=True)]


async def expiry_notices(db: Database, viewer: Actor, nurse_ids: Sequence[UUID]) -> list[Row]:
    """Notices to nurses that their registrations run out."""
    async with db.read() as reader:
        found = await notices(reader, viewer, nurse_ids)
    return _ordered(nurse_ids, found)


async def hand_out_lines(db: Database, viewer: Actor, nurse_ids: Sequence[UUID]) -> list[Row]:
    """The lines of a hand-out list (领证登记表): of certificates that are on a blank."""
    async with db.read() as reader:
        found = await hand_outs.lines(reader, viewer, nurse_ids)
    require_all(nurse_ids, found, NO_BLANK)
    return [found[key] for key in nurse_ids]


def _ordered(keys: Sequence[UUID], found: Mapping[UUID, Row]) -> list[Row]:
    require_all(keys, found, UNPRINTABLE)
    return [found[key] for key in keys]

"""Printing (打印, I18): who reads a full ID number on paper is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from db import audit
from db import paper as pages
from db.read.batch import Row
from db.store.engine import Database
from rules.identity import DocumentType, identify
from rules.people import Actor, Party, Role

_READS_NUMBERS: Final = (Role.OPERATOR, Role.REVIEWER, Role.DECIDER, Role.SUPERVISOR, Role.PROVINCIAL_ADMIN)

_DECIDED: Final = ("AGREED", "REFUSED", "DEEMED", "VOIDED")


@dataclass(frozen=True, slots=True)
class Filed:
    """The values of an application's official form."""

    application: Row
    id_number: str
    decisions: Sequence[Row]


async def application_form(db: Database, viewer: Actor, key: UUID) -> Filed:
    """An application to be printed; the full ID number for the nurse herself and for those who act on it.

    Before her account is active she reads what she gave herself.

    Everybody else prints it masked; a full one is written down with who printed it.
    """
    async with db.begin() as tx:
        await tx.ask_time()
        row = await pages.application_form(tx, viewer, key)
        decisions = await pages.decisions(tx, viewer, key)
        herself = viewer.party is Party.NURSE
        given = await pages.stated(tx, viewer.account_id) if herself and not viewer.active else None
        if given is not None:
            return Filed({**row, **_facts_of(*given, tx.today)}, given[1], decisions)
        acts = herself or any(viewer.has(role) for role in _READS_NUMBERS)
        if not acts or row["record_id"] is None:
            return Filed(row, row["id_number_masked"], decisions)
        number = pages.id_number(tx, row)
        if not herself:
            detail = {"application": key}
            await audit.record(tx, "id_number.printed", viewer.account_id, detail, nurse_id=row["record_id"])
    return Filed(row, number, decisions)


def _facts_of(document: DocumentType, number: str, today: date) -> Row:
    """Facts from her own document, while nobody has vouched for her and her record is not hers to read."""
    identity = identify(document, number, today)
    return {"document_type": document, "sex": identity.sex, "birth_date": identity.birth_date}


async def decision_letter(db: Database, viewer: Actor, key: UUID) -> Row:
    """The authority's decision on an application (准予、不予、撤销); NotFound before there is one."""
    async with db.read() as reader:
        return await pages.letter(reader, viewer, key, "AUTHORITY_DECISION", _DECIDED)


async def notice(db: Database, viewer: Actor, key: UUID, outcome: str) -> Row:
    """The authority's letter when it took an application in, refused to, or asked for corrections."""
    async with db.read() as reader:
        return await pages.letter(reader, viewer, key, "AUTHORITY_REVIEW", [outcome])


async def certificate_page(db: Database, viewer: Actor, nurse_id: UUID) -> Row:
    """A nurse's certificate in force."""
    async with db.read() as reader:
        return await pages.certificate_page(reader, viewer, nurse_id)

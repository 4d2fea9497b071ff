"""The subjects of a file that have no such paper, and how they stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from db.deregistration_letter import with_decision
from db.expiry_notice import on_register
from db.letter import LETTERS, with_letter
from db.paper import with_certificate
from db.period_letter import OF_PERIOD, with_notice
from db.store.engine import Reader
from db.store.tables import nurse, registration
from db.store.tables_application import application
from rules.application import State
from rules.kinds import Kind
from rules.people import Actor
from rules.printable import Unprinted
from rules.registration import RegistrationStatus
from rules.ticket import Downloaded, FileKind

_OF_ENTRIES: Final[Mapping[Downloaded, Callable[[Reader, Actor, Sequence[UUID]], Awaitable[set[UUID]]]]] = {
    FileKind.CERTIFICATE: with_certificate,
    FileKind.EXPIRY_NOTICE: on_register,
    FileKind.DEREGISTRATION_LETTER: with_decision,
}
"""The papers of an entry in the register, and the nurses who have one."""


async def unprinted(reader: Reader, viewer: Actor, file: Downloaded, subjects: Sequence[UUID]) -> dict[UUID, Unprinted]:
    """Those of whom there is no such paper; the caller has seen that the viewer may read them all."""
    if isinstance(file, FileKind) and file in LETTERS | OF_PERIOD:
        having = with_letter if file in LETTERS else with_notice
        lacking = {*subjects} - await having(reader, viewer, subjects, file)
        query = select(application.c.id, application.c.nurse_name, application.c.kind, application.c.state)
        rows = await reader.execute(query.where(application.c.id.in_(lacking)))
        return {row.id: Unprinted(row.nurse_name, State(row.state), Kind(row.kind)) for row in rows}
    if file in _OF_ENTRIES:
        lacking = {*subjects} - await _OF_ENTRIES[file](reader, viewer, subjects)
        entries = nurse.join(registration, registration.c.nurse_id == nurse.c.id)
        hers = select(nurse.c.id, nurse.c.name, registration.c.status).select_from(entries)
        rows = await reader.execute(hers.where(nurse.c.id.in_(lacking)))
        return {row.id: Unprinted(row.name, RegistrationStatus(row.status)) for row in rows}
    return {}

"""The content of a hand-out list (领证登记表), read under the viewer's scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from db.read import scope
from db.read.batch import Row
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import authority, nurse, registration
from db.store.tables_certificate import certificate, certificate_blank
from rules.people import Actor


async def lines(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The certificate in force of each nurse that is on a blank of the viewer's authority or one below it."""
    blank = certificate_blank.c
    source = (
        certificate_blank.join(certificate, certificate.c.id == blank.certificate_id)
        .join(nurse, nurse.c.id == certificate.c.nurse_id)
        .join(registration, registration.c.nurse_id == nurse.c.id)
        .join(authority, authority.c.id == blank.authority_id)
    )
    query = select(
        *(certificate.c.nurse_id, nurse.c.name, certificate.c.number, certificate.c.serial),
        *(blank.number.label("blank_number"), blank.printed_at, blank.handed_out_at, blank.collector, blank.proxy_name),
        authority.c.name.label("authority"),
    ).select_from(source)
    seen = (scope.nurses(single(viewer)), scope.certificate_blanks(single(viewer)))
    query = query.where(nurse.c.id.in_(list(nurse_ids)), *seen)
    query = query.where(blank.spoiled_at.is_(None), certificate.c.voided_at.is_(None))
    return {row["nurse_id"]: dict(row) for row in (await reader.execute(query)).mappings()}

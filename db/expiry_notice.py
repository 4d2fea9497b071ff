"""Notices on paper that a registration runs out (注册届满提醒单), for whom nobody can write to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, select

from db.paper import rows_of
from db.read import scope
from db.read.batch import Row
from db.read.viewer import single
from db.store.engine import Reader
from db.store.tables import authority, institution, nurse, registration
from rules.people import Actor
from rules.registration import RegistrationStatus

_r: Final = registration.c
_ENTRY: Final = registration.join(nurse, and_(nurse.c.id == _r.nurse_id, _r.status == RegistrationStatus.VALID))


async def on_register(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> set[UUID]:
    """The nurses whose registration has an end."""
    query = select(nurse.c.id).select_from(_ENTRY).where(nurse.c.id.in_(nurse_ids), scope.nurses(single(viewer)))
    return {row.id for row in await reader.execute(query)}


async def notices(reader: Reader, viewer: Actor, nurse_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The facts of each notice: who she is, where she works, when her registration ends, when she may file."""
    source = _ENTRY.join(authority, authority.c.id == _r.authority_id)
    source = source.outerjoin(institution, institution.c.id == _r.institution_id)
    query = select(
        *(nurse.c.id, nurse.c.name, nurse.c.id_number_masked, _r.certificate_number, _r.valid_until),
        func.coalesce(institution.c.name, authority.c.name).label("place"),
        *(authority.c.name.label("authority"), authority.c.renewal_window_days, func.now().label("at")),
    ).select_from(source)
    rows = await reader.execute(query.where(nurse.c.id.in_(nurse_ids), scope.nurses(single(viewer))))
    return {row["id"]: row for row in rows_of(rows)}

"""Queries for undoing a decision."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import case, select, update

from db.engine import Tx
from db.tables import authority, institution, registration_history
from db.tables_application import application, certificate
from rules.errors import NotFound
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.registration import RegistrationStatus
from rules.void import Stage

_NAMES: Final = ("application_id", "kind", "status", "certificate_number", "valid_until", "authority_id")


async def where_decided(tx: Tx, application_id: UUID) -> tuple[UUID, str]:
    """Which authority decides an application, and that authority's place in the tree."""
    query = select(authority.c.id, authority.c.path)
    query = query.join(authority, authority.c.id == application.c.authority_id)
    row = (await tx.execute(query.where(application.c.id == application_id))).one_or_none()
    if row is None:
        raise NotFound
    return row.id, row.path


async def stages(tx: Tx, nurse_id: UUID) -> list[Stage]:
    """The history of a locked nurse's entry, newest first; an institution that has closed is none any more."""
    history = registration_history.c
    place = case((institution.c.state != InstitutionState.CLOSED, institution.c.id)).label("institution_id")
    query = select(*(history[name] for name in _NAMES), place).where(history.nurse_id == nurse_id)
    query = query.outerjoin(institution, institution.c.id == history.institution_id)
    return [
        Stage(
            **{
                **row,
                "kind": row["kind"] and Kind[row["kind"]],
                "status": RegistrationStatus[row["status"]],
            }
        )
        for row in (await tx.execute(query.order_by(history.id.desc()))).mappings()
    ]


async def revive_certificate(tx: Tx, nurse_id: UUID) -> None:
    """A locked nurse's last certificate is in force again."""
    last = select(certificate.c.id).where(certificate.c.nurse_id == nurse_id).order_by(certificate.c.id.desc()).limit(1)
    of = update(certificate).where(certificate.c.id == last.scalar_subquery())
    await tx.execute(of.values(voided_at=None))

"""Queries for undoing a decision."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import and_, case, or_, select, update

from db.store.engine import Tx
from db.store.tables import authority, institution, registration_history
from db.store.tables_application import application, review_decision
from db.store.tables_certificate import certificate
from rules.application import State
from rules.errors import NotFound
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.reasons import Reason
from rules.registration import RegistrationStatus
from rules.void import Refusal, Stage

_NAMES: Final = ("application_id", "kind", "status", "certificate_number", "valid_until", "authority_id")


async def where_decided(tx: Tx, application_id: UUID) -> tuple[UUID, str]:
    """The authority that decides an application, and that authority's place in the tree."""
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


async def refusals(tx: Tx, nurse_id: UUID) -> list[Refusal]:
    """The standing refusals of a locked nurse, with a decision that is just being undone among them."""
    query = select(review_decision.c.application_id, review_decision.c.reasons, review_decision.c.at)
    query = query.join(application, application.c.id == review_decision.c.application_id)
    final = and_(application.c.nurse_id == nurse_id, application.c.state.in_([State.REJECTED, State.NOT_ACCEPTED]))
    ending = or_(
        and_(review_decision.c.stage == "AUTHORITY_DECISION", review_decision.c.outcome == "REFUSED"),
        review_decision.c.outcome == "NOT_ACCEPTED",
    )
    rows = await tx.execute(query.where(final, ending))
    return [Refusal(row.application_id, tuple(map(Reason, row.reasons)), tx.date_of(row.at)) for row in rows]


async def revive_certificate(tx: Tx, nurse_id: UUID) -> None:
    """A locked nurse's last certificate is in force again."""
    last = select(certificate.c.id).where(certificate.c.nurse_id == nurse_id).order_by(certificate.c.id.desc()).limit(1)
    of = update(certificate).where(certificate.c.id == last.scalar_subquery())
    await tx.execute(of.values(voided_at=None, void_reason=None))

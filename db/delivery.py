"""Queries on deliveries (送达): the steps' side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from db.store.engine import Tx
from db.store.tables import nurse
from db.store.tables_application import application, delivery, review_decision
from db.store.tables_certificate import certificate
from rules.delivery import Delivery, DeliveryWay
from rules.errors import NotFound


async def lock(tx: Tx, key: UUID) -> Delivery:
    """The delivery of a decision, held until the commit."""
    columns = (delivery.c.id, delivery.c.nurse_id, delivery.c.authority_id, delivery.c.decided_at, delivery.c.at)
    consented = nurse.c.delivery_consent_at.is_not(None).label("consented")
    query = select(*columns, consented).join(nurse, nurse.c.id == delivery.c.nurse_id).where(delivery.c.id == key)
    row = (await tx.execute(query.with_for_update(of=delivery))).mappings().one_or_none()
    if row is None:
        raise NotFound
    return Delivery(**row)


@dataclass(frozen=True, slots=True)
class Subject:
    """The application that a delivered decision is on, as events tell of it."""

    id: UUID
    kind: str
    state: str
    version: int


async def subject(tx: Tx, key: UUID) -> Subject:
    """The application of a decision."""
    joined = review_decision.join(application, application.c.id == review_decision.c.application_id)
    columns = (application.c.id, application.c.kind, application.c.state, application.c.version)
    found = (await tx.execute(select(*columns).select_from(joined).where(review_decision.c.id == key))).one_or_none()
    if found is None:
        raise NotFound
    return Subject(found.id, found.kind, found.state, found.version)


async def lock_granted(tx: Tx, authority_id: UUID, nurse_ids: Sequence[UUID]) -> list[tuple[Delivery, Subject]]:
    """The deliveries that an authority owes of the decisions by which the certificates in force of nurses were issued,
    with their applications, held until the commit.
    """
    joined = (
        delivery.join(review_decision, review_decision.c.id == delivery.c.id)
        .join(application, application.c.id == review_decision.c.application_id)
        .join(certificate, certificate.c.application_id == application.c.id)
    )
    columns = (delivery.c.id, delivery.c.nurse_id, delivery.c.decided_at, application.c.id.label("application_id"))
    query = select(*columns, application.c.kind, application.c.state, application.c.version).select_from(joined)
    granted = (review_decision.c.stage == "AUTHORITY_DECISION", review_decision.c.outcome.in_(("AGREED", "DEEMED")))
    owed = (delivery.c.authority_id == authority_id, delivery.c.at.is_(None), certificate.c.voided_at.is_(None))
    query = query.where(certificate.c.nurse_id.in_(list(nurse_ids)), *granted, *owed)
    rows = await tx.execute(query.order_by(delivery.c.id).with_for_update(of=delivery))
    return [
        (
            Delivery(row.id, row.nurse_id, authority_id, row.decided_at, None, False),
            Subject(row.application_id, row.kind, row.state, row.version),
        )
        for row in rows
    ]


async def write(
    tx: Tx, key: UUID, *, how: DeliveryWay, at: datetime, by: UUID, postal_number: str | None = None
) -> None:
    """Record how and when a decision was delivered, and who says so."""
    values = {"how": how, "at": at, "recorded_by": by, "postal_number": postal_number}
    await tx.execute(update(delivery).where(delivery.c.id == key).values(**values))


async def consent(tx: Tx, nurse_id: UUID, since: datetime | None) -> None:
    """Record since when a nurse consents to electronic delivery (电子送达); None: she does not."""
    await tx.execute(update(nurse).where(nurse.c.id == nurse_id).values(delivery_consent_at=since))

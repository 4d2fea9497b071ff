"""Queries on deliveries (送达): the steps' side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Join, and_, select, update

from db.store.engine import Tx
from db.store.tables import nurse
from db.store.tables_application import application, delivery, review_decision
from db.store.tables_certificate import certificate, certificate_blank
from rules.delivery import Delivery, DeliveryWay
from rules.errors import NotFound


async def lock(tx: Tx, key: UUID) -> Delivery:
    """The delivery of a decision, held until the commit."""
    columns = (*(delivery.c[name] for name in ("id", "nurse_id", "authority_id", "decided_at", "at", "how")),)
    consented = nurse.c.delivery_consent_at.is_not(None).label("consented")
    query = select(*columns, consented).join(nurse, nurse.c.id == delivery.c.nurse_id).where(delivery.c.id == key)
    row = (await tx.execute(query.with_for_update(of=delivery))).mappings().one_or_none()
    if row is None:
        raise NotFound
    return Delivery(**{**row, "how": row["how"] and DeliveryWay(row["how"])})


_GRANTED: Final = (
    delivery.join(review_decision, review_decision.c.id == delivery.c.id)
    .join(application, application.c.id == review_decision.c.application_id)
    .join(certificate, certificate.c.application_id == application.c.id)
)


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
    return await _granted(tx, authority_id, _GRANTED, nurse_ids, delivery.c.at.is_(None))


async def lock_handed_out(tx: Tx, authority_id: UUID, nurse_ids: Sequence[UUID]) -> list[tuple[Delivery, Subject]]:
    """The deliveries that were recorded with the certificates in force of nurses, in the same way: the same officer
    said of both that it was at the same moment.
    """
    blank = certificate_blank.c
    with_it = and_(blank.certificate_id == certificate.c.id, blank.spoiled_at.is_(None))
    one_act = (delivery.c.at == blank.handed_out_at, delivery.c.recorded_by == blank.handed_out_by)
    return await _granted(tx, authority_id, _GRANTED.join(certificate_blank, with_it), nurse_ids, *one_act)


async def _granted(
    tx: Tx, authority_id: UUID, source: Join, nurse_ids: Sequence[UUID], *only: ColumnElement[bool]
) -> list[tuple[Delivery, Subject]]:
    columns = (delivery.c.id, delivery.c.nurse_id, delivery.c.decided_at, application.c.id.label("application_id"))
    query = select(*columns, application.c.kind, application.c.state, application.c.version).select_from(source)
    granted = (review_decision.c.stage == "AUTHORITY_DECISION", review_decision.c.outcome.in_(("AGREED", "DEEMED")))
    in_force = (delivery.c.authority_id == authority_id, certificate.c.voided_at.is_(None))
    query = query.where(certificate.c.nurse_id.in_(list(nurse_ids)), *granted, *in_force, *only)
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


async def withdraw(tx: Tx, key: UUID) -> None:
    """Take back how and when a decision was delivered: it waits again."""
    nothing = {"how": None, "at": None, "recorded_by": None, "postal_number": None}
    await tx.execute(update(delivery).where(delivery.c.id == key).values(**nothing))


async def consent(tx: Tx, nurse_id: UUID, since: datetime | None) -> None:
    """Record since when a nurse consents to electronic delivery (电子送达); None: she does not."""
    await tx.execute(update(nurse).where(nurse.c.id == nurse_id).values(delivery_consent_at=since))

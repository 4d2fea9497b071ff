"""Certificates are handed out (领证登记): who took each and when; it delivers the decision that granted it besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import certificate_blank as blanks
from db import delivery as deliveries
from db.delivery import Subject
from db.feed.event import Addressed
from rules.certificate_blank import Certificate, require_keeper
from rules.delivery import Delivery, require_moment
from rules.errors import Together
from rules.hand_out import Collector, Taking, require_handed_out, require_taken, require_waiting, taking
from rules.nurse_event import CERTIFICATE_HAND_OUT_WITHDRAWN, CERTIFICATE_HANDED_OUT, nurse_body
from rules.wording import reasoned
from workflow.certificate_blank import OfCertificates, in_force, live, record_each, require_each
from workflow.delivery import DELIVERED, WITHDRAWN, delivery_news
from workflow.step import Lock, Underway, read


@read(Lock.REQUEST)
async def owed(step: Underway[CertificatesHandOut]) -> Sequence[tuple[Delivery, Subject]]:
    """The decisions that granted these certificates and are not delivered yet, locked."""
    return await deliveries.lock_granted(step.tx, require_keeper(step.actor), step.command.nurse_ids)


@dataclass(frozen=True, slots=True, repr=False)
class CertificatesHandOut(OfCertificates):
    """An officer's word on who took certificates, and when (领证登记)."""

    collector: Collector
    proxy_name: str | None = None
    proxy_last4: str | None = None
    postal_number: str | None = None
    at: datetime | None = None
    reads = (owed, in_force, live)
    writes = frozenset({"certificate_blank", "delivery"})
    audited = False

    async def take(self, step: Underway[CertificatesHandOut]) -> None:
        """Record it of all of the list, or of none; with a certificate the decision is delivered (许可法 44)."""
        step.key, found = require_keeper(step.actor), step[in_force]
        at, now = self.at or step.tx.now, step.tx.now
        with Together() as each:
            each(lambda: self._waiting(step))
            how = each(lambda: taking(self.collector, self.proxy_name, self.proxy_last4, self.postal_number))
            each(lambda: require_taken(at, now, step.tx.date_of(at), [*found.values()]))
        keys = [step[live][key].id for key in self.nurse_ids]
        await blanks.hand_out(step.tx, keys, how, at, step.actor.account_id)
        await _deliver(step, how, at)
        for key in self.nurse_ids:
            _heard(step, CERTIFICATE_HANDED_OUT, found[key])
        details = {key: {"blank": step[live][key].id, "collector": how.collector} for key in self.nurse_ids}
        await record_each(step, details)

    def _waiting(self, step: Underway[CertificatesHandOut]) -> None:
        require_each(step)
        require_waiting(self.nurse_ids, step[live])


@read(Lock.REQUEST)
async def with_them(step: Underway[CertificatesHandOutWithdraw]) -> Sequence[tuple[Delivery, Subject]]:
    """The decisions that were delivered with these certificates, locked."""
    return await deliveries.lock_handed_out(step.tx, require_keeper(step.actor), step.command.nurse_ids)


@dataclass(frozen=True, slots=True, repr=False)
class CertificatesHandOutWithdraw(OfCertificates):
    """An officer's word that certificates were recorded as taken by mistake (撤销领证登记)."""

    reason: str
    reads = (with_them, in_force, live)
    writes = frozenset({"certificate_blank", "delivery"})
    audited = False

    async def take(self, step: Underway[CertificatesHandOutWithdraw]) -> None:
        """All of the list wait again, or none, and with them the decisions that were delivered in the same act."""
        step.key, found = require_keeper(step.actor), step[in_force]
        with Together() as each:
            each(lambda: self._taken(step))
            reason = each(lambda: reasoned(self.reason))
        taken = [step[live][key].id for key in self.nurse_ids]
        await blanks.take_back(step.tx, taken)
        for one, about in _granted(step[with_them], found):
            await deliveries.withdraw(step.tx, one.id)
            step.news += delivery_news(WITHDRAWN, step.actor, one, about)
        for key in self.nurse_ids:
            _heard(step, CERTIFICATE_HAND_OUT_WITHDRAWN, found[key])
        await record_each(step, {key: {"blank": step[live][key].id, "reason": reason} for key in self.nurse_ids})

    def _taken(self, step: Underway[CertificatesHandOutWithdraw]) -> None:
        require_each(step)
        require_handed_out(self.nurse_ids, step[live])


async def _deliver(step: Underway[CertificatesHandOut], how: Taking, at: datetime) -> None:
    granted = _granted(step[owed], step[in_force])
    for one, about in granted:
        require_moment(at, one, step.tx.now)
        by, number = step.actor.account_id, how.postal_number
        await deliveries.write(step.tx, one.id, how=how.delivers, at=at, by=by, postal_number=number)
        step.news += delivery_news(DELIVERED, step.actor, one, about)


def _granted(
    owed: Sequence[tuple[Delivery, Subject]], found: Mapping[UUID, Certificate]
) -> list[tuple[Delivery, Subject]]:
    """The deliveries of what granted the certificates as they are locked: another may have taken the place of one."""
    applications = {one.application_id for one in found.values()}
    return [(one, about) for one, about in owed if about.id in applications]


def _heard(step: Underway[Any], type: str, one: Certificate) -> None:
    """She and her authority hear of it."""
    body = nurse_body(one.nurse_id, one.name, one.number, one.id_number_masked, step.actor.party)
    for scope in (one.nurse_id, step.key):
        step.news.append(Addressed(scope, type, None, step.by, None, body))

"""Certificates are handed out (领证登记): who took each and when; it delivers the decision that granted it besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import certificate_blank as blanks
from db import delivery as deliveries
from db.delivery import Subject
from db.feed.event import Addressed
from rules.certificate_blank import Certificate, require_certificates, require_keeper
from rules.delivery import Delivery, require_moment
from rules.errors import Together
from rules.hand_out import Collector, Taking, require_taken, require_waiting, taking
from rules.nurse_event import CERTIFICATE_HANDED_OUT, nurse_body
from workflow.certificate_blank import OfCertificates, in_force, live, record_each
from workflow.delivery import delivered
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
            _heard(step, found[key])
        details = {key: {"blank": step[live][key].id, "collector": how.collector} for key in self.nurse_ids}
        await record_each(step, details)

    def _waiting(self, step: Underway[CertificatesHandOut]) -> None:
        require_certificates(step.actor, self.nurse_ids, step[in_force])
        require_waiting(self.nurse_ids, step[live])


async def _deliver(step: Underway[CertificatesHandOut], how: Taking, at: datetime) -> None:
    granted = _granted(step[owed], step[in_force])
    for one, about in granted:
        require_moment(at, one, step.tx.now)
        by, number = step.actor.account_id, how.postal_number
        await deliveries.write(step.tx, one.id, how=how.delivers, at=at, by=by, postal_number=number)
        step.news += delivered(step.actor, one, about)


def _granted(
    owed: Sequence[tuple[Delivery, Subject]], found: Mapping[UUID, Certificate]
) -> list[tuple[Delivery, Subject]]:
    """The deliveries of what granted the certificates as they are locked: another may have taken the place of one."""
    applications = {one.application_id for one in found.values()}
    return [(one, about) for one, about in owed if about.id in applications]


def _heard(step: Underway[CertificatesHandOut], one: Certificate) -> None:
    """She and her authority hear of it."""
    body = nurse_body(one.nurse_id, one.name, one.number, one.id_number_masked, step.actor.party)
    for scope in (one.nurse_id, step.key):
        step.news.append(Addressed(scope, CERTIFICATE_HANDED_OUT, None, step.by, None, body))

"""The delivery of a decision (送达): the nurse takes it on her page, or an officer records how it reached her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from db import delivery as deliveries
from db.delivery import Subject
from db.feed.event import Addressed
from rules.delivery import (
    Delivery,
    DeliveryWay,
    require_hers,
    require_may_deliver,
    require_may_withdraw,
    require_moment,
    require_way,
)
from rules.errors import NotFound, Together
from rules.people import Actor, Role, require
from rules.wording import reasoned
from workflow.step import USUAL, Command, Lock, Underway, read

DELIVERED: Final = "application.delivered"
WITHDRAWN: Final = "application.delivery_withdrawn"


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryStep(Command):
    """Somebody's word that a decision was delivered; gives the delivery, whose id is the decision's."""

    delivery_id: UUID

    @property
    def subject(self) -> UUID:
        """The delivery."""
        return self.delivery_id


@read(Lock.REQUEST)
async def delivery(step: Underway[DeliveryStep]) -> Delivery:
    """The delivery, locked."""
    return await deliveries.lock(step.tx, step.command.delivery_id)


@read()
async def application(step: Underway[DeliveryStep]) -> Subject:
    """The application that was decided."""
    return await deliveries.subject(step.tx, step.command.delivery_id)


@dataclass(frozen=True, slots=True, repr=False)
class DecisionAcknowledge(DeliveryStep):
    """The nurse's word that she has read a decision on her page (网页签收); once read, it stays read."""

    reads = (delivery, application)
    writes = frozenset({"delivery"})

    async def take(self, step: Underway[DecisionAcknowledge]) -> None:
        """The decision is delivered by now, where it was not before and she consents to electronic delivery."""
        found = step[delivery]
        require_hers(step.actor, found)
        step.nurse_id = found.nurse_id
        if found.at is None:
            how = DeliveryWay.PAGE
            await deliveries.write(step.tx, found.id, how=how, at=step.tx.now, by=step.actor.account_id)
            _heard(step, how)


@dataclass(frozen=True, slots=True, repr=False)
class DecisionDeliver(DeliveryStep):
    """An officer's word on how a decision reached the nurse (送达登记)."""

    how: DeliveryWay
    at: datetime | None = None
    postal_number: str | None = None
    reads = (delivery, application)
    writes = frozenset({"delivery"})

    async def take(self, step: Underway[DecisionDeliver]) -> None:
        """Record it, once."""
        found, at = step[delivery], self.at or step.tx.now
        require_may_deliver(step.actor, found)
        with Together() as each:
            number = each(lambda: require_way(self.how, self.postal_number, found))
            each(lambda: require_moment(at, found, step.tx.now))
        by = step.actor.account_id
        await deliveries.write(step.tx, found.id, how=self.how, at=at, by=by, postal_number=number)
        _heard(step, self.how)


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryWithdraw(DeliveryStep):
    """An officer's word that a delivery was recorded by mistake (撤销送达登记)."""

    reason: str
    reads = (delivery, application)
    writes = frozenset({"delivery"})

    async def take(self, step: Underway[DeliveryWithdraw]) -> None:
        """The decision waits to be delivered again, and its periods have not begun."""
        found = step[delivery]
        require_may_withdraw(step.actor, found)
        step.nurse_id = found.nurse_id
        step.detail = {"decision": found.id, "how": found.how, "at": found.at, "reason": reasoned(self.reason)}
        await deliveries.withdraw(step.tx, found.id)
        step.news = delivery_news(WITHDRAWN, step.actor, found, step[application])


def _heard(step: Underway[DeliveryStep], how: DeliveryWay) -> None:
    found = step[delivery]
    step.nurse_id, step.detail = found.nurse_id, {"decision": found.id, "how": how}
    step.news = delivery_news(DELIVERED, step.actor, found, step[application])


def delivery_news(type: str, by: Actor, found: Delivery, about: Subject) -> list[Addressed]:
    """She and the authority hear of a delivery, and it leaves the authority's list of what is not delivered, or that
    it was a mistake, and it is there again.
    """
    stands = {"from": about.state, "to": about.state, "version": about.version}
    body = {"kind": about.kind, "step": None, **stands, "by": by.party}
    return [
        Addressed(scope, type, about.id, by.account_id, None, body) for scope in (found.nurse_id, found.authority_id)
    ]


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryConsentSet(Command):
    """A nurse's consent to electronic delivery (电子送达), or its end; gives her record."""

    consents: bool
    refuses = USUAL - {NotFound}
    writes = frozenset({"nurse"})

    async def take(self, step: Underway[DeliveryConsentSet]) -> None:
        """Keep since when she consents; without consent decisions are delivered on paper."""
        actor = step.actor
        require(actor, Role.NURSE)
        assert actor.party_id is not None, "an active nurse has a record"
        step.key = step.nurse_id = actor.party_id
        step.detail = {"consents": self.consents}
        await deliveries.consent(step.tx, actor.party_id, step.tx.now if self.consents else None)

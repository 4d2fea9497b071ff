"""A step under way: what was ordered, what is locked, what is written, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from db import application as applications
from db import lease as leases
from db.feed import event
from db.session import Session
from db.store.engine import Tx
from rules.application import Application, State, Step
from rules.events import EVENT_OF, EVENTS, queue_change, queue_count
from rules.form import Form, form_to_json
from rules.moves import LEASES
from rules.people import Actor, Party
from rules.reasons import Reason


@dataclass(frozen=True, slots=True)
class Order:
    """One person's wish to take one step on one application, as she last saw it (`expected_version`).

    The system's scheduler has no session.
    """

    session: Session | None
    step: Step
    application_id: UUID
    expected_version: int
    idempotency_key: str | None = None
    form: Form | None = None
    reasons: tuple[Reason, ...] = ()
    marked_fields: tuple[str, ...] = ()
    confirmed_fields: tuple[str, ...] = ()
    opinion: str | None = None
    agrees: bool = True
    given: Mapping[str, Any] = field(default_factory=dict)  # what only this step asks for

    def content(self) -> dict[str, Any]:
        """What makes two requests the same request."""
        form = self.form and form_to_json(self.form)
        told = [self.reasons, self.marked_fields, self.confirmed_fields, self.opinion, self.agrees]
        named = {"id": self.application_id, "version": self.expected_version, "form": form, "told": told}
        return {**named, "given": {name: str(value) for name, value in self.given.items()}} if self.given else named


@dataclass(slots=True)
class Case:
    """A step under way: the order, the locked application, and what the step writes."""

    tx: Tx
    actor: Actor
    order: Order
    application: Application
    target: State
    values: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    also: list[event.Addressed] = field(default_factory=list)  # what else happened in the same step, as that she moved

    @property
    def version(self) -> int:
        """The application's version once the step is taken: a lease is no change of it."""
        return self.application.version + (self.order.step not in LEASES)

    @property
    def by(self) -> UUID | None:
        """The account that is written down for the step: none for the system's scheduler."""
        return None if self.actor.party is None else self.actor.account_id

    async def decide(self, stage: str, outcome: str) -> None:
        """Keep the decision (ReviewDecision) and tell its outcome."""
        order = self.order
        values = {"stage": stage, "outcome": outcome, "opinion": order.opinion}
        lists = {"reasons": list(order.reasons), "marked_fields": list(order.marked_fields)}
        await applications.insert_decision(self.tx, self.application, self.by, {**values, **lists})
        self.told["outcome"] = outcome


async def write(case: Case) -> None:
    """Write what the step makes of the application."""
    if case.order.step in LEASES:
        await leases.write(case.tx, case.application.id, case.values)
    else:
        await applications.move(case.tx, case.application, case.target, case.by, case.values)


async def tell(case: Case) -> None:
    """Every party of the application hears of the step, in its own order; the scopes' locks come last."""
    await event.record(case.tx, heard(case))


def heard(case: Case) -> list[event.Addressed]:
    """What each party of the application hears of the step: for several steps at once, told in one call."""
    application, step = case.application, case.order.step
    if step not in EVENT_OF or (step is Step.WITHDRAW and application.state is State.DRAFT):
        return case.also
    kind = EVENTS[EVENT_OF[step]]
    body = {
        "kind": application.kind,
        "step": step,
        "from": application.state,
        "to": case.target,
        "version": case.version,
        "by": case.actor.party,
        **case.told,
    }
    told_to = []
    audience = {case.actor.party} if step in LEASES else kind.audience
    for party in (one for one in Party if one in audience):
        for scope, source, target in _scopes(case, party):
            queue = queue_change(party, step, source, target)
            told = body | queue_count(queue, source, target)
            told_to.append(event.Addressed(scope, kind.type, application.id, case.by, queue, told))
    return [*told_to, *case.also]


def _scopes(case: Case, party: Party) -> Iterator[tuple[UUID, State | None, State | None]]:
    """Who one party of the application was and is, and from where to where the application goes in their eyes.

    For whom it was not addressed to before, or is not any more, it stands nowhere; before it is filed only the nurse
    knows of it.
    """
    application = case.application
    named = application.party(party)
    before = named if application.revision > 0 or party is Party.NURSE else None
    after: UUID | None = case.values.get(f"{party.lower()}_id", named)
    if before is not None and before == after:
        yield before, application.state, case.target
        return
    if before is not None:
        yield before, application.state, None
    if after is not None:
        yield after, None, case.target

"""A step under way: what was ordered, what is locked, what is written, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from db import application as applications
from db import event
from db.engine import Tx
from db.session import Session
from rules.application import Application, State, Step
from rules.events import EVENT_OF, EVENTS, QueueChange, queue_change, queue_count
from rules.form import Form, form_to_json
from rules.people import Actor, Party
from rules.reasons import Reason


@dataclass(frozen=True, slots=True)
class Order:
    """One person's wish to take one step on one application, as she last saw it (`expected_version`)."""

    session: Session
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
    also: list[event.Heard] = field(default_factory=list)  # what else happened in the same step, as that she moved

    async def decide(self, stage: str, outcome: str) -> None:
        """Keep the decision (ReviewDecision) and tell its outcome."""
        order = self.order
        values = {"stage": stage, "outcome": outcome, "opinion": order.opinion}
        lists = {"reasons": list(order.reasons), "marked_fields": list(order.marked_fields)}
        await applications.insert_decision(self.tx, self.application, self.actor.account_id, {**values, **lists})
        self.told["outcome"] = outcome


async def tell(case: Case) -> None:
    """Every party of the application hears of the step, in its own order; the scopes' locks come last."""
    application, step = case.application, case.order.step
    if step not in EVENT_OF or (step is Step.WITHDRAW and application.state is State.DRAFT):
        return
    kind = EVENTS[EVENT_OF[step]]
    body = {
        "kind": application.kind,
        "step": step,
        "from": application.state,
        "to": case.target,
        "version": application.version + 1,
        "by": case.actor.party,
        **case.told,
    }
    heard = []
    for party in Party:
        if party in kind.audience and (scope := _scope(case, party)) is not None:
            queue = _queue_change(case, party)
            told = body | queue_count(queue, application.state, case.target)
            heard.append(event.Heard(scope, kind.type, application.id, case.actor.account_id, queue, told))
    await event.record(case.tx, [*heard, *case.also])


def _scope(case: Case, party: Party) -> UUID | None:
    """Who one party of the application is once the step is taken."""
    scope: UUID | None = case.values.get(f"{party.lower()}_id", case.application.party(party))
    return scope


def _queue_change(case: Case, party: Party) -> QueueChange | None:
    """Before it is addressed to a party, the application stands nowhere for it."""
    source = case.application.state if case.application.party(party) is not None else None
    return queue_change(party, case.order.step, source, case.target)

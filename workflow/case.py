"""An application on its way from one state to another: where it goes, what is written of it, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final
from uuid import UUID

from db import application as applications
from db import lease as leases
from db.feed import event
from db.store.engine import Tx
from rules.application import Application, State, Step, next_state
from rules.events import EVENT_OF, EVENTS, queue_change, queue_count
from rules.moves import LEASES, desk
from rules.people import Actor, Party
from rules.reasons import Reason
from rules.wording import remark


class AsBefore(Enum):
    """A value that stays as it was."""

    AS_BEFORE = "as before"


AS_BEFORE: Final = AsBefore.AS_BEFORE
"""A party that stays as it is; None is a value of its own: nobody's."""


@dataclass(slots=True)
class Case:
    """A locked application under way, with what the step writes of it."""

    tx: Tx
    actor: Actor
    step: Step
    application: Application
    target: State
    values: dict[str, Any] = field(default_factory=dict)
    body: dict[str, object] = field(default_factory=dict)
    """Fields of the events besides those that every step has."""
    also: list[event.Addressed] = field(default_factory=list)  # what else happened in the same step, as that she moved
    behind: Sequence[Application] = ()
    """Locked applications that this one blocks no longer once the step is taken."""
    addressed: Application = field(init=False)
    """The application as far as it says whose it is after the step: at first whose it was."""

    def __post_init__(self) -> None:
        self.addressed = self.application

    @classmethod
    def judged(cls, tx: Tx, actor: Actor, step: Step, application: Application, version: int | None = None) -> Case:
        """A step that the table of moves lets this actor take on a locked application; refused as `next_state` does."""
        return cls(tx, actor, step, application, next_state(actor, application, step, tx.now, version))

    @property
    def version(self) -> int:
        """The application's version once the step is taken: a lease is no change of it."""
        return self.application.version + (self.step not in LEASES)

    @property
    def by(self) -> UUID | None:
        """The account that is written down for the step: none for the system's scheduler."""
        return None if self.actor.party is None else self.actor.account_id

    def readdress(
        self, *, institution: UUID | AsBefore | None = AS_BEFORE, authority: UUID | AsBefore | None = AS_BEFORE
    ) -> None:
        """Say whose it is from now on: who had it hears that it goes, and who gets it that it comes."""
        if institution is not AS_BEFORE:
            self.addressed = replace(self.addressed, institution_id=institution)
        if authority is not AS_BEFORE:
            self.addressed = replace(self.addressed, authority_id=authority)

    async def decide(
        self,
        stage: str,
        outcome: str,
        *,
        opinion: str | None = None,
        reasons: Sequence[Reason] = (),
        marked_fields: Sequence[str] = (),
    ) -> None:
        """Keep the decision (ReviewDecision) and tell its outcome."""
        values = {"stage": stage, "outcome": outcome, "opinion": remark("opinion", opinion)}
        lists = {"reasons": list(reasons), "marked_fields": list(marked_fields)}
        given = {**values, **lists}
        await applications.insert_decision(self.tx, self.application, self.by, given, self.actor.on_behalf_of)
        self.body["outcome"] = outcome


async def write(case: Case) -> bool:
    """Write what the step makes of the application; true where nobody may act on it there, so that it must go on."""
    if case.step in LEASES:
        await leases.write(case.tx, case.application.id, case.values)
        return False
    return await applications.move(case.tx, case.application, case.target, case.by, {**case.values, **_address(case)})


def _address(case: Case) -> dict[str, UUID | None]:
    """The columns of whose it is, where it is somebody else's from now on."""
    was, now = case.application, case.addressed
    moved = {} if was.institution_id == now.institution_id else {"institution_id": now.institution_id}
    return moved if was.authority_id == now.authority_id else {**moved, "authority_id": now.authority_id}


def heard(case: Case) -> list[event.Addressed]:
    """The events of the step, for each party of the application; those of several steps are recorded in one call."""
    application, step = case.application, case.step
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
        **case.body,
    }
    events = []
    audience = desk(application.state) if step in LEASES else kind.audience
    for party in (one for one in Party if one in audience):
        for scope, source, target in _scopes(case, party):
            queue = queue_change(party, step, source, target)
            content = body | queue_count(queue, source, target)
            events.append(event.Addressed(scope, kind.type, application.id, case.by, queue, content))
    return [*events, *case.also]


def _scopes(case: Case, party: Party) -> Iterator[tuple[UUID, State | None, State | None]]:
    """The scopes that one party was and is, and from where to where the application goes in their eyes.

    For whom it was not addressed to before, or is not any more, it stands nowhere; before it is filed only the nurse
    knows of it.
    """
    application, after = case.application, case.addressed.party(party)
    before = application.party(party) if application.revision > 0 or party is Party.NURSE else None
    if before is not None and before == after:
        yield before, application.state, case.target
        return
    if before is not None:
        yield before, application.state, None
    if after is not None:
        yield after, None, case.target

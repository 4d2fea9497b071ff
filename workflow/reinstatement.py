"""The way back onto the register (恢复注册) after an annulled 吊销: one decider proposes it, another confirms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from db import conduct as conducts
from db import proposal as proposals
from db import registration as registrations
from db import void as voids
from db.feed.event import Addressed
from db.registration import Entry
from db.store.engine import Tx
from rules.conduct import ConductKind, ConductSource, Decided, WithdrawalGround
from rules.errors import FieldProblem, NotFound, Together, WrongState
from rules.nurse_event import REINSTATED
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role
from rules.proposal import Proposal
from rules.registration import Registration
from rules.reinstatement import reinstate
from rules.verification import RequestKind, RequestState
from rules.void import stand_in
from rules.wording import remark
from workflow.ending import news
from workflow.nurse_case import NurseCommand, entry
from workflow.step import USUAL, Underway, read

_WHY: Final = "恢复注册（{ground}），{issuer}{decided_on}作出、{served_on}送达的决定，文号：{number}"


@read()
async def back(step: Underway[ReinstatementPropose]) -> tuple[Registration, UUID]:
    """Her entry as it will stand, where this officer may put it back, and the row of history that is undone."""
    return await _back(step.tx, step.actor, step[entry])


@dataclass(frozen=True, slots=True, repr=False)
class ReinstatementPropose(NurseCommand):
    """A decider's wish to put a nurse back, by the decision that annulled her 吊销; gives the proposal."""

    annulled: WithdrawalGround
    decided: Decided
    remarks: str | None = None
    refuses = USUAL | {WrongState}
    reads = (entry, back)
    writes = frozenset({"desk_request"})

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input."""
        return self.decided.located(problem)

    async def take(self, step: Underway[ReinstatementPropose]) -> None:
        """Propose it, where it could be done now."""
        with Together() as each:
            served = each(lambda: self.decided.checked(ConductKind.BAD, step.tx.today))
            remarks = each(lambda: remark("remarks", self.remarks))
        by = step.actor
        assert by.party_id is not None
        of = (step.key, RequestKind.REINSTATEMENT, RequestState.PENDING, self.nurse_id, by.party_id, by.account_id)
        said: dict[str, Any] = {"number": served["decision_number"], "remarks": remarks, "annulled": self.annulled}
        said |= {name: served[name] for name in ("decided_on", "served_on", "issuer")}
        await proposals.insert(step.tx, Proposal(*of, step.tx.now, **said))
        step.nurse_id, step.detail = self.nurse_id, {"proposal": step.key, "annulled": self.annulled}


async def _back(tx: Tx, actor: Actor, her: Entry) -> tuple[Registration, UUID]:
    now = her.registration
    if now.authority_id is None:
        raise NotFound
    acting = stand_in(actor, now.authority_id, await voids.path_of(tx, now.authority_id))
    require_own_nurse(acting, now, Role.DECIDER)
    return reinstate(now, await voids.stages(tx, now.nurse_id), await voids.refusals(tx, now.nurse_id))


async def confirmed(tx: Tx, actor: Actor, found: Proposal) -> list[Addressed]:
    """Put her back: as she stood, with her certificate; the record of the 吊销 is withdrawn; who heard of it hears."""
    assert found.annulled is not None
    her = await registrations.lock(tx, found.nurse_id)
    before = her.registration
    after, undoes = await _back(tx, actor, her)
    decided = {"decided_on": found.decided_on, "served_on": found.served_on, "issuer": found.issuer}
    why = _WHY.format(ground=found.annulled.label, number=found.number, **decided)
    await registrations.change(
        tx, after, account_id=actor.account_id, reason=why, business=False, ends=False, undoes=undoes
    )
    await voids.revive_certificate(tx, before.nurse_id)
    await conducts.undo_source(tx, before.nurse_id, ConductSource.REVOCATION, found.annulled, found.number)
    was = await voids.place_before(tx, before.nurse_id, undoes)
    return news(REINSTATED, her, actor, after.institution_id, after.authority_id, was)

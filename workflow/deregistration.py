"""An institution files for the end of a nurse's registration (注销注册申请, I21)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from db import application as applications
from db.registration import Entry
from db.store.engine import Tx
from rules.application import Step
from rules.deregistration import require_institutions_reason
from rules.errors import FieldProblem
from rules.forms import DeregistrationForm
from rules.kinds import Kind
from rules.own_nurse import require_own_nurse
from rules.people import Actor, Role
from workflow.direct_filing import DirectFiling, FiledForm, behind, file
from workflow.institution_review import require_route
from workflow.nurse_case import entry
from workflow.step import Underway


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationFileDeregistration(DirectFiling):
    """An institution's wish that the registration of a nurse of its own ends; gives the application.

    Filed for death, incapacity or revocation, it blocks what is open for her: nothing is granted until it is decided.
    For any other reason it waits until nothing is open.
    """

    reads = (behind, entry)
    writes = frozenset({"application", "application_revision"})

    def located(self, step: Underway[Self], problem: FieldProblem) -> FieldProblem:
        """The problem from the input, which has the form's own fields; a condition is one of the nurse."""
        return replace(problem, path="nurseId") if problem.path == "kind" else problem

    async def take(self, step: Underway[ApplicationFileDeregistration]) -> None:
        """Straight to the authority set for this kind; she is told, and may object."""
        await file(step, FiledForm(self.nurse_id, self.form), Step.FILE_DEREGISTRATION, _route)


async def _route(tx: Tx, actor: Actor, entry: Entry, filing: FiledForm) -> tuple[UUID, UUID]:
    require_own_nurse(actor, entry.registration, Role.OPERATOR)
    assert isinstance(filing.form, DeregistrationForm)
    require_institutions_reason(filing.form.reason)
    assert actor.party_id is not None
    state, authority_id = await applications.approval_route(tx, actor.party_id, Kind.DEREGISTRATION)
    return actor.party_id, require_route(Kind.DEREGISTRATION, state, authority_id)

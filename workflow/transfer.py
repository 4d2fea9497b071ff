"""An application goes on to the competent authority (移送)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import institution as institutions
from rules.application import Step
from rules.competence import competent_paths, require_may_receive
from rules.errors import FieldProblem, Invalid, Words
from workflow.application_step import OpinionStep, case
from workflow.case import Case
from workflow.step import Lock, Underway, read

OWN_AUTHORITY = Words("该业务已在本机关办理", "The application is with your authority already.")
NO_AUTHORITY = Words("没有该审批机关", "There is no such authority.")


@dataclass(frozen=True, slots=True)
class Receiver:
    """The authority that is named, by its place in the tree, and the names of those that may decide."""

    path: str
    competent: list[str]


@read(Lock.NONE, institutions.NAMED_AHEAD)
async def receiver(step: Underway[ApplicationTransfer]) -> Receiver | None:
    """The authority that is named, where there is one."""
    application, tx = step[case].application, step.tx
    assert application.places is not None
    path = await institutions.path_of(tx, step.command.authority_id)
    if path is None:
        return None
    paths = competent_paths(application.kind, application.places)
    # Their names are for a refusal alone.
    return Receiver(path, [] if path in paths else await institutions.authorities_at(tx, paths))


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationTransfer(OpinionStep):
    """The wish of an authority to hand an application on to one that may decide it.

    The periods run on from when the first authority had it.
    """

    authority_id: UUID
    step = Step.TRANSFER
    reads = (case, receiver)
    writes = frozenset({"application", "review_decision"})

    async def effect(self, step: Underway[ApplicationTransfer], moving: Case) -> None:
        """Hand it on."""
        application, to = moving.application, step[receiver]
        if self.authority_id == application.authority_id:
            raise Invalid(FieldProblem("authorityId", "OWN_AUTHORITY", OWN_AUTHORITY))
        if to is None:
            raise Invalid(FieldProblem("authorityId", "NO_AUTHORITY", NO_AUTHORITY))
        assert application.places is not None
        require_may_receive(application.kind, application.places, to.path, to.competent)
        await moving.decide("AUTHORITY_REVIEW", "TRANSFERRED", opinion=self.opinion)
        moving.readdress(authority=self.authority_id)
        moving.values = {"queued_at": step.tx.now, "passed_up_from_id": None}

"""The institution's word on an application: it sends it back, confirms it, or does not (机构审核, I17)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db import application as applications
from rules.application import State, Step
from rules.errors import NotAllowed, Words
from rules.institution import InstitutionState
from rules.kinds import KINDS, Kind
from workflow.application_step import ApplicationStep, MarkStep, OpinionStep, ReasonsStep, asked_for, case, law_there
from workflow.case import Case
from workflow.claim_rejection import give_up
from workflow.step import Lock, Underway, read


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationReturn(MarkStep):
    """An institution's wish for changes on marked fields and materials, with coded reasons (机构退回)."""

    step = Step.RETURN
    reads = (case, asked_for, law_there)
    writes = frozenset({"application", "material_mark", "review_decision"})

    async def effect(self, step: Underway[ApplicationReturn], moving: Case) -> None:
        """Send it back."""
        await self.mark(step, "INSTITUTION", "RETURNED")


@read(Lock.NONE, applications.ROUTE_AHEAD)
async def route(step: Underway[ApplicationStep]) -> tuple[str, UUID | None]:
    """The state of the institution that reviews, and the authority that it has set for this kind."""
    application = step[case].application
    assert application.institution_id is not None
    return await applications.approval_route(step.tx, application.institution_id, application.kind)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationForward(OpinionStep):
    """An institution's confirmation (机构同意, I17): straight to the authority set for this kind (I6), stamped now."""

    step = Step.FORWARD
    reads = (case, route)
    writes = frozenset({"application", "review_decision"})

    async def effect(self, step: Underway[ApplicationForward], moving: Case) -> None:
        """Send it to the authority."""
        authority_id = require_route(moving.application.kind, *step[route])
        await moving.decide("INSTITUTION", "AGREED", opinion=self.opinion)
        moving.readdress(authority=authority_id)
        moving.values = {"forwarded_at": step.tx.now, "queued_at": step.tx.now}


def require_route(kind: Kind, institution_state: str, authority_id: UUID | None) -> UUID:
    """The authority that an institution has set for this kind (审批机关设置, I6), or what it must set first."""
    if institution_state != InstitutionState.ACTIVE:
        raise NotAllowed("INSTITUTION_NOT_ACTIVE", Words("本机构未处于启用状态", "The institution is not active."))
    if authority_id is None:
        title = KINDS[kind].title
        zh = f"本机构尚未设置“{title.zh}”的审批机关，或所设机关已无权审批，请先在“审批机关设置”中设置"
        raise NotAllowed("AUTHORITY_NOT_SET", Words(zh, f"Set an authority that may decide on {kind} first."))
    return authority_id


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ApplicationDecline(ReasonsStep):
    """An institution's refusal to confirm (机构不同意, I17): ends what she sent it, frees what it has claimed."""

    step = Step.DECLINE
    reads = (case, law_there)
    writes = frozenset({"application", "claim_rejection", "review_decision"})

    async def effect(self, step: Underway[ApplicationDecline], moving: Case) -> None:
        """End it, for these reasons; what was claimed waits for another, and never for this one again."""
        await self.refuse(moving, "INSTITUTION", "REFUSED", step[law_there])
        if moving.target is State.INSTITUTION_REJECTED:
            moving.values = {"decided_at": step.tx.now}
        else:
            await give_up(moving)

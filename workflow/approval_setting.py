"""An institution says which authority decides on each kind of application (审批机关设置, I6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from db import approval_setting as settings
from db import institution as institutions
from db.institution import Institution
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.kinds import KINDS, ROUTED, Kind
from rules.people import Role, require
from workflow.institution import OFF_CHAIN
from workflow.step import Command, Lock, Underway, read

NOT_ROUTED: Final = Words(
    "证书补办由护士直接向注册机关申请，不需要设置审批机关",
    "A re-issue goes straight to the 注册机关: there is nothing to be set.",
)


@read(Lock.PLACE)
async def own_institution(step: Underway[Command]) -> Institution:
    """The manager's own institution, locked."""
    require(step.actor, Role.MANAGER)
    assert step.actor.party_id is not None, "a manager has an institution"
    return await institutions.lock(step.tx, step.actor.party_id)


@read()
async def off_chain(step: Underway[ApprovalSettingSet]) -> bool:
    """True where the authority asked for is neither the licensing one nor one above it."""
    asked = {one for one in (step.command.authority_id,) if one is not None}
    return bool(await institutions.off_chain(step.tx, step[own_institution].authority_id, asked))


@read()
async def waiting(step: Underway[ApprovalSettingSet]) -> int:
    """The number of its reviews of this kind, which would go on without its word once nobody is set."""
    wish = step.command
    return 0 if wish.authority_id else await settings.waiting(step.tx, step[own_institution].id, wish.kind)


def require_none_waits(kind: Kind, waiting: int) -> None:
    """Refuse to set nobody while reviews of the kind wait: nobody could send them on, and they would leave at once."""
    if waiting:
        title = KINDS[kind].title
        zh = f"有{waiting}件“{title.zh}”正待本机构审核，取消审批机关即不经本机构意见报送；请先审核，或改设其他机关"
        en = f"{waiting} of {kind} wait for your review, and would go on without it: review them, or set another one."
        raise NotAllowed("REVIEWS_WAITING", Words(zh, en))


@dataclass(frozen=True, slots=True, repr=False)
class ApprovalSettingSet(Command):
    """A manager's wish that this authority decides on a kind from now on, or nobody yet; gives the institution.

    Only what is forwarded from now on goes there. The audit trail keeps every change.
    """

    kind: Kind
    authority_id: UUID | None
    reads = (own_institution, off_chain, waiting)
    writes = frozenset({"approval_setting"})

    async def take(self, step: Underway[ApprovalSettingSet]) -> None:
        """Set it where the authority is on the institution's chain, for a kind that goes by it."""
        if self.kind not in ROUTED:
            raise Invalid(FieldProblem("kind", "KIND_NOT_ROUTED", NOT_ROUTED))
        if step[off_chain]:
            raise Invalid(FieldProblem("authorityId", "OFF_CHAIN", OFF_CHAIN))
        require_none_waits(self.kind, step[waiting])
        step.key = step[own_institution].id
        before = await settings.replace(step.tx, step.key, self.kind, self.authority_id)
        step.detail = {"institution": step.key, "kind": self.kind, "from": before, "to": self.authority_id}

"""Going on without the institution (直接报送审批机关): which authority an application goes to then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rules.errors import NotAllowed, Words
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS

NO_AUTHORITY = Words(
    "该业务没有可送审的审批机关，请先由机构设置审批机关或变更执业机构",
    "No authority is known for this application: the institution must set one, or another institution review it.",
)


@dataclass(frozen=True, slots=True)
class Route:
    """The authorities that might decide: set by the institution, the one that licensed it, the nurse's 注册机关."""

    set_for_kind: UUID | None
    licensed_by: UUID | None
    registered_with: UUID | None


def competent(kind: Kind, route: Route) -> UUID:
    """The authority of an application without the institution's word; raises NotAllowed if there is none.

    It is the one that the institution has set for the kind; else the authority that licensed the institution a nurse
    goes to, or the authority of the nurse's current registration.
    """
    own, there = route.registered_with, route.licensed_by
    found = route.set_for_kind or ((there or own) if kind in CLAIMED_KINDS else (own or there))
    if found is None:
        raise NotAllowed("AUTHORITY_UNKNOWN", NO_AUTHORITY)
    return found


PICK_ANOTHER: Final = "institution"
"""The field marked on an application whose institution is gone: the nurse names another one (institutionId)."""

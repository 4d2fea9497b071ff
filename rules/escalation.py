"""Going on without the institution (越级送审): which authority an application goes to then."""

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
    """Where an application goes without the institution's word; refuses where nobody is known.

    What the institution has set for the kind; else, for who goes there, the authority that licensed it, and for who
    is there, the authority with which she is registered.
    """
    own, there = route.registered_with, route.licensed_by
    found = route.set_for_kind or ((there or own) if kind in CLAIMED_KINDS else (own or there))
    if found is None:
        raise NotAllowed("AUTHORITY_UNKNOWN", NO_AUTHORITY)
    return found


PICK_ANOTHER: Final = "institution"
"""What is marked on an application whose institution is gone: the nurse names another one (institutionId)."""

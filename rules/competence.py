"""Authorities that may decide an application (管辖): the institution's, and for what stays the nurse's 注册机关."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.kinds import Kind
from rules.moves import CLAIMED_KINDS


@dataclass(frozen=True, slots=True)
class Places:
    """The places in the tree of authorities that say who may decide: a path each, or None where there is none."""

    deciding: str | None
    """The authority that has the application."""
    licensing: str | None
    """The authority that licensed the institution of the application, or has it on record (条例 8-10)."""
    registered: str | None
    """The nurse's present 注册机关."""

    def roots(self, kind: Kind) -> tuple[str, ...]:
        """The lowest authorities that may decide; those above them may as well."""
        wanted = (self.licensing,) if kind in CLAIMED_KINDS else (self.licensing, self.registered)
        return tuple(dict.fromkeys(path for path in wanted if path is not None))


def may_decide(kind: Kind, places: Places, path: str | None) -> bool:
    """True if the authority at this path may decide an application of this kind.

    It has licensed the institution, or stands above the one that has; a renewal, a deregistration and a new certificate
    concern the present registration, so her 注册机关 and those above it may decide them too.
    """
    return path is not None and any(root.startswith(path) for root in places.roots(kind))


def competent_paths(kind: Kind, places: Places) -> list[str]:
    """The paths of all authorities that may decide, the lowest ones first."""
    lines = [[root[: end + 1] for end in range(1, len(root)) if root[end] == "/"] for root in places.roots(kind)]
    return sorted({path for line in lines for path in line}, key=lambda path: (-path.count("/"), path))


def not_competent(names: Sequence[str]) -> NotAllowed:
    """A refusal to an authority that may not decide the application, with the names of those that may."""
    return NotAllowed("NOT_COMPETENT", _words(names))


def require_may_receive(kind: Kind, places: Places, path: str, names: Sequence[str]) -> None:
    """Refuse to hand an application on to an authority that may not decide it; `names` are of those that may."""
    if not may_decide(kind, places, path):
        raise Invalid(FieldProblem("authorityId", "NOT_COMPETENT", _words(names)))


def _words(names: Sequence[str]) -> Words:
    there = "、".join(names) or "无", ", ".join(names) or "none"
    return Words(
        f"该机关无权审批此业务，有权审批的机关：{there[0]}",
        f"That authority may not decide this application; those that may: {there[1]}.",
    )

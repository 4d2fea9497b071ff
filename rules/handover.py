"""Handing over (交接): the work of one colleague becomes another's, but for what she could not do, or not alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rules.errors import FieldProblem, Invalid, Words
from rules.label import Labelled
from rules.people import AccountState, Actor, Role
from rules.staff import Colleague, require_manages


class Work(Labelled):
    """Work that hangs on one person (个人名下的工作); a claim (认领) is its institution's, and nobody's own."""

    LEASE = "LEASE", "领取的业务"
    RECOMMENDATION = "RECOMMENDATION", "已提出审查意见、尚待决定的业务"
    PROPOSAL = "PROPOSAL", "已提出、尚待确认的提议"


class Obstacle(Labelled):
    """A reason for which work stays with whom it was (不能交接的原因)."""

    ABOUT_HERSELF = "ABOUT_HERSELF", "涉及接手人本人"
    NO_ROLE = "NO_ROLE", "接手人没有办理该业务的角色"
    NOBODY_ELSE_DECIDES = "NOBODY_ELSE_DECIDES", "移交后除接手人外没有其他人可以决定或者确认"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of work: an application or, for a proposal, the request; what became of it."""

    work: Work
    id: UUID
    obstacle: Obstacle | None = None


_SUCCESSOR: Final = Words(
    "接手人应是同一单位在用账户的同事", "Work goes to an active colleague of the same place, and another person."
)


def require_may_hand_over(actor: Actor, giver: Colleague, taker: Colleague, *, same_person: bool) -> None:
    """Refuse whoever does not manage the place; and a taker who is no active colleague there."""
    require_manages(actor, giver.place)
    if taker.place != giver.place or taker.state is not AccountState.ACTIVE or same_person:
        raise Invalid(FieldProblem("to", "NO_SUCCESSOR", _SUCCESSOR))


def obstacle(
    taker: Actor, nurse_ids: Collection[UUID | None], role: Role, deciders: Collection[UUID]
) -> Obstacle | None:
    """The reason for which work that waits for a second person stays; None where it may move.

    `deciders` are those who could decide besides whoever did the first part: where the taker is the only one of them,
    she would answer for both.
    """
    if any(taker.is_nurse(one) for one in nurse_ids):
        return Obstacle.ABOUT_HERSELF
    if not taker.has(role):
        return Obstacle.NO_ROLE
    return Obstacle.NOBODY_ELSE_DECIDES if set(deciders) == {taker.account_id} else None

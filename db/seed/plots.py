"""The ways that seeded applications go: each is a path of one kind through the regulation's own table of moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from rules.application import MOVES, Move, Step
from rules.kinds import Kind
from rules.people import Role


class Named(Enum):
    """Which institution an application of a nurse who moves is filed with."""

    TARGET = auto()
    NOBODY = auto()  # it waits for one that claims it


@dataclass(frozen=True, slots=True)
class Plot:
    """One way that an application goes; an old one was over before the events that are kept."""

    kind: Kind
    moves: tuple[Move, ...]
    old: bool = False
    named: Named = Named.TARGET

    def has(self, step: Step) -> bool:
        """Whether somebody takes this step in it."""
        return any(move.step is step for move in self.moves)

    @property
    def approved(self) -> bool:
        """Whether it ends with a yes that stands."""
        return self.moves[-1].step in (Step.APPROVE, Step.DEEM)


Taken = Step | tuple[Step, Role]


def _plot(kind: Kind, *steps: Taken, old: bool = False, named: Named = Named.TARGET) -> Plot:
    """The rows of the table that the steps take; StopIteration where it has none."""
    found: list[Move] = []
    for taken in steps:
        step, role = taken if isinstance(taken, tuple) else (taken, None)
        state = found[-1].target if found else None
        rows = (m for m in MOVES if m.step is step and m.source is state and kind in m.kinds)
        found.append(next(m for m in rows if role in (None, m.role)))
    return Plot(kind, tuple(found), old, named)


_SILENCE: Final = (Step.ACCEPT, Role.SYSTEM)
_FILED: Final = (Step.CREATE_DRAFT, Step.SUBMIT)
_CLAIMED: Final = (*_FILED, Step.CLAIM_BY_ID_NUMBER)
_RETURNED: Final = (*_FILED, Step.RETURN)
_AGAIN: Final = (*_RETURNED, Step.RESUBMIT)
_FORWARDED: Final = (*_FILED, Step.FORWARD)
_CORRECTED: Final = (*_FORWARDED, Step.REQUIRE_CORRECTION)
_ACCEPTED: Final = (*_FORWARDED, Step.ACCEPT)
_DECIDED: Final = (Step.ACCEPT, Step.RECOMMEND, Step.APPROVE)
_RECOMMENDED: Final = (*_ACCEPTED, Step.RECOMMEND)
_APPROVED: Final = (*_RECOMMENDED, Step.APPROVE)
_REJECTED: Final = (*_RECOMMENDED, Step.REJECT)
# By the institution, and a new certificate: neither waits for a word of the institution.
_BY_OFFICE: Final = (Step.FILE_DEREGISTRATION,)
_REISSUE: Final = (*_FILED, *_DECIDED)

_FIRST, _RENEWAL, _CHANGE, _ENDING = Kind.FIRST, Kind.RENEWAL, Kind.CHANGE, Kind.DEREGISTRATION
_REREGISTRATION, _MILITARY, _NEW = Kind.REREGISTRATION, Kind.MILITARY_TRANSFER, Kind.REISSUE

OPEN_PLOTS: Final[tuple[Plot, ...]] = (
    *[_plot(_RENEWAL, *_FILED)] * 6,
    *[_plot(_RENEWAL, Step.CREATE_DRAFT)] * 3,
    *[_plot(_RENEWAL, *_FORWARDED)] * 3,
    *[_plot(_RENEWAL, *_RETURNED)] * 2,
    *[_plot(_RENEWAL, *_ACCEPTED)] * 2,
    _plot(_RENEWAL, *_AGAIN),
    _plot(_RENEWAL, *_CORRECTED),
    _plot(_RENEWAL, *_CORRECTED, Step.SUPPLEMENT),
    _plot(_RENEWAL, *_RECOMMENDED),
    _plot(_RENEWAL, *_FILED, Step.TAKE),
    _plot(_RENEWAL, *_FORWARDED, Step.TAKE),
    _plot(_RENEWAL, *_FILED, Step.ESCALATE),
    _plot(_RENEWAL, *_FORWARDED, _SILENCE),
    _plot(_RENEWAL, *_ACCEPTED, Step.HOLD),
    _plot(_RENEWAL, *_ACCEPTED, Step.HOLD, Step.RESUME),
    _plot(_RENEWAL, *_ACCEPTED, Step.EXTEND),
    _plot(_RENEWAL, *_FORWARDED, Step.TRANSFER),
    _plot(_RENEWAL, Step.FILE_AT_COUNTER),
    *[_plot(_CHANGE, *_FILED)] * 3,
    _plot(_CHANGE, Step.CREATE_DRAFT),
    _plot(_CHANGE, *_FILED, named=Named.NOBODY),
    _plot(_CHANGE, *_CLAIMED, named=Named.NOBODY),
    _plot(_CHANGE, *_CLAIMED, Step.REJECT_CLAIM, named=Named.NOBODY),
    _plot(_CHANGE, *_FORWARDED),
    _plot(_CHANGE, *_ACCEPTED),
    _plot(_ENDING, *_FILED),
    _plot(_ENDING, *_BY_OFFICE),
    _plot(_ENDING, *_BY_OFFICE, Step.OBJECT),
    _plot(_ENDING, *_BY_OFFICE, Step.ACCEPT, Step.OBJECT, Step.ANSWER_OBJECTION),
    _plot(_NEW, *_FILED),
    _plot(_NEW, *_FILED, Step.ACCEPT),
    _plot(_REREGISTRATION, *_FILED),
    _plot(_REREGISTRATION, *_ACCEPTED),
)
"""What nurses at an institution have open."""

CLOSED_PLOTS: Final[tuple[Plot, ...]] = (
    *[_plot(_RENEWAL, *_APPROVED)] * 6,
    *[_plot(_RENEWAL, *_APPROVED, old=True)] * 4,
    _plot(_RENEWAL, *_AGAIN, Step.FORWARD, *_DECIDED),
    _plot(_RENEWAL, *_REJECTED),
    _plot(_RENEWAL, *_REJECTED, old=True),
    _plot(_RENEWAL, *_FILED, Step.DECLINE),
    _plot(_RENEWAL, *_FILED, Step.DECLINE, old=True),
    _plot(_RENEWAL, *_FORWARDED, Step.REFUSE_INTAKE),
    _plot(_RENEWAL, *_FILED, Step.WITHDRAW),
    _plot(_RENEWAL, *_FORWARDED, Step.WITHDRAW),
    _plot(_RENEWAL, *_RETURNED, Step.LAPSE, old=True),
    _plot(_RENEWAL, *_APPROVED, Step.VOID, old=True),
    _plot(_RENEWAL, *_ACCEPTED, Step.DEEM, old=True),
    _plot(_RENEWAL, *_FORWARDED, Step.TAKE, Step.TRANSFER, *_DECIDED),
    *[_plot(_FIRST, *_APPROVED)] * 2,
    _plot(_FIRST, *_APPROVED, old=True),
    *[_plot(_CHANGE, *_APPROVED)] * 3,
    _plot(_CHANGE, *_APPROVED, old=True),
    _plot(_CHANGE, *_CLAIMED, Step.FORWARD, *_DECIDED, named=Named.NOBODY),
    _plot(_CHANGE, *_REJECTED),
    _plot(_CHANGE, *_FILED, Step.DECLINE),
    _plot(_MILITARY, *_APPROVED),
    *[_plot(_REREGISTRATION, *_APPROVED)] * 2,
    *[_plot(_NEW, *_REISSUE)] * 2,
    _plot(_ENDING, *_BY_OFFICE, (Step.WITHDRAW, Role.OPERATOR)),
    _plot(_ENDING, *_BY_OFFICE, Step.ACCEPT, Step.OBJECT, Step.ANSWER_OBJECTION, Step.RECOMMEND, Step.REJECT),
)
"""What nurses at an institution had."""

NEVER_PLOTS: Final[tuple[Plot, ...]] = (
    *[_plot(_FIRST, *_FILED)] * 3,
    _plot(_MILITARY, *_FILED),
    _plot(_FIRST, *_FORWARDED),
    _plot(_FIRST, *_ACCEPTED),
    _plot(_FIRST, *_FILED, named=Named.NOBODY),
    _plot(_FIRST, *_CLAIMED, named=Named.NOBODY),
    _plot(_FIRST, *_RETURNED),
    _plot(_MILITARY, *_ACCEPTED),
    _plot(_FIRST, *_CORRECTED, Step.SUPPLEMENT),
    _plot(_FIRST, *_REJECTED),
    _plot(_FIRST, Step.CREATE_DRAFT),
)
"""What those have, or had, who were never registered."""

DEREGISTERED_PLOTS: Final[tuple[Plot, ...]] = (
    _plot(_REREGISTRATION, *_FILED),
    _plot(_ENDING, *_FILED, Step.FORWARD, *_DECIDED),
    _plot(_ENDING, *_BY_OFFICE, *_DECIDED),
    _plot(_REREGISTRATION, *_FORWARDED),
    _plot(_RENEWAL, *_FILED, Step.END_REGISTRATION),
    _plot(_ENDING, *_BY_OFFICE, *_DECIDED, old=True),
    _plot(_REREGISTRATION, *_FILED, named=Named.NOBODY),
    _plot(_REREGISTRATION, *_REJECTED),
)
"""What those have who are off the register, or how they came off it."""

DEPARTED_PLOTS: Final[tuple[Plot, ...]] = (
    _plot(_CHANGE, *_FILED),
    _plot(_CHANGE, *_FILED, named=Named.NOBODY),
    _plot(_CHANGE, *_ACCEPTED),
    _plot(_CHANGE, Step.CREATE_DRAFT),
)
"""What those have who are at no institution."""
PLOTS: Final = (*OPEN_PLOTS, *CLOSED_PLOTS, *NEVER_PLOTS, *DEREGISTERED_PLOTS, *DEPARTED_PLOTS)
"""Every one of them."""

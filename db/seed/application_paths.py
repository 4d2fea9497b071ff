"""The paths of seeded applications: each is a path of one kind through the regulation's own table of moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from rules.application import MOVES, Move, Step
from rules.kinds import Kind
from rules.people import Role


class NamedInstitution(Enum):
    """The institution that an application names if the nurse moves."""

    TARGET = auto()
    NONE = auto()  # it waits for one that claims it


@dataclass(frozen=True, slots=True)
class ApplicationPath:
    """One path of an application; an old one was over before the events that are kept."""

    kind: Kind
    moves: tuple[Move, ...]
    old: bool = False
    named: NamedInstitution = NamedInstitution.TARGET

    def has(self, step: Step) -> bool:
        """True if this step is part of the path."""
        return any(move.step is step for move in self.moves)

    @property
    def approved(self) -> bool:
        """True if the path ends with a grant that stands."""
        return self.moves[-1].step in (Step.APPROVE, Step.DEEM)


Taken = Step | tuple[Step, Role]


def _path(
    kind: Kind, *steps: Taken, old: bool = False, named: NamedInstitution = NamedInstitution.TARGET
) -> ApplicationPath:
    """The rows of the table that the steps take; raises StopIteration if there is none."""
    found: list[Move] = []
    for taken in steps:
        step, role = taken if isinstance(taken, tuple) else (taken, None)
        state = found[-1].target if found else None
        rows = (m for m in MOVES if m.step is step and m.source is state and kind in m.kinds)
        found.append(next(m for m in rows if role in (None, m.role)))
    return ApplicationPath(kind, tuple(found), old, named)


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

OPEN_PATHS: Final[tuple[ApplicationPath, ...]] = (
    *[_path(_RENEWAL, *_FILED)] * 6,
    *[_path(_RENEWAL, Step.CREATE_DRAFT)] * 3,
    *[_path(_RENEWAL, *_FORWARDED)] * 3,
    *[_path(_RENEWAL, *_RETURNED)] * 2,
    *[_path(_RENEWAL, *_ACCEPTED)] * 2,
    _path(_RENEWAL, *_AGAIN),
    _path(_RENEWAL, *_CORRECTED),
    _path(_RENEWAL, *_CORRECTED, Step.SUPPLEMENT),
    _path(_RENEWAL, *_RECOMMENDED),
    _path(_RENEWAL, *_FILED, Step.TAKE),
    _path(_RENEWAL, *_FORWARDED, Step.TAKE),
    _path(_RENEWAL, *_FILED, Step.ESCALATE),
    _path(_RENEWAL, *_FORWARDED, _SILENCE),
    _path(_RENEWAL, *_ACCEPTED, Step.HOLD),
    _path(_RENEWAL, *_ACCEPTED, Step.HOLD, Step.RESUME),
    _path(_RENEWAL, *_ACCEPTED, Step.EXTEND),
    _path(_RENEWAL, *_FORWARDED, Step.TRANSFER),
    _path(_RENEWAL, Step.FILE_AT_COUNTER),
    *[_path(_CHANGE, *_FILED)] * 3,
    _path(_CHANGE, Step.CREATE_DRAFT),
    _path(_CHANGE, *_FILED, named=NamedInstitution.NONE),
    _path(_CHANGE, *_CLAIMED, named=NamedInstitution.NONE),
    _path(_CHANGE, *_CLAIMED, Step.REJECT_CLAIM, named=NamedInstitution.NONE),
    _path(_CHANGE, *_FORWARDED),
    _path(_CHANGE, *_ACCEPTED),
    _path(_ENDING, *_FILED),
    _path(_ENDING, *_BY_OFFICE),
    _path(_ENDING, *_BY_OFFICE, Step.OBJECT),
    _path(_ENDING, *_BY_OFFICE, Step.ACCEPT, Step.OBJECT, Step.ANSWER_OBJECTION),
    _path(_NEW, *_FILED),
    _path(_NEW, *_FILED, Step.ACCEPT),
    _path(_REREGISTRATION, *_FILED),
    _path(_REREGISTRATION, *_ACCEPTED),
)
"""The paths of open applications of nurses at an institution."""

CLOSED_PATHS: Final[tuple[ApplicationPath, ...]] = (
    *[_path(_RENEWAL, *_APPROVED)] * 6,
    *[_path(_RENEWAL, *_APPROVED, old=True)] * 4,
    _path(_RENEWAL, *_AGAIN, Step.FORWARD, *_DECIDED),
    _path(_RENEWAL, *_REJECTED),
    _path(_RENEWAL, *_REJECTED, old=True),
    _path(_RENEWAL, *_FILED, Step.DECLINE),
    _path(_RENEWAL, *_FILED, Step.DECLINE, old=True),
    _path(_RENEWAL, *_FORWARDED, Step.REFUSE_INTAKE),
    _path(_RENEWAL, *_FILED, Step.WITHDRAW),
    _path(_RENEWAL, *_FORWARDED, Step.WITHDRAW),
    _path(_RENEWAL, *_RETURNED, Step.LAPSE, old=True),
    _path(_RENEWAL, *_APPROVED, Step.VOID, old=True),
    _path(_RENEWAL, *_ACCEPTED, Step.DEEM, old=True),
    _path(_RENEWAL, *_FORWARDED, Step.TAKE, Step.TRANSFER, *_DECIDED),
    *[_path(_FIRST, *_APPROVED)] * 2,
    _path(_FIRST, *_APPROVED, old=True),
    *[_path(_CHANGE, *_APPROVED)] * 3,
    _path(_CHANGE, *_APPROVED, old=True),
    _path(_CHANGE, *_CLAIMED, Step.FORWARD, *_DECIDED, named=NamedInstitution.NONE),
    _path(_CHANGE, *_REJECTED),
    _path(_CHANGE, *_FILED, Step.DECLINE),
    _path(_MILITARY, *_APPROVED),
    *[_path(_REREGISTRATION, *_APPROVED)] * 2,
    *[_path(_NEW, *_REISSUE)] * 2,
    _path(_ENDING, *_BY_OFFICE, (Step.WITHDRAW, Role.OPERATOR)),
    _path(_ENDING, *_BY_OFFICE, Step.ACCEPT, Step.OBJECT, Step.ANSWER_OBJECTION, Step.RECOMMEND, Step.REJECT),
)
"""The paths of closed applications of nurses at an institution."""

NEVER_PATHS: Final[tuple[ApplicationPath, ...]] = (
    *[_path(_FIRST, *_FILED)] * 3,
    _path(_MILITARY, *_FILED),
    _path(_FIRST, *_FORWARDED),
    _path(_FIRST, *_ACCEPTED),
    _path(_FIRST, *_FILED, named=NamedInstitution.NONE),
    _path(_FIRST, *_CLAIMED, named=NamedInstitution.NONE),
    _path(_FIRST, *_RETURNED),
    _path(_MILITARY, *_ACCEPTED),
    _path(_FIRST, *_CORRECTED, Step.SUPPLEMENT),
    _path(_FIRST, *_REJECTED),
    _path(_FIRST, Step.CREATE_DRAFT),
)
"""The paths of applications, open or closed, of nurses who were never registered."""

DEREGISTERED_PATHS: Final[tuple[ApplicationPath, ...]] = (
    _path(_REREGISTRATION, *_FILED),
    _path(_ENDING, *_FILED, Step.FORWARD, *_DECIDED),
    _path(_ENDING, *_BY_OFFICE, *_DECIDED),
    _path(_REREGISTRATION, *_FORWARDED),
    _path(_RENEWAL, *_FILED, Step.END_REGISTRATION),
    _path(_ENDING, *_BY_OFFICE, *_DECIDED, old=True),
    _path(_REREGISTRATION, *_FILED, named=NamedInstitution.NONE),
    _path(_REREGISTRATION, *_REJECTED),
)
"""The paths of applications of nurses off the register, or of those that ended the registration."""

DEPARTED_PATHS: Final[tuple[ApplicationPath, ...]] = (
    _path(_CHANGE, *_FILED),
    _path(_CHANGE, *_FILED, named=NamedInstitution.NONE),
    _path(_CHANGE, *_ACCEPTED),
    _path(_CHANGE, Step.CREATE_DRAFT),
)
"""The paths of applications of nurses without an institution."""
PATHS: Final = (*OPEN_PATHS, *CLOSED_PATHS, *NEVER_PATHS, *DEREGISTERED_PATHS, *DEPARTED_PATHS)
"""All paths."""

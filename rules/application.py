"""An application and the moves that each actor may make, by `rules/moves.py` and the guards in `rules/guard.py`."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

from rules.application_record import Application
from rules.conflict import Situation
from rules.errors import Conflict, NotAllowed, NotFound, RegistryError, Words, WrongState
from rules.guard import REFUSALS, check_guards
from rules.kinds import Kind
from rules.moves import MOVES, MOVES_OF, OPEN, PENDING, Move, State, Step
from rules.people import PARTY_OF, Actor, Party, Role, holds, require_active, wrong_role

__all__ = [
    "MOVES",
    "OPEN",
    "PENDING",
    "Application",
    "Move",
    "State",
    "Step",
    "mover",
    "next_state",
    "start_state",
    "steps_open_to",
]


OWN: Final = Words("不能办理本人的业务", "You may not act on your own application.")
OWN_CLAIM: Final = Words(
    "不能认领本人的业务，请由其他人员认领；机构没有其他人员的，请撤回后重新提交，并选定该机构，业务将直接报送审批机关",
    "Nobody claims her own application: a colleague does. Where there is none, withdraw it and name the institution"
    " when you file again: then it goes to the authority at once.",
)


def next_state(
    actor: Actor, application: Application, step: Step, now: datetime, expected_version: int | None = None
) -> State:
    """The state to which `step` leads.

    Raises NotFound to strangers, NotAllowed if the role never takes the step, not with this kind, or a rule forbids it,
    Conflict if another person was first, WrongState (with the steps that are open) otherwise.
    """
    try:
        move = _find(actor, application, step)
    except WrongState as wrong:
        # A stale version is told before a wrong state: the client has not seen what happened.
        _same_version(actor, application, expected_version)
        raise WrongState(wrong.state, tuple(steps_open_to(actor, application, now))) from None
    _same_version(actor, application, expected_version)
    check_guards(actor, application, step, now)
    return move.target


def steps_open_to(actor: Actor, application: Application, now: datetime) -> list[Step]:
    """The buttons this person sees, in the order of the table: exactly the steps that `next_state` allows."""
    return [step for step in Step if _rows(actor, step) and _may(actor, application, step, now)]


def _may(actor: Actor, application: Application, step: Step, now: datetime) -> bool:
    try:
        _find(actor, application, step)
        check_guards(actor, application, step, now)
    except RegistryError:
        return False
    return True


def start_state(actor: Actor, step: Step, kind: Kind) -> State:
    """The first state of an application that does not exist yet."""
    for move in _rows(actor, step):
        if move.source is None and kind in move.kinds:
            require_active(actor)
            return move.target
    raise wrong_role([move.role for move in MOVES_OF[step] if kind in move.kinds])


def _rows(actor: Actor, step: Step) -> tuple[Move, ...]:
    return _rows_of(actor.party, actor.roles, step)


@cache
def _rows_of(party: Party | None, roles: frozenset[Role], step: Step) -> tuple[Move, ...]:
    return tuple(move for move in MOVES_OF[step] if holds(roles, move.role) and PARTY_OF[move.role] == party)


def _find(actor: Actor, application: Application, step: Step) -> Move:
    """The row of the table, whatever the guards say."""
    if not _may_know(actor, application, step):
        raise NotFound
    rows = _rows(actor, step)
    if not rows:
        raise wrong_role([move.role for move in MOVES_OF[step]])
    require_active(actor)
    if actor.party is not Party.NURSE and actor.is_nurse(application.nurse_id):
        raise NotAllowed("ABOUT_YOURSELF", OWN_CLAIM if step is Step.CLAIM_BY_ID_NUMBER else OWN)
    if step is Step.WITHDRAW and not _own_filing(actor, application):
        raise NotAllowed("NOT_YOUR_FILING", REFUSALS["NOT_YOUR_FILING"])
    for row in rows:
        fits = row.claimed in (None, application.claimed)
        if fits and row.source is application.state and application.kind in row.kinds:
            return row
    if not any(application.kind in row.kinds for row in rows):
        zh = f"“{application.kind.label}”不能办理“{step.label}”"
        raise NotAllowed(
            "NOT_FOR_KIND", Words(zh, f"The step “{step.english}” is none of a {application.kind.english} application.")
        )
    raise WrongState(application.state)


def _own_filing(actor: Actor, application: Application) -> bool:
    """True if the actor may withdraw the filing.

    An institution withdraws its own, a nurse all but a deregistration by the institution. An application filed for the
    nurse at the counter, or together with colleagues, is the nurse's own.
    """
    institutions = application.filed_by is Party.INSTITUTION
    if actor.party is Party.INSTITUTION:
        return institutions
    return not (institutions and application.kind is Kind.DEREGISTRATION)


def _may_know(actor: Actor, application: Application, step: Step) -> bool:
    """True if this person may know of the application: strangers find none, and others find none before it is filed.

    An institution that claims has named the nurse's ID number, so it may know of an application waiting at any
    institution.
    """
    if actor.party is None:
        return actor.has(Role.SYSTEM)
    if actor.party is Party.INSTITUTION and not actor.reaches(application.unit_id):
        return False
    claims = step is Step.CLAIM_BY_ID_NUMBER and actor.party is Party.INSTITUTION
    if claims and application.state is State.INSTITUTION_REVIEW:
        return True
    filed = application.revision > 0 or actor.party is Party.NURSE
    return filed and actor.party_id is not None and application.party(actor.party) == actor.party_id


def _same_version(actor: Actor, application: Application, expected: int | None) -> None:
    if expected is None or expected == application.version:
        return
    raise Conflict(
        Situation.VERSION_STALE,
        current_version=application.version,
        by=mover(actor, application),
        at=application.moved_at,
    )


def mover(actor: Actor, application: Application) -> str | None:
    """The name of the person who moved it last, shown to colleagues only; None for other viewers."""
    return application.moved_by_name if application.moved_by_party_id == actor.party_id else None

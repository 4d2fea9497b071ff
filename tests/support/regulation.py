"""The table of steps as the regulation states it, written by hand, and applications to try it on.

`rules/moves.py` must say the same. `A … B` is every state from A to B in the diagram's order, detours included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from rules.application import Application, State, Step, next_state
from rules.errors import RegistryError
from rules.kinds import Kind
from rules.people import PARTY_OF, Actor, Party, Role

TABLE: Final = """
create draft         | N        | nothing                    | DRAFT                | every kind
save draft           | N        | DRAFT                      | same                 | every kind
submit               | N        | DRAFT                      | INSTITUTION_REVIEW   | all but REISSUE
submit               | N        | DRAFT                      | AUTHORITY_INTAKE     | REISSUE
file deregistration  | IO       | nothing                    | AUTHORITY_INTAKE     | DEREGISTRATION
file at counter      | AR       | nothing                    | AUTHORITY_INTAKE     | every kind
file collectively    | IO       | nothing                    | AUTHORITY_INTAKE     | FIRST, RENEWAL
object               | N        | AUTHORITY_INTAKE … ACCEPTED| same                 | DEREGISTRATION
object               | AR       | AUTHORITY_INTAKE … ACCEPTED| same                 | DEREGISTRATION
answer objection     | AR       | AUTHORITY_INTAKE, ACCEPTED | same                 | DEREGISTRATION
claim by id number   | IO       | INSTITUTION_REVIEW         | same                 | FIRST, CHANGE, REREGISTRATION, MILITARY_TRANSFER
reject claim         | N        | INSTITUTION_REVIEW         | RETURNED             | FIRST, CHANGE, REREGISTRATION, MILITARY_TRANSFER
reject claim         | N        | INSTITUTION_REVIEW         | same                 | claimed FIRST, CHANGE, REREGISTRATION, MILITARY_TRANSFER
take                 | IO       | INSTITUTION_REVIEW         | same                 | every kind
take                 | AR       | AUTHORITY_INTAKE, ACCEPTED | same                 | every kind
take                 | AD       | ACCEPTED                   | same                 | every kind
put back             | IO       | INSTITUTION_REVIEW         | same                 | every kind
put back             | AR, AD   | AUTHORITY_INTAKE, ACCEPTED | same                 | every kind
reassign             | IM       | INSTITUTION_REVIEW         | same                 | every kind
reassign             | AS       | AUTHORITY_INTAKE, ACCEPTED | same                 | every kind
return               | IO       | INSTITUTION_REVIEW         | RETURNED             | every kind
return               | SYS      | INSTITUTION_REVIEW         | RETURNED             | FIRST, CHANGE, REREGISTRATION, MILITARY_TRANSFER
return               | SYS      | RETURNED                   | same                 | every kind
resubmit             | N        | RETURNED                   | INSTITUTION_REVIEW   | every kind
forward              | IO       | INSTITUTION_REVIEW         | AUTHORITY_INTAKE     | every kind
decline              | IO       | INSTITUTION_REVIEW         | INSTITUTION_REJECTED | every kind
decline              | IO       | INSTITUTION_REVIEW         | same                 | claimed FIRST, CHANGE, REREGISTRATION, MILITARY_TRANSFER
escalate             | N, SYS   | INSTITUTION_REVIEW         | AUTHORITY_INTAKE     | every kind
require correction   | AR       | AUTHORITY_INTAKE           | CORRECTION_REQUIRED  | every kind
supplement           | N, IO, AR| CORRECTION_REQUIRED        | ACCEPTED             | every kind
accept               | AR, SYS  | AUTHORITY_INTAKE           | ACCEPTED             | every kind
refuse intake        | AR       | AUTHORITY_INTAKE           | NOT_ACCEPTED         | every kind
transfer             | AR       | AUTHORITY_INTAKE           | same                 | every kind
pass up              | SYS      | AUTHORITY_INTAKE, ACCEPTED | same                 | every kind
hold                 | AR       | ACCEPTED                   | same                 | every kind
resume               | AR       | ACCEPTED                   | same                 | every kind
extend               | AS       | ACCEPTED                   | same                 | all but CHANGE
recommend            | AR       | ACCEPTED                   | same                 | every kind
approve              | AD       | ACCEPTED                   | APPROVED             | every kind
reject               | AD       | ACCEPTED                   | REJECTED             | every kind
withdraw             | N        | DRAFT … ACCEPTED           | WITHDRAWN            | every kind
withdraw             | IO       | AUTHORITY_INTAKE … ACCEPTED| WITHDRAWN            | DEREGISTRATION, FIRST, RENEWAL
lapse                | SYS      | RETURNED, CORRECTION_REQUIRED, INSTITUTION_REVIEW | LAPSED | every kind
deem                 | SYS      | AUTHORITY_INTAKE, ACCEPTED | APPROVED             | RENEWAL
void                 | PA       | APPROVED, REJECTED         | VOIDED               | every kind
end registration     | SYS      | INSTITUTION_REVIEW … ACCEPTED | VOIDED            | every kind
block                | SYS      | INSTITUTION_REVIEW … ACCEPTED | same              | every kind
unblock              | SYS      | INSTITUTION_REVIEW … ACCEPTED | same              | every kind
"""
DIAGRAM: Final = (
    *(State.DRAFT, State.INSTITUTION_REVIEW, State.RETURNED),
    *(State.AUTHORITY_INTAKE, State.CORRECTION_REQUIRED, State.ACCEPTED),
)
ROLES: Final = {
    "N": Role.NURSE,
    "IO": Role.OPERATOR,
    "IM": Role.MANAGER,
    "AR": Role.REVIEWER,
    "AD": Role.DECIDER,
    "AS": Role.SUPERVISOR,
    "PA": Role.PROVINCIAL_ADMIN,
    "SYS": Role.SYSTEM,
}
Line = tuple[Role, Step, State | None, State, Kind]


def lines() -> Iterator[Line]:
    """Every role, step, state, target and kind that the table allows."""
    for line in TABLE.strip().splitlines():
        step, roles, sources, target, kinds = (cell.strip() for cell in line.split("|"))
        for role in roles.split(", "):
            for source in _states(sources):
                end = source if target == "same" else State[target]
                assert end is not None
                for kind in _kinds(kinds):
                    yield ROLES[role], Step[step.upper().replace(" ", "_")], source, end, kind


def _states(cell: str) -> list[State | None]:
    if cell == "nothing":
        return [None]
    if "…" in cell:
        first, last = (DIAGRAM.index(State[name.strip()]) for name in cell.split("…"))
        return list(DIAGRAM[first : last + 1])
    return [State[name] for name in cell.split(", ")]


def _kinds(cell: str) -> set[Kind]:
    if cell == "every kind":
        return set(Kind)
    cell = cell.removeprefix("claimed ")
    names = cell.removeprefix("all but ")
    named = {Kind[name] for name in names.split(", ")}
    return named if names == cell else set(Kind) - named


NURSE, HOSPITAL, AUTHORITY, ME, COLLEAGUE, STRANGER = (UUID(int=n) for n in range(1, 7))
NOW: Final = datetime(2026, 3, 2, 10, tzinfo=UTC)
PARTIES: Final = {Party.NURSE: NURSE, Party.INSTITUTION: HOSPITAL, Party.AUTHORITY: AUTHORITY}


def actor_as(role: Role, **changes: Any) -> Actor:
    """Somebody with one role, of the party that the application belongs to."""
    party = PARTY_OF[role]
    nurse_id = NURSE if party is Party.NURSE else None
    party_id = PARTIES.get(party) if party else None
    return replace(Actor(ME, party, party_id, frozenset({role}), nurse_id=nurse_id, name="我"), **changes)


def application_in(state: State, kind: Kind = Kind.RENEWAL, **changes: Any) -> Application:
    """An application that nothing but the table speaks about."""
    revision = 0 if state is State.DRAFT else 1
    plain = Application(UUID(int=9), kind, state, 7, revision, NURSE, HOSPITAL, AUTHORITY, {})
    return replace(plain, **changes)


def ripe(step: Step, state: State, kind: Kind, by: Actor) -> Application:
    """An application on which no guard forbids this step to this person."""
    held = {"holder_id": ME, "held_until": NOW + timedelta(minutes=30)}
    changes: dict[Step, dict[str, Any]] = {
        Step.CLAIM_BY_ID_NUMBER: {"institution_id": None},
        Step.LAPSE: {"institution_id": None},
        Step.PUT_BACK: held,
        Step.RESUME: {"on_hold": True},
        Step.OBJECT: {"filed_by": Party.INSTITUTION},
        Step.ANSWER_OBJECTION: {"filed_by": Party.INSTITUTION, "objected": True},
        Step.WITHDRAW: {"filed_by": by.party},
        Step.SUPPLEMENT: {"filed_by": by.party},
    }
    return application_in(state, kind, **changes.get(step, {}))


REGULATION = set(lines())
CLAIMED = {line for line in REGULATION if line[1] in (Step.DECLINE, Step.REJECT_CLAIM) and line[2] is line[3]}
"""What holds only where the institution has claimed the application."""
ALLOWED = {(role, step, source, kind): target for role, step, source, target, kind in REGULATION - CLAIMED}
PEOPLE = [role for role in Role if PARTY_OF[role] in {Party.NURSE, Party.INSTITUTION, Party.AUTHORITY}]


def roles_of(role: Role) -> set[Role]:
    """A manager has every right of an operator."""
    return {role, Role.OPERATOR} if role is Role.MANAGER else {role}


def target_of(role: Role, step: Step, state: State | None, kind: Kind) -> State | None:
    """Where the regulation leads, if anywhere."""
    return next((ALLOWED[r, step, state, kind] for r in roles_of(role) if (r, step, state, kind) in ALLOWED), None)


def ever_takes(role: Role, step: Step, *kinds: Kind) -> bool:
    """Whether the role takes the step in any state of an application of one of these kinds."""
    return any(target_of(role, step, state, kind) for state in (None, *State) for kind in kinds)


def refused(actor: Actor, application: Application, step: Step, expected_version: int | None = None) -> RegistryError:
    """How the step is refused."""
    # pytest.raises costs three times as much, and this is asked a hundred thousand times.
    try:
        target = next_state(actor, application, step, NOW, expected_version)
    except RegistryError as refusal:
        return refusal
    raise AssertionError(f"{step} was allowed and led to {target}")

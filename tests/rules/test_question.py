"""Questions: every step by everybody from every state, as the table of moves says it (N21, I25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final
from uuid import UUID

import pytest

from rules.errors import Conflict, FieldProblem, Invalid, NotAllowed, NotFound, RegistryError, WrongState
from rules.people import Actor, Party, Role
from rules.question import (
    MOVES,
    OF_ASKER,
    Question,
    QuestionState,
    QuestionStep,
    QuestionTopic,
    require_room,
    require_step,
    require_target,
)

pytestmark = pytest.mark.feature("N21", "I25")
NOW: Final = datetime(2026, 11, 30, 12, tzinfo=UTC)
_KEYS: Final = [UUID(int=n) for n in range(1, 20)]
ASKER, DESK, COLLEAGUE, REVIEWER, DECIDER, FAR, OTHER, NURSE, HERE, THERE, KEY = _KEYS[:11]


def actor(account: UUID, party: Party, role: Role, place: UUID | None = None, nurse: UUID | None = None) -> Actor:
    """Somebody."""
    return Actor(account, party, place, frozenset({role}), nurse_id=nurse)


PEOPLE: Final = {
    "asker": actor(ASKER, Party.NURSE, Role.NURSE, NURSE, NURSE),
    "another nurse": actor(OTHER, Party.NURSE, Role.NURSE, OTHER, OTHER),
    "help desk": actor(DESK, Party.HELP_DESK, Role.HELP_DESK),
    "reviewer": actor(REVIEWER, Party.AUTHORITY, Role.REVIEWER, HERE),
    "decider": actor(DECIDER, Party.AUTHORITY, Role.DECIDER, HERE),
    "far reviewer": actor(FAR, Party.AUTHORITY, Role.REVIEWER, THERE),
    "herself a reviewer": actor(REVIEWER, Party.AUTHORITY, Role.REVIEWER, HERE, NURSE),
    "herself of the desk": actor(DESK, Party.HELP_DESK, Role.HELP_DESK, None, NURSE),
}


def question(state: QuestionState = QuestionState.OPEN, authority: UUID | None = None) -> Question:
    """A question of the nurse, in this state, at the help desk or at an authority."""
    held = (None, None)
    return Question(KEY, state, 3, QuestionTopic.LAW, ASKER, NURSE, NURSE, (), HERE, authority, *held)


def answered(name: str, step: QuestionStep, at: Question) -> type[RegistryError] | QuestionState:
    """The state to which a step leads, or the refusal."""
    try:
        return require_step(PEOPLE[name], at, step, 3, NOW)
    except RegistryError as refusal:
        return type(refusal)


@pytest.mark.parametrize(("step", "state"), [*product(QuestionStep, QuestionState)])
@pytest.mark.parametrize("authority", [None, HERE])
def test_each_step_by_everybody_from_each_state(
    step: QuestionStep, state: QuestionState, authority: UUID | None
) -> None:
    leads = MOVES[step].get(state, WrongState)
    if step is QuestionStep.PUT_BACK and leads is not WrongState:
        leads = NotAllowed  # nobody has taken it
    at = question(state, authority)
    here = "reviewer" if authority else "help desk"
    reads = {"help desk", "herself of the desk"} | ({"reviewer", "herself a reviewer"} if authority else set())
    for name in PEOPLE:
        if step in OF_ASKER:
            expected = (
                MOVES[step].get(state, WrongState) if name == "asker" else NotAllowed if name in reads else NotFound
            )
        elif name == here:
            expected = leads
        else:
            expected = NotAllowed if name in reads | {"asker"} else NotFound
        assert answered(name, step, at) == expected, name


def test_a_question_is_answered_as_it_was_last_seen_and_by_who_holds_it() -> None:
    with pytest.raises(Conflict) as stale:
        require_step(PEOPLE["help desk"], question(), QuestionStep.ANSWER, 2, NOW)
    assert (stale.value.reason, stale.value.current_version) == ("VERSION_STALE", 3)
    held = replace(question(), holder_id=COLLEAGUE, held_until=NOW + timedelta(minutes=1))
    with pytest.raises(Conflict) as conflict:
        require_step(PEOPLE["help desk"], held, QuestionStep.ANSWER, 3, NOW)
    assert conflict.value.reason == "HELD_BY_ANOTHER"
    over = replace(held, held_until=NOW)
    assert require_step(PEOPLE["help desk"], over, QuestionStep.ANSWER, 3, NOW) is QuestionState.ANSWERED
    mine = replace(held, holder_id=DESK)
    assert require_step(PEOPLE["help desk"], mine, QuestionStep.PUT_BACK, 3, NOW) is QuestionState.OPEN
    assert require_step(PEOPLE["asker"], held, QuestionStep.CLOSE, 3, NOW) is QuestionState.CLOSED


def test_a_question_goes_to_the_authority_named_or_in_competence_and_not_where_it_lies() -> None:
    assert require_target(question(), None) == HERE
    assert require_target(question(), THERE) == THERE
    for at, named, problem in (
        (question(authority=HERE), None, "THERE_ALREADY"),
        (replace(question(), competent_id=None), None, "FIELD_REQUIRED"),
    ):
        with pytest.raises(Invalid) as refused:
            require_target(at, named)
        found: FieldProblem = refused.value.problems[0]
        assert (found.path, found.code) == ("authorityId", problem)


def test_the_sixth_file_is_one_too_many() -> None:
    require_room(4)
    with pytest.raises(NotAllowed):
        require_room(5)

"""The table of steps on a change of information: every role, every step, every state, in pure rules (N14, I15, I27)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import pytest

from rules.errors import Conflict, NotAllowed, NotFound, RegistryError
from rules.information_change import OPEN, ChangeState, ChangeStep, InformationChange
from rules.information_step import Around, open_steps, require_step, takes_effect
from rules.people import Actor, Party, Role
from rules.registration import Registration, RegistrationStatus

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY: Final = date(2026, 3, 2)
SHE, HOSPITAL, AUTHORITY, ABOVE, ELSEWHERE = (UUID(int=n) for n in range(1, 6))
HER: Final = Registration(SHE, RegistrationStatus.VALID, institution_id=HOSPITAL, authority_id=AUTHORITY)
AROUND: Final = Around(
    HER, TODAY, AUTHORITY, silence_until=TODAY, objection_until=TODAY, disputable=("school",), unattended=False
)
SILENT: Final = replace(AROUND, silence_until=TODAY - timedelta(days=1))


def actor(party: Party, of: UUID, role: Role, nurse_id: UUID | None = None) -> Actor:
    return Actor(UUID(int=99), party, of, frozenset({role}), nurse_id=nurse_id)


N, I, A = Party.NURSE, Party.INSTITUTION, Party.AUTHORITY  # noqa: E741
PEOPLE: Final = {
    "nurse": actor(N, SHE, Role.NURSE, SHE),
    "another nurse": actor(N, ELSEWHERE, Role.NURSE, ELSEWHERE),
    "operator": actor(I, HOSPITAL, Role.OPERATOR),
    "manager": actor(I, HOSPITAL, Role.MANAGER),
    "viewer": actor(I, HOSPITAL, Role.VIEWER),
    "operator who is she": actor(I, HOSPITAL, Role.OPERATOR, SHE),
    "operator elsewhere": actor(I, ELSEWHERE, Role.OPERATOR),
    "reviewer": actor(A, AUTHORITY, Role.REVIEWER),
    "reviewer who is she": actor(A, AUTHORITY, Role.REVIEWER, SHE),
    "decider": actor(A, AUTHORITY, Role.DECIDER),
    "supervisor": actor(A, AUTHORITY, Role.SUPERVISOR),
    "reviewer above": actor(A, ABOVE, Role.REVIEWER),
    "help desk": actor(Party.HELP_DESK, ELSEWHERE, Role.HELP_DESK),
    "nurse not activated": replace(actor(N, SHE, Role.NURSE, SHE), active=False),
}


def change(state: ChangeState, by: Party = N, *, escalated: bool = False, paper: bool = False) -> InformationChange:
    """A change that stands so."""
    at = NOW if escalated else None
    given = (UUID(int=7), SHE, state, 1, by, {"school": "北京大学"}, {"school": None}, (), ())
    return InformationChange(*given, NOW, NOW, at, at if by is I else None, paper)


S = ChangeState
DESK: Final = {"operator": "APPROVE REJECT RETURN", "manager": "APPROVE REJECT RETURN"}
TAKEN_BACK: Final = {"operator": "WITHDRAW", "manager": "WITHDRAW"}
TABLE: Final[list[tuple[InformationChange, Around, dict[str, str]]]] = [
    (change(S.PENDING), AROUND, {"nurse": "WITHDRAW", **DESK}),
    (change(S.PENDING), SILENT, {"nurse": "WITHDRAW ESCALATE", **DESK}),
    (change(S.PENDING), replace(AROUND, silence_until=None), {"nurse": "WITHDRAW", **DESK}),
    (change(S.PENDING), replace(AROUND, unattended=True), {"nurse": "WITHDRAW ESCALATE", **DESK}),
    (change(S.PENDING, escalated=True), SILENT, {"nurse": "WITHDRAW", "reviewer": "APPROVE REJECT RETURN"}),
    (
        change(S.PENDING),
        replace(SILENT, registration=replace(HER, institution_id=None)),
        {"nurse": "WITHDRAW", "reviewer": "APPROVE REJECT RETURN"},
    ),
    (
        change(S.PENDING, escalated=True),
        replace(AROUND, office=ABOVE),
        {"nurse": "WITHDRAW", "reviewer above": "APPROVE REJECT RETURN", "reviewer": "APPROVE REJECT RETURN"},
    ),
    (change(S.RETURNED), AROUND, {"nurse": "ANSWER WITHDRAW"}),
    (change(S.RETURNED, escalated=True), AROUND, {"nurse": "ANSWER WITHDRAW"}),
    (change(S.ANNOUNCED, I, paper=True), AROUND, {"nurse": "OBJECT", **TAKEN_BACK}),
    (change(S.ANNOUNCED, I, paper=True), replace(AROUND, objection_until=None), {"nurse": "OBJECT", **TAKEN_BACK}),
    (change(S.ANNOUNCED, I, paper=True), replace(AROUND, objection_until=date(2026, 3, 1)), TAKEN_BACK),
    (change(S.DISPUTED, I, escalated=True), AROUND, {"reviewer": "APPROVE REJECT", **TAKEN_BACK}),
    (change(S.APPROVED, I), AROUND, {"nurse": "OBJECT"}),
    (change(S.APPROVED, I), replace(AROUND, disputable=()), {}),
    (change(S.APPROVED, I, paper=True), AROUND, {}),
    (change(S.APPROVED, I, escalated=True), AROUND, {}),
    *((change(state), AROUND, {}) for state in S if state not in OPEN),
]


@pytest.mark.feature("N14", "I14", "I15", "I27")
@pytest.mark.parametrize("row", range(len(TABLE)))
def test_each_is_offered_the_steps_of_the_table_and_is_refused_all_others(row: int) -> None:
    it, around, steps = TABLE[row]
    for name, person in PEOPLE.items():
        expected = steps.get(name, "").split()
        assert [str(one) for one in open_steps(person, it, around)] == expected, name
        for step in ChangeStep:
            if step in expected:
                require_step(step, person, it, around, 1)
            else:
                with pytest.raises(RegistryError):
                    require_step(step, person, it, around, 1)


@pytest.mark.parametrize(("step", "name"), [*itertools.product(ChangeStep, ("another nurse", "operator elsewhere"))])
def test_strangers_find_nothing_in_any_state(step: ChangeStep, name: str) -> None:
    for by, state in itertools.product((N, I), S):
        with pytest.raises(NotFound):
            require_step(step, PEOPLE[name], change(state, by), AROUND, 1)


def test_a_step_on_an_older_version_or_on_what_is_over_is_a_conflict() -> None:
    for state, version, code in ((S.PENDING, 2, "VERSION_STALE"), (S.REJECTED, 1, "REQUEST_DECIDED")):
        with pytest.raises(Conflict) as refusal:
            require_step(ChangeStep.APPROVE, PEOPLE["operator"], change(state), AROUND, version)
        assert refusal.value.situation == code


@pytest.mark.parametrize(
    ("step", "name", "state", "code"),
    [
        (ChangeStep.APPROVE, "operator", S.RETURNED, "CHANGE_RETURNED"),
        (ChangeStep.ANSWER, "nurse", S.PENDING, "CHANGE_PENDING"),
        (ChangeStep.RETURN, "operator", S.ANNOUNCED, "CHANGE_ANNOUNCED"),
        (ChangeStep.RETURN, "reviewer", S.DISPUTED, "CHANGE_DISPUTED"),
        (ChangeStep.APPROVE, "reviewer", S.PENDING, "CHANGE_WITH_INSTITUTION"),
        (ChangeStep.APPROVE, "operator", S.DISPUTED, "CHANGE_WITH_AUTHORITY"),
        (ChangeStep.WITHDRAW, "nurse", S.ANNOUNCED, "CHANGE_OF_INSTITUTION"),
        (ChangeStep.ESCALATE, "nurse", S.PENDING, "INSTITUTION_HAS_TIME"),
        (ChangeStep.APPROVE, "operator who is she", S.PENDING, "ABOUT_YOURSELF"),
    ],
)
def test_a_refusal_says_where_it_stands(step: ChangeStep, name: str, state: ChangeState, code: str) -> None:
    edit = state in (S.ANNOUNCED, S.DISPUTED)
    it = change(state, I if edit else N, escalated=state is S.DISPUTED, paper=edit)
    with pytest.raises(NotAllowed) as refusal:
        require_step(step, PEOPLE[name], it, AROUND, 1)
    assert refusal.value.reason == code


def test_an_announced_edit_takes_effect_on_the_day_after_her_time_and_no_day_is_left_between() -> None:
    it = change(S.ANNOUNCED, I, paper=True)
    for until, effect in ((TODAY, False), (TODAY - timedelta(days=1), True), (None, False)):
        around = replace(AROUND, objection_until=until)
        assert takes_effect(it, around) is effect
        assert (ChangeStep.OBJECT in open_steps(PEOPLE["nurse"], it, around)) is not effect


def test_of_a_record_merged_into_another_nothing_is_offered() -> None:
    around = replace(AROUND, merged=True)
    assert [one for name in PEOPLE for one in open_steps(PEOPLE[name], change(S.PENDING), around)] == []

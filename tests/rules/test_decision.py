"""The decisions that still speak of an application as it is filed now, and those that do not."""

from __future__ import annotations

import pytest

from rules.application import State
from rules.decision import DecisionOutcome, DecisionStage, counts

pytestmark = pytest.mark.feature("I18")
INSTITUTION, REVIEW, DECISION = DecisionStage


@pytest.mark.parametrize(
    ("stage", "outcome", "state", "on_this_revision", "on_an_earlier_one"),
    [
        (INSTITUTION, "AGREED", State.ACCEPTED, True, True),
        (INSTITUTION, "RETURNED", State.RETURNED, True, False),
        (INSTITUTION, "RETURNED", State.LAPSED, True, False),
        (INSTITUTION, "REFUSED", State.INSTITUTION_REJECTED, True, True),
        (INSTITUTION, "REFUSED", State.INSTITUTION_REVIEW, False, False),
        (INSTITUTION, "REFUSED", State.WITHDRAWN, False, False),
        (INSTITUTION, "NO_OTHER_PERSON", State.AUTHORITY_INTAKE, False, False),
        (REVIEW, "CORRECTION_REQUIRED", State.CORRECTION_REQUIRED, True, False),
        (REVIEW, "ACCEPTED", State.APPROVED, True, True),
        (REVIEW, "NOT_ACCEPTED", State.NOT_ACCEPTED, True, True),
        (REVIEW, "TRANSFERRED", State.AUTHORITY_INTAKE, False, False),
        (REVIEW, "PASSED_UP", State.ACCEPTED, False, False),
        (REVIEW, "REFUSED", State.ACCEPTED, True, True),
        (DECISION, "REFUSED", State.REJECTED, True, True),
        (DECISION, "DEEMED", State.APPROVED, True, True),
        (DECISION, "VOIDED", State.VOIDED, True, True),
    ],
)
def test_a_decision_counts_while_nothing_has_taken_its_place(
    stage: DecisionStage, outcome: str, state: State, on_this_revision: bool, on_an_earlier_one: bool
) -> None:
    found = [counts(stage, DecisionOutcome[outcome], state=state, current=current) for current in (True, False)]
    assert found == [on_this_revision, on_an_earlier_one]

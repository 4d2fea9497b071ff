"""The known facts of a nurse at a judgement, and the findings of a condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias
from uuid import UUID

from rules.errors import Words
from rules.form import Form
from rules.form_checks import months_between
from rules.institution import InstitutionState
from rules.kinds import Kind
from rules.label import Labelled
from rules.nurse import HealthStatus
from rules.people import Party
from rules.registration import Registration

WINDOW_DAYS: Final = 90
TRAINING_MONTHS: Final = 3
YEARS_WITHOUT: Final = 3


class Outcome(Labelled):
    """The outcome of a rule for this nurse; UNKNOWN is left to the reviewer, or to a form not yet filled."""

    PASS = "PASS", "符合"
    FAIL = "FAIL", "不符合"
    UNKNOWN = "UNKNOWN", "待核实"


@dataclass(frozen=True, slots=True)
class Facts:
    """The known facts of a nurse at a judgement.

    `window_days` is the authority's setting (at least 90); `practised_until` the last day on which the nurse may have
    practised, if it lies in the past, and `interruption_years` how long after it no training is
    asked for; `target` the institution that the application is addressed to. Without a `form` it is not filled yet.
    """

    registration: Registration
    account_active: bool  # or far enough for this kind
    open_kinds: frozenset[Kind] = frozenset()  # her other open applications
    health_status: HealthStatus | None = None
    window_days: int = WINDOW_DAYS
    form: Form | None = None
    filed_by: Party = Party.NURSE
    filed: bool = False  # it has been, and is judged again at the decision
    birth_date: date | None = None
    exam_passed_on: date | None = None
    exam_year: int | None = None
    practised_until: date | None = None
    interruption_years: int = YEARS_WITHOUT
    target_id: UUID | None = None
    target_state: InstitutionState | None = None
    drafted: bool = False  # she has begun this kind already, and asks whether she may begin it
    next_step: Words | None = None  # what she does next for an active account

    def filled(self, name: str) -> Any:
        """The form's value under this name; None if it has none."""
        return getattr(self.form, name, None)

    @property
    def trained(self) -> bool:
        """True if the form names a clinical training of three months or more."""
        first, last = self.filled("trained_from"), self.filled("trained_until")
        return bool(first and last) and months_between(first, last, TRAINING_MONTHS)

    @property
    def trained_too_short(self) -> bool:
        """True if the form names a clinical training, and that is shorter."""
        first, last = self.filled("trained_from"), self.filled("trained_until")
        return bool(first and last) and not self.trained


Finding: TypeAlias = tuple[Outcome, Words | None, date | None]
Judge: TypeAlias = Callable[[Facts, date], Finding]
PASS: Final[Finding] = (Outcome.PASS, None, None)


def fail(zh: str, en: str, earliest: date | None = None) -> Finding:
    """A finding that the condition is not met: the advice, and the first day on which it will be met."""
    return Outcome.FAIL, Words(zh, en), earliest


def unknown(zh: str, en: str) -> Finding:
    """A finding that the condition cannot be judged yet: the missing information."""
    return Outcome.UNKNOWN, Words(zh, en), None

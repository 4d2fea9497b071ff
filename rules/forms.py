"""The forms that the kinds of application ask for (申请表), one dataclass each.

A new form is one dataclass here and its name in the kind's line of `rules.kinds.KINDS`; the schema's types are made
of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from rules.chronology import study_problems
from rules.deregistration import PROVEN
from rules.errors import FieldProblem, Words
from rules.form import Form
from rules.form_checks import NAME_LENGTH, NUMBER_LENGTH, TRAINING_IN_FULL, order_problems
from rules.form_field import AllOrNone, Examination, Kept, MilitaryExpiry, Past, Text, When
from rules.label import Labelled
from rules.nurse import (
    Degree,
    Department,
    DeregistrationReason,
    Education,
    HealthStatus,
    StudyLength,
    Title,
    degree_problems,
)
from rules.other import LONGEST_OTHER, NOT_OTHER, WHICH

_KEPT: Final = Kept(Words("在册信息中没有该项，请填写", "It is not on record: fill it in."))
_WORDS: Final = Text(LONGEST_OTHER, lines=False)
_OTHER_DEPARTMENT: Final = When("department", {Department.OTHER}, missing=WHICH, only=NOT_OTHER)
_OTHER_EDUCATION: Final = When("education", {Education.OTHER}, missing=WHICH, only=NOT_OTHER)
_TRAINING: Final = AllOrNone(("trainingInstitution", "trainedFrom", "trainedUntil"), TRAINING_IN_FULL)


class MilitarySource(Labelled):
    """The source of a nurse who was not registered with the civil authorities (来源)."""

    MILITARY = "MILITARY", "军队到地方执业"
    ARMED_POLICE = "ARMED_POLICE", "武警到地方执业"


class ReissueCause(Labelled):
    """Why a certificate is needed anew (补办原因)."""

    LOST = "LOST", "遗失"
    DAMAGED = "DAMAGED", "损坏"


@dataclass(frozen=True)
class FirstForm(Form):
    """Asked of a nurse who was never registered (首次注册申请)."""

    health_status: HealthStatus
    health_examined_on: Annotated[date | None, Examination("FIRST")]
    department: Department
    title: Title
    school: Annotated[str, Text(NAME_LENGTH)]
    major: Annotated[str, Text(NAME_LENGTH)]
    education: Education
    degree: Degree
    study_length: StudyLength
    graduated_on: Annotated[date, Past()]
    internship_from: Annotated[date, Past()]
    internship_until: Annotated[date, Past()]
    training_institution: Annotated[str | None, Text(NAME_LENGTH), _TRAINING] = None
    trained_from: Annotated[date | None, Past(), _TRAINING] = None
    trained_until: Annotated[date | None, Past(), _TRAINING] = None
    other_department: Annotated[str | None, _WORDS, _OTHER_DEPARTMENT] = None
    other_education: Annotated[str | None, _WORDS, _OTHER_EDUCATION] = None

    def compared(self) -> Iterator[FieldProblem]:
        """The problems of the days of her studies, in their order."""
        yield from order_problems("internshipUntil", self.internship_from, self.internship_until)
        yield from _trained(self)
        yield from degree_problems(self.education, self.degree)
        yield from study_problems(self.graduated_on, self.internship_until, self.trained_from)

    def record(self) -> Mapping[str, object]:
        """Health, work and education go into the nurse's record."""
        names = ("school", "major", "education", "other_education", "degree", "study_length", "graduated_on")
        return {**_at_work(self), **{name: getattr(self, name) for name in names}}


@dataclass(frozen=True)
class RenewalForm(Form):
    """Asked of a nurse whose registration runs out (延续注册申请).

    A renewal moves nobody to another department or title: left out, both stay as on record.
    """

    health_status: HealthStatus
    health_examined_on: Annotated[date | None, Examination("RENEWAL")]
    department: Annotated[Department | None, _KEPT] = None
    title: Annotated[Title | None, _KEPT] = None
    remarks: Annotated[str | None, Text()] = None
    other_department: Annotated[str | None, _WORDS, _OTHER_DEPARTMENT] = None

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into the nurse's record."""
        return _at_work(self)


@dataclass(frozen=True)
class ChangeForm(Form):
    """Asked of a nurse who will practise elsewhere (变更注册申请).

    A change is a report (条例 9), so no proof of health belongs to it (许可法 31); who wants to may name one.
    """

    department: Department
    change_reason: Annotated[str, Text()]
    health_status: HealthStatus | None = None
    health_examined_on: date | None = None
    other_department: Annotated[str | None, _WORDS, _OTHER_DEPARTMENT] = None

    def record(self) -> Mapping[str, object]:
        """The new department goes into the nurse's record, and her health where she has named it."""
        health = {} if self.health_status is None else {"health_status": self.health_status}
        return {**health, "department": self.department, "other_department": self.other_department}


@dataclass(frozen=True)
class DeregistrationForm(Form):
    """The form of an application to end a registration (注销注册申请, I21)."""

    reason: DeregistrationReason
    remarks: Annotated[str | None, Text(), When("reason", {DeregistrationReason.OTHER})] = None
    proof: Annotated[str | None, Text(NAME_LENGTH), When("reason", PROVEN)] = None


@dataclass(frozen=True)
class ReregistrationForm(Form):
    """Asked of a nurse whose registration ended or expired (重新注册申请)."""

    health_status: HealthStatus
    health_examined_on: Annotated[date | None, Examination("REREGISTRATION")]
    department: Department
    title: Title
    training_institution: Annotated[str | None, Text(NAME_LENGTH), _TRAINING] = None
    trained_from: Annotated[date | None, Past(), _TRAINING] = None
    trained_until: Annotated[date | None, Past(), _TRAINING] = None
    recovery_judgment: Annotated[str | None, Text(NAME_LENGTH)] = None
    other_department: Annotated[str | None, _WORDS, _OTHER_DEPARTMENT] = None

    def compared(self) -> Iterator[FieldProblem]:
        """The problem of a training that ended before it began."""
        yield from _trained(self)

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into the nurse's record."""
        return _at_work(self)


@dataclass(frozen=True)
class MilitaryTransferForm(Form):
    """Asked of a nurse registered with the military or the armed police (军队武警护士变更到地方申请, N17)."""

    source: MilitarySource
    military_certificate_number: Annotated[str, Text(NUMBER_LENGTH)]
    military_valid_until: Annotated[date, MilitaryExpiry()]
    health_status: HealthStatus
    health_examined_on: Annotated[date | None, Examination("MILITARY_TRANSFER")]
    department: Department
    title: Title
    training_institution: Annotated[str | None, Text(NAME_LENGTH), _TRAINING] = None
    trained_from: Annotated[date | None, Past(), _TRAINING] = None
    trained_until: Annotated[date | None, Past(), _TRAINING] = None
    other_department: Annotated[str | None, _WORDS, _OTHER_DEPARTMENT] = None

    def compared(self) -> Iterator[FieldProblem]:
        """The problem of a training that ended before it began."""
        yield from _trained(self)

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into the nurse's record."""
        return _at_work(self)


@dataclass(frozen=True)
class ReissueForm(Form):
    """Asked of a nurse whose certificate is lost or damaged (证书补办申请, N20)."""

    cause: ReissueCause
    statement: Annotated[str, Text()]


def _trained(form: FirstForm | ReregistrationForm | MilitaryTransferForm) -> Iterator[FieldProblem]:
    if form.trained_from is not None and form.trained_until is not None:
        yield from order_problems("trainedUntil", form.trained_from, form.trained_until)


def _at_work(form: FirstForm | RenewalForm | ReregistrationForm | MilitaryTransferForm) -> Mapping[str, object]:
    work = {"department": form.department, "other_department": form.other_department, "title": form.title}
    return {"health_status": form.health_status, **work}

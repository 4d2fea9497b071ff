"""The forms that the kinds of application ask for (申请表), one dataclass each.

A new form is one dataclass here and its name in the kind's line of `rules.kinds.KINDS`; the schema's types are made
of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from rules.chronology import study_problems
from rules.deregistration import PROVEN
from rules.errors import FieldProblem, Words
from rules.form import Form
from rules.form_checks import (
    NAME_LENGTH,
    NUMBER_LENGTH,
    examination_problems,
    past_problems,
    span_problems,
    text_problems,
    training_problems,
)
from rules.label import Labelled
from rules.law import Law
from rules.nurse import Degree, Department, DeregistrationReason, Education, HealthStatus, StudyLength, Title
from rules.working_days import add_years

YEARS_VALID: Final = 5
_NOT_ON_RECORD: Final = Words("在册信息中没有该项，请填写", "It is not on record: fill it in.")


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
    health_examined_on: date | None
    department: Department
    title: Title
    school: str
    major: str
    education: Education
    degree: Degree
    study_length: StudyLength
    graduated_on: date
    internship_from: date
    internship_until: date
    training_institution: str | None = None
    trained_from: date | None = None
    trained_until: date | None = None
    other_department: str | None = None
    other_education: str | None = None

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of education and health: past studies, an examination that is not too old."""
        yield from examination_problems("FIRST", self.health_examined_on, filed_on, law)
        yield from text_problems("school", self.school, NAME_LENGTH, needed=True)
        yield from text_problems("major", self.major, NAME_LENGTH, needed=True)
        yield from past_problems("graduatedOn", self.graduated_on, filed_on)
        yield from span_problems("internshipUntil", self.internship_from, self.internship_until, filed_on)
        yield from training_problems(self.training_institution, self.trained_from, self.trained_until, filed_on)
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

    KEPT: ClassVar[frozenset[str]] = frozenset({"department", "title"})

    health_status: HealthStatus
    health_examined_on: date | None
    department: Department | None = None
    title: Title | None = None
    remarks: str | None = None
    other_department: str | None = None

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The health examination is not too old when filed; remarks are short and plain."""
        yield from examination_problems("RENEWAL", self.health_examined_on, filed_on, law)
        for path, value in (("department", self.department), ("title", self.title)):
            if value is None:
                yield FieldProblem(path, "FIELD_REQUIRED", _NOT_ON_RECORD)
        yield from text_problems("remarks", self.remarks)

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into the nurse's record."""
        return _at_work(self)


@dataclass(frozen=True)
class ChangeForm(Form):
    """Asked of a nurse who will practise elsewhere (变更注册申请).

    A change is a report (条例 9), so no proof of health belongs to it (许可法 31); who wants to may name one.
    """

    department: Department
    change_reason: str
    health_status: HealthStatus | None = None
    health_examined_on: date | None = None
    other_department: str | None = None

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of the reason, which is given in words; for an examination no report is refused."""
        yield from text_problems("changeReason", self.change_reason, needed=True)

    def record(self) -> Mapping[str, object]:
        """The new department goes into the nurse's record, and her health where she has named it."""
        health = {} if self.health_status is None else {"health_status": self.health_status}
        return {**health, "department": self.department, "other_department": self.other_department}


@dataclass(frozen=True)
class DeregistrationForm(Form):
    """The form of an application to end a registration (注销注册申请, I21)."""

    reason: DeregistrationReason
    remarks: str | None = None
    proof: str | None = None

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of the reason: words if it is not listed, the proof if another office has found it."""
        yield from text_problems("remarks", self.remarks, needed=self.reason.unlisted)
        yield from text_problems("proof", self.proof, NAME_LENGTH, needed=self.reason in PROVEN)


@dataclass(frozen=True)
class ReregistrationForm(Form):
    """Asked of a nurse whose registration ended or expired (重新注册申请)."""

    health_status: HealthStatus
    health_examined_on: date | None
    department: Department
    title: Title
    training_institution: str | None = None
    trained_from: date | None = None
    trained_until: date | None = None
    recovery_judgment: str | None = None
    other_department: str | None = None

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of health and training: the examination is recent, a training lies in the past."""
        yield from examination_problems("REREGISTRATION", self.health_examined_on, filed_on, law)
        yield from training_problems(self.training_institution, self.trained_from, self.trained_until, filed_on)
        yield from text_problems("recoveryJudgment", self.recovery_judgment, NAME_LENGTH)

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into the nurse's record."""
        return _at_work(self)


@dataclass(frozen=True)
class MilitaryTransferForm(Form):
    """Asked of a nurse registered with the military or the armed police (军队武警护士变更到地方申请, N17)."""

    source: MilitarySource
    military_certificate_number: str
    military_valid_until: date
    health_status: HealthStatus
    health_examined_on: date | None
    department: Department
    title: Title
    training_institution: str | None = None
    trained_from: date | None = None
    trained_until: date | None = None
    other_department: str | None = None

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The military certificate is valid for five years at most; the examination is recent."""
        yield from text_problems(
            "militaryCertificateNumber", self.military_certificate_number, NUMBER_LENGTH, needed=True
        )
        if self.military_valid_until > (latest := add_years(filed_on, YEARS_VALID)):
            zh, en = f"军队或武警护士证有效期不会晚于{latest}", f"It is valid until {latest} at most."
            yield FieldProblem("militaryValidUntil", "EXPIRY_TOO_FAR", Words(zh, en))
        yield from examination_problems("MILITARY_TRANSFER", self.health_examined_on, filed_on, law)
        yield from training_problems(self.training_institution, self.trained_from, self.trained_until, filed_on)

    def record(self) -> Mapping[str, object]:
        """Health, department and title go into the nurse's record."""
        return _at_work(self)


@dataclass(frozen=True)
class ReissueForm(Form):
    """Asked of a nurse whose certificate is lost or damaged (证书补办申请, N20)."""

    cause: ReissueCause
    statement: str

    def problems(self, filed_on: date, law: Law) -> Iterator[FieldProblem]:
        """The problems of the statement: it tells how the loss or damage happened (遗失或损坏声明)."""
        yield from text_problems("statement", self.statement, needed=True)


def _at_work(form: FirstForm | RenewalForm | ReregistrationForm | MilitaryTransferForm) -> Mapping[str, object]:
    work = {"department": form.department, "other_department": form.other_department, "title": form.title}
    return {"health_status": form.health_status, **work}

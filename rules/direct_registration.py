"""Registering a nurse who passed before 2008-05 and was never registered (A6, X6): the facts that must be known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from rules import spelling
from rules.direct_checks import exam_problems, fitness_problems, library_problems, trained_problems
from rules.errors import FieldProblem, Invalid, Together, Words
from rules.form_checks import text_problems
from rules.identity import DocumentType, Identity, identify, person_name
from rules.law import LAW, Law
from rules.matching import Exam
from rules.nurse import Degree, Education, HealthStatus, Sex, degree_problems, ethnic_group
from rules.other import words_problems
from rules.people import Actor, Role, require
from rules.wording import wording

LONGEST_EVIDENCE: Final = 1000
_NUMBER: Final = re.compile(r"[0-9A-Z]{4,30}")
_FOREIGN: Final = frozenset({DocumentType.FOREIGN_PERMANENT_RESIDENCE, DocumentType.PASSPORT})
"""The documents whose holder may belong to none of the ethnic groups of GB 3304."""


@dataclass(frozen=True, slots=True, repr=False)
class DirectEntry:
    """The nurse's record as the province has it from the papers; `evidence` names those papers."""

    name: str
    document_type: DocumentType
    id_number: str
    ethnicity: str
    health_status: HealthStatus
    education: Education
    degree: Degree
    exam_passed_on: date
    certificate_number: str
    institution_id: UUID
    evidence: str
    exam_certificate_number: str | None = None
    sex: Sex | None = None
    birth_date: date | None = None
    training_institution: str | None = None
    trained_from: date | None = None
    trained_until: date | None = None
    other_education: str | None = None

    @property
    def proof(self) -> str:
        """The evidence as it stands in 历史沿革, with the training where there was one."""
        if self.training_institution is None:
            return self.evidence
        return f"{self.evidence}\n临床护理培训：{self.training_institution}，{self.trained_from}至{self.trained_until}"


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """The parts of an entry that had to be brought into one form."""

    name: str
    identity: Identity
    sex: Sex
    birth_date: date
    ethnicity: str
    certificate_number: str
    exam_certificate_number: str | None


def require_registrar(actor: Actor) -> None:
    """Refuse an actor who is not a provincial admin."""
    require(actor, Role.PROVINCIAL_ADMIN)


def checked(entry: DirectEntry, exams: Sequence[Exam], today: date, law: Law = LAW) -> Known:
    """The entry as the register keeps it, or Invalid with all that is wrong; `exams` are the library's of her document.

    Her registration follows the same law as everybody's (条例 7): only the way is another.
    """
    exam = entry.exam_certificate_number
    with Together() as each:
        identity = each(lambda: identify(entry.document_type, entry.id_number, today))
        name = each(lambda: person_name(entry.name, entry.document_type))
        known_as = len(each.problems) == 0
        group = each(lambda: _ethnicity(entry))
        number = each(lambda: _number("certificateNumber", entry.certificate_number))
        exam = exam and each(lambda: _number("examCertificateNumber", exam or ""))
        sex, born = _personal(entry, identity)
        if identity and (sex is None or born is None):
            each.problems.append(FieldProblem("birthDate", "FIELD_REQUIRED", _BIRTH_DATE))
        if known_as:
            each.problems += library_problems(name, entry.exam_passed_on, exams)
        each.problems += [*exam_problems(entry.exam_passed_on, born), *fitness_problems(entry.health_status, law)]
        training = (entry.training_institution, entry.trained_from, entry.trained_until)
        each.problems += trained_problems(entry.exam_passed_on, *training, today, law=law)
        each.problems += degree_problems(entry.education, entry.degree)
        each.problems += words_problems(entry.education, "otherEducation", entry.other_education)
        each.problems += text_problems("evidence", entry.evidence, LONGEST_EVIDENCE, needed=True)
    assert sex is not None
    assert born is not None
    return Known(name, identity, sex, born, group, number, exam)


def _personal(entry: DirectEntry, identity: Identity | None) -> tuple[Sex | None, date | None]:
    if identity is None:
        return entry.sex, entry.birth_date
    return identity.sex or entry.sex, identity.birth_date or entry.birth_date


def _ethnicity(entry: DirectEntry) -> str:
    """The group by its name in GB 3304; of a foreigner what the papers say."""
    if entry.document_type not in _FOREIGN:
        return ethnic_group(entry.ethnicity, path="ethnicity")
    return wording("ethnicity", entry.ethnicity, 50)


def _number(path: str, text: str) -> str:
    number = spelling.code(text)
    if not _NUMBER.fullmatch(number):
        words = Words("编号应为4至30位字母或数字", "A number has 4 to 30 letters and digits.")
        raise Invalid(FieldProblem(path, "CERTIFICATE_NUMBER_FORMAT", words))
    return number


_BIRTH_DATE: Final = Words(
    "该证件不含性别和出生日期，请填写", "This document does not tell sex and birth date: give them."
)

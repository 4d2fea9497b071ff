"""Registering a nurse who passed before 2008-05 and was never registered (A6, X6): the facts that must be known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from rules import spelling
from rules.errors import FieldProblem, Invalid, NotAllowed, Words
from rules.identity import DocumentType, Identity, identify, person_name
from rules.matching import EXAM_LIBRARY_BEGAN
from rules.nurse import Degree, Education, HealthStatus, Sex
from rules.people import Actor, Party, Role
from rules.privacy import hidden_characters

LONGEST_EVIDENCE: Final = 1000
_NUMBER: Final = re.compile(r"[0-9A-Z]{4,30}")


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


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """The parts of an entry that had to be brought into one form."""

    name: str
    identity: Identity
    sex: Sex
    birth_date: date
    certificate_number: str
    exam_certificate_number: str | None


def require_registrar(actor: Actor) -> None:
    """Refuse an actor who is not a provincial admin."""
    if not actor.active or actor.party is not Party.AUTHORITY or Role.PROVINCIAL_ADMIN not in actor.roles:
        raise NotAllowed


def checked(entry: DirectEntry, today: date) -> Known:
    """The entry as the register keeps it, or Invalid saying what is wrong."""
    identity = identify(entry.document_type, entry.id_number, today)
    sex, born = identity.sex or entry.sex, identity.birth_date or entry.birth_date
    if sex is None or born is None:
        words = Words("该证件不含性别和出生日期，请填写", "This document does not tell sex and birth date: give them.")
        raise Invalid(FieldProblem("birthDate", "BIRTH_DATE_MISSING", words))
    if not born < entry.exam_passed_on < EXAM_LIBRARY_BEGAN:
        zh, en = "仅限2008年5月以前通过考试的人员", "Only who passed before May 2008 is registered this way."
        raise Invalid(FieldProblem("examPassedOn", "EXAM_NOT_BEFORE_2008", Words(zh, en)))
    number, exam = entry.certificate_number, entry.exam_certificate_number
    numbers = _number("certificateNumber", number), exam and _number("examCertificateNumber", exam)
    _require_texts(entry)
    return Known(person_name(entry.name, entry.document_type), identity, sex, born, *numbers)


def _number(path: str, text: str) -> str:
    number = spelling.code(text)
    if not _NUMBER.fullmatch(number):
        words = Words("编号应为4至30位字母或数字", "A number has 4 to 30 letters and digits.")
        raise Invalid(FieldProblem(path, "NUMBER_FORMAT", words))
    return number


def _require_texts(entry: DirectEntry) -> None:
    for path, text, longest in (("evidence", entry.evidence, LONGEST_EVIDENCE), ("ethnicity", entry.ethnicity, 50)):
        if not 1 <= len(text.strip()) <= longest or hidden_characters(text, allowed="\n"):
            words = Words(f"请填写1至{longest}个字", f"Give 1 to {longest} characters.")
            raise Invalid(FieldProblem(path, "TEXT_LENGTH", words))

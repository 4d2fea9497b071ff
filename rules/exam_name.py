"""Settling a name of the exam library that a machine cannot read (考试库姓名核定): by the province, with evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.errors import FieldProblem, Invalid, NotFound, Together, Words
from rules.identity import DocumentType, Identity, identify, person_name
from rules.key_fact import required_evidence
from rules.matching import may_mean

OTHER_NAME: Final = Words(
    "考试库中的姓名与所填姓名不符，请核对原件", "The exam library's name cannot be this one: check the original."
)


@dataclass(frozen=True, slots=True, repr=False)
class SettledName:
    """A person's name and document as the province has read them off the originals; `evidence` says which."""

    name: str
    document_type: DocumentType
    id_number: str
    evidence: str


def checked(given: SettledName, today: date) -> tuple[str, Identity, str]:
    """Name, document and evidence as they are kept, or Invalid."""
    with Together() as each:
        identity = each(lambda: identify(given.document_type, given.id_number, today))
        name = each(lambda: person_name(given.name, given.document_type))
        evidence = each(lambda: required_evidence(given.evidence))
    return name, identity, evidence


def require_settles(name: str, recorded: Sequence[str]) -> list[str]:
    """The recorded spellings that this name settles.

    NotFound if each of them can be read, Invalid if none of those that cannot may mean this name.
    """
    unread = [one for one in recorded if may_mean(one, None)]
    if not unread:
        raise NotFound
    if not (settled := [one for one in unread if may_mean(one, name)]):
        raise Invalid(FieldProblem("name", "OTHER_THAN_RECORDED", OTHER_NAME))
    return settled
